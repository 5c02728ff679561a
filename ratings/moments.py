"""Moments in the life of an inspection: each is named by the number of the last change in it, its sequence.

A clock time stands for the last change that was stored by then, seconds being the finest that is asked for: every change
of the second named is in it. Clock times are those of the inspection's own time zone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from cases.models import AnswerRevision, CaseRevision
from inspections.errors import Refused
from inspections.models import InspectionRevision, Judgement
from ratings.models import DiscretionDecision

# Every table whose rows carry the sequence of what they changed, and how each leads to its inspection.
REVISIONS = {
    AnswerRevision: "case__inspection",
    CaseRevision: "case__inspection",
    InspectionRevision: "inspection",
    Judgement: "inspection",
    DiscretionDecision: "inspection",
}
NUMBER = re.compile(r"[0-9]{1,18}")
SECOND = timedelta(seconds=1)


class NoSuchMoment(Refused):
    """What was asked for is no moment of this inspection. The text is a sentence with the remedy."""


@dataclass(frozen=True)
class Moment:
    """One moment: after change number `sequence`, which was stored at `changed_at`.

    `last` is the newest change there is. `asked_at` is the clock time that was asked for, None where the number was.
    `together` are the numbers of the changes stored in the second that was asked for, or else in that of the change.
    """

    sequence: int
    last: int
    changed_at: datetime
    asked_at: datetime | None
    together: tuple[int, ...]

    @property
    def name(self):
        """The moment as addresses carry it: a number, or a local time, with its offset where the clock shows it twice."""
        if self.asked_at is None:
            return str(self.sequence)
        local = timezone.localtime(self.asked_at)
        return local.isoformat() if _came_twice(local) else local.replace(tzinfo=None).isoformat()

    @property
    def until(self):
        """The end of the second that was asked for; None where a number was."""
        return self.asked_at and self.asked_at + SECOND

    @property
    def clock(self):
        """The clock time that was asked for, or else that of the change."""
        return clock(self.asked_at or self.changed_at)

    @property
    def earlier(self):
        """The number of the change before this one, None for the first."""
        return self.sequence - 1 or None

    @property
    def later(self):
        """The number of the change after this one, None for the newest."""
        return self.sequence + 1 if self.sequence < self.last else None

    @property
    def words(self):
        """The moment as it stands in a sentence: "at 14:02:05 on 3 May 2026, after change 57 of 812"."""
        change = f"after change {self.sequence:,} of {self.last:,}"
        if self.asked_at is None:
            return f"{change}, made at {clock(self.changed_at)}"
        return f"at {clock(self.asked_at)}, {change}"

    @property
    def notes(self):
        """What is worth knowing about the moment, as sentences."""
        notes = []
        if self.asked_at and _came_twice(timezone.localtime(self.asked_at)):
            notes.append("The clocks went back that night and showed this time twice. " + self._which())
        if len(self.together) > 1:
            notes.append(self._those_together())
        return notes

    def _which(self):
        first = timezone.localtime(self.asked_at).fold == 0
        return f"This is the {'first' if first else 'second'} time."

    def _those_together(self):
        count, first, last = len(self.together), self.together[0], self.together[-1]
        included = sum(number <= self.sequence for number in self.together)
        which = "all of them are in this" if included == count else f"{included} of them {_is(included)} in this"
        note = f"{count} changes were made in that second, numbers {first:,} to {last:,}, and {which}."
        return f"{note} Ask by number to see how things stood between them." if self.asked_at else note


def _is(count):
    return "is" if count == 1 else "are"


def clock(moment):
    """Return a moment to the second, in local time: "14:02:05 on 3 May 2026"."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M:%S} on {local.day} {local:%B %Y}"


def find_moment(inspection, name):
    """Return the `Moment` that an address names: a change's number, a local time, or "now".

    Raises NoSuchMoment for what is neither, for what is still to come, and for what was before the inspection.
    """
    if name == "now":
        return after_change(inspection, inspection.sequence.value)
    if NUMBER.fullmatch(name):
        return after_change(inspection, int(name))
    try:
        at = datetime.fromisoformat(name)
    except ValueError:
        raise NoSuchMoment("Say when: a date and time, or the number of a change.") from None
    return at_clock(inspection, at if at.tzinfo else local_time(at))


def after_change(inspection, number):
    """Return the moment after the change with this number. Raises NoSuchMoment."""
    last = inspection.sequence.value
    if not 1 <= number <= last:
        raise NoSuchMoment(f"Changes are numbered from 1 to {last:,}. Enter one of those.")
    changed_at = _stored_at(inspection, number)
    return Moment(number, last, changed_at, None, _in_second(inspection, changed_at))


def at_clock(inspection, at):
    """Return the moment of a clock time, whatever was stored in that second included. Raises NoSuchMoment."""
    at = at.astimezone(UTC).replace(microsecond=0)
    if at > timezone.now():
        raise NoSuchMoment("That is still to come. Enter a date and time in the past.")
    sequence = _last_before(inspection, at + SECOND)
    if sequence is None:
        created_at = _stored_at(inspection, 1)
        raise NoSuchMoment(f"This inspection was created at {clock(created_at)}. Enter a later date and time.")
    changed_at = _stored_at(inspection, sequence)
    return Moment(sequence, inspection.sequence.value, changed_at, at, _in_second(inspection, at))


def local_time(naive):
    """Return a local clock time as a moment, the second where the clock shows it twice. Raises NoSuchMoment.

    The clocks going forward leave out an hour: no time in it is one.
    """
    local = naive.replace(tzinfo=timezone.get_default_timezone(), fold=1)
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != naive:
        raise NoSuchMoment("The clocks went forward that night and left this time out. Enter an hour later.")
    return local


def _came_twice(local):
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _changes(inspection, **which):
    """Return (sequence, at) of every change of an inspection that fits. One query."""
    first, *others = [
        model.objects.filter(**{path: inspection}, **which).order_by().values_list("sequence", "at")
        for model, path in REVISIONS.items()
    ]
    return first.union(*others, all=True)


def _stored_at(inspection, sequence):
    """Return when the change with this number was stored; a number always stands for at least one row."""
    return max(at for _, at in _changes(inspection, sequence=sequence))


def _last_before(inspection, at):
    """Return the greatest number of a change that was stored before, or None."""
    found = [
        model.objects.filter(**{path: inspection}, at__lt=at).aggregate(last=Max("sequence"))["last"]
        for model, path in REVISIONS.items()
    ]
    return max(filter(None, found), default=None)


def _in_second(inspection, at):
    second = at.replace(microsecond=0)
    found = _changes(inspection, at__gte=second, at__lt=second + SECOND)
    return tuple(sorted({sequence for sequence, _ in found}))
