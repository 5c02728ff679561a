"""The pages of cases, a module each."""
