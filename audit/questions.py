"""Asking the record: who did what, found by index however long it is, and told in words."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from audit.actions import VERIFIED
from audit.models import Event, Seal
from audit.sealing import last_seal

LOOK = 20_000  # events that a search for words looks through at once
SEVERAL = "answers.recorded"  # says in its detail which questions it was about
# Verbs whose past does not end in -ed, as summaries begin with them.
IRREGULAR = {"Chose", "Drew", "Found", "Gave", "Had", "Held", "Kept", "Left", "Let", "Made", "Put", "Sent", "Set"}
IRREGULAR |= {"Shut", "Took", "Withdrew", "Wrote"}

# What is told in an inspection to those who see no cases; of every other kind only that it was done. Such as judgements,
# discretion and enquiries speak of cases without being about one.
OPEN = ("annex.", "audit.", "bundle.", "inspection.", "ratings.", "team.")

# The kinds there are, one step in the index for each.
KINDS = """
    WITH RECURSIVE kinds(action) AS (
        SELECT min(action) FROM audit_event
        UNION ALL
        SELECT (SELECT min(action) FROM audit_event WHERE action > kinds.action) FROM kinds WHERE action IS NOT NULL
    )
    SELECT action FROM kinds WHERE action IS NOT NULL
"""


@dataclass(frozen=True)
class Asked:
    """What is asked of the record; what is empty is not asked. `since` is a moment and `until` the first one after.

    `people` are email addresses. With `blind` nothing is looked at that may speak of cases, and in the inspections of
    `blind_in` neither.
    """

    inspection: str = ""
    people: tuple[str, ...] | None = None
    action: str = ""
    case: str = ""
    question: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    blind: bool = False
    blind_in: frozenset[str] = frozenset()

    def shows(self, event):
        """Return whether what an event says may be shown, or only that it was."""
        if not (self.blind or event.inspection in self.blind_in):
            return True
        return not event.case and (not event.inspection or event.action.startswith(OPEN))


def find(asked):
    """Return the events asked for, in no order."""
    found = Event.objects.all()
    for name in ("inspection", "action", "case"):
        if getattr(asked, name):
            found = found.filter(**{name: getattr(asked, name)})
    if asked.people is not None:
        found = found.filter(who_email__in=asked.people)
    if asked.question:
        among = Q(question="", action=SEVERAL, detail__answers__has_key=asked.question)
        found = found.filter(Q(question=asked.question) | among)
    if asked.since:
        found = found.filter(at__gte=asked.since)
    if asked.until:
        found = found.filter(at__lt=asked.until)
    if asked.text:
        found = found.filter(Q(summary__icontains=asked.text) | Q(reason__icontains=asked.text))
        told = Q(inspection="")
        for start in OPEN:
            told |= Q(action__startswith=start)
        told &= Q(case="")
        if asked.blind:
            found = found.filter(told)
        elif asked.blind_in:
            found = found.filter(~Q(inspection__in=asked.blind_in) | told)
    return found


@dataclass(frozen=True)
class Page:
    """Some events, newest first. `older` and `newer` are ids to go on from, None where there is nothing more.

    `looked_to` is the id that a search for words got to, where there are older events still.
    """

    events: list[Event]
    older: int | None
    newer: int | None
    looked_to: int | None = None


def page_of(asked, size, *, before=None, after=None):
    """Return the `Page` of events older than the id `before`, or newer than `after`; the newest with neither.

    A page costs the same however far back it is.
    """
    found = find(asked)
    if after is not None:
        events = list(found.filter(id__gt=after).order_by("id")[: size + 1])
        newer, events = len(events) > size, events[:size][::-1]
        if not events:
            return page_of(asked, size)
        return Page(events, events[-1].pk, events[0].pk if newer else None)
    if before is not None:
        found = found.filter(id__lt=before)
    looked_to = _looked_to(asked, before) if asked.text else None
    if looked_to:
        found = found.filter(id__gte=looked_to)
    events = list(found.order_by("-id")[: size + 1])
    more, events = len(events) > size, events[:size]
    older = events[-1].pk if more else looked_to
    newer = (events[0].pk if events else before - 1) if before is not None else None
    return Page(events, older, newer, None if more else looked_to)


def _looked_to(asked, before):
    """Return the id down to which a search for words looks, or None where that is the very first."""
    reach = Event.objects.all()
    if asked.inspection:
        reach = reach.filter(inspection=asked.inspection)
    if before is not None:
        reach = reach.filter(id__lt=before)
    last = list(reach.order_by("-id").values_list("id", flat=True)[LOOK - 1 : LOOK + 1])
    return last[0] if len(last) == 2 else None


def kinds():
    """Return the kinds of action that were ever recorded, as [(code, words)], in the order of the words."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS)
        return sorted(((action, kind(action)) for (action,) in cursor.fetchall()), key=lambda held: held[1])


def kind(action):
    """Return the kind of action in words: "answer.recorded" is "Answer recorded"."""
    return action.replace(".", " ").replace("_", " ").capitalize()


def sentence(event):
    """Return what happened as one sentence: "Ines Archer changed 2.1.1 in case 07 from Yes to No."."""
    first = event.summary.partition(" ")[0]
    if first.endswith("ed") or first in IRREGULAR:
        return f"{event.who} {event.summary[0].lower()}{event.summary[1:]}"
    return f"{event.who}: {event.summary}"


def bare_sentence(event):
    """Return who did what kind of thing, and nothing of what was recorded."""
    return f"{event.who}: {kind(event.action).lower()}"


def standing():
    """Return how the chain stands: `count`, `head`, `sealed_at`, `unsealed` (1,000 at most), and the last check, if any."""
    count, last, head = last_seal()
    check = Event.objects.filter(action=VERIFIED).order_by("-id").first()
    return {
        "count": count,
        "head": head,
        "sealed_at": Seal.objects.values_list("at", flat=True).filter(id=count).first(),
        "unsealed": len(Event.objects.filter(id__gt=last).order_by("id").values_list("id")[:1000]),
        "checked_at": check.at if check else None,
        "fault": check.detail["fault"] if check else "",
        "erased": check.detail.get("erased", 0) if check else 0,
    }
