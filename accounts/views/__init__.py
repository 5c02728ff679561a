"""Pages of people, of one's own account, and what scripts ask about it."""
