"""What an action refuses, as a sentence for the person who asked."""

from django.utils import timezone


class Refused(Exception):
    """An action was refused and nothing was changed. The text is a sentence with the remedy."""


class InspectionLocked(Refused):
    """The ratings are locked: nothing that could move them is taken any more."""


class NotBegun(Refused):
    """The inspection is planned: nothing is answered or judged before its fieldwork."""


class Unfit(Refused):
    """What was given does not fit. `faults` has a sentence for each field that is wrong, by its name."""

    def __init__(self, faults):
        self.faults = faults
        super().__init__(" ".join(faults.values()))


class StaleEntry(Refused):
    """Somebody else wrote in the meantime: who and when; None where nothing stands at all. Nothing was overwritten."""

    def __init__(self, by=None, at=None):
        if by is None:
            super().__init__(
                "Your change builds on a text, and there is none. Look at it again, and save it once more."
            )
            return
        at = timezone.localtime(at)
        super().__init__(
            f"{by.name} changed this at {at:%H:%M} on {at:%-d %B %Y}, after you opened it. Nothing was overwritten: compare "
            "both texts, and save yours only if it should stand instead."
        )


class StalePlan(StaleEntry):
    """Somebody else changed the plan of an inspection in the meantime. Nothing was overwritten."""

    def __init__(self):
        Refused.__init__(
            self,
            "Somebody changed the plan after you opened it. Nothing was overwritten: compare both, and save yours only if "
            "it should stand instead.",
        )
