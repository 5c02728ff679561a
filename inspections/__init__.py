"""A service's inspection: its team, its standards, its lifecycle and its judgements."""
