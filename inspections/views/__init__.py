"""The pages of organisational delivery."""
