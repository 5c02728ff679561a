"""The programme: the ratings of all inspections that somebody may see, beside each other, and taken out together."""
