"""The inspection bundle: one JSON file that holds a whole inspection (docs/formats.md)."""
