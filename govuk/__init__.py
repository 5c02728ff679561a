"""The GOV.UK Design System for Django: a crispy-forms template pack, components and layout. Knows no room."""
