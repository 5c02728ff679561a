"""What the actions on cases refuse, as sentences for the person who asked."""

from django.utils import timezone

from inspections.errors import Refused, StaleEntry


class InvalidAnswer(Refused):
    """The value, reason or note does not fit the question."""


class UnknownQuestion(Refused):
    """The case has no such question."""


class ReasonNeeded(Refused):
    """The change needs a reason, and none was given."""


class CommandReused(Refused):
    """A command id came back with other content or from another person."""


class StaleAnswer(Refused):
    """Somebody else answered in the meantime. `current` is the answer as it stands, with who gave it and when."""

    def __init__(self, current):
        self.current = current
        if current.answered_by is None:
            super().__init__(
                f"{current.question} was never answered, and your change builds on an answer. Reload the page."
            )
            return
        at = timezone.localtime(current.answered_at)
        super().__init__(
            f"{current.answered_by.name} changed {current.question} at {at:%H:%M} on {at:%-d %B %Y}, after you opened it. "
            "Nothing was overwritten: compare both answers and choose."
        )


class NotSubmittable(Refused):
    """The case cannot be submitted. `missing` lists what is, as (question code, sentence)."""

    def __init__(self, missing):
        self.missing = missing
        count = len(missing)
        super().__init__(
            f"This case cannot be submitted yet: {count} {'thing is' if count == 1 else 'things are'} still missing."
        )


class StaleArrangement(StaleEntry):
    """Somebody else arranged something else for the case in the meantime: a sentence says how it stands. Nothing was changed."""

    def __init__(self, sentence):
        Refused.__init__(self, sentence)
