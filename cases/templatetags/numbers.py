"""Large numbers, as people read them."""

from django import template

register = template.Library()


@register.filter
def number(value):
    """Return a whole number with commas between thousands: 12,000."""
    return f"{value:,}"
