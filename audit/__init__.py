"""The append-only record: who did what, when and why."""
