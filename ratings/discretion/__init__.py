"""Professional discretion: how each standard stands, and the steps that people take."""
