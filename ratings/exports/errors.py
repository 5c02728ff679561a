"""What taking Annex 2 out may be refused for."""


class FormatNotAvailable(Exception):
    """Annex 2 cannot be had in that format. The text is a sentence that says what to do instead."""
