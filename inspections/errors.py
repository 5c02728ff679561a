"""What an action refuses, as a sentence for the person who asked."""


class Refused(Exception):
    """An action was refused and nothing was changed. The text is a sentence with the remedy."""


class InspectionLocked(Refused):
    """The ratings are locked: nothing that could move them is taken any more."""


class NotBegun(Refused):
    """The inspection is planned: nothing is answered or judged before its fieldwork."""
