"""The pages of ratings. None computes anything: they show stored results."""
