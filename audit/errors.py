"""What an action of this room refuses, as a sentence for the person who asked."""


class Refused(Exception):
    """An action was refused and nothing was changed. The text is a sentence with the remedy."""
