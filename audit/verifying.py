"""Checking the chain of seals against the events, from the first to the last."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from audit.actions import ERASED
from audit.models import Event, Seal
from audit.sealing import CONTENT, seal_hash

UNSEALED_FOR = timedelta(minutes=10)
PAGE = 2000


@dataclass(frozen=True)
class Report:
    """What a check found: how many seals hold, the hash of the last of them, and the first `fault` in words, or "".

    `erased` is how many of them are seals of events that were erased lawfully.
    """

    count: int = 0
    head: str = ""
    unsealed: int = 0
    fault: str = ""
    erased: int = 0


def verify(*, expect="", unsealed_for=UNSEALED_FOR):
    """Check every seal and return a `Report`. `expect` is the hash of a seal that the chain must hold.

    A seal that fails ends the check. An event that is not there any more was erased lawfully where a later one says so. Reads in pages, whatever the length of the chain, and holds up nobody.
    """
    now = timezone.now()
    # What was sealed by now was stored before, so events can be read after seals without a common snapshot.
    top = Seal.objects.order_by("-id").values_list("id", flat=True).first() or 0
    events = _paged(Event.objects.values_list(*CONTENT))
    event = next(events, None)
    number, last, head, found, lawful, erased = 0, 0, "", not expect, lawfully_erased(), 0
    for seal in _paged(Seal.objects.filter(id__lte=top).values_list("id", "event", "hash", "at")):
        is_gone = (event is None or event[0] > seal[1]) and lawful.get(seal[1], 0) > seal[1]
        fault = _fault(seal, event, number, last, head, is_gone)
        if fault:
            return Report(number, head, 0, fault, erased)
        number, last, head, _ = seal
        found |= head == expect
        if is_gone:
            erased += 1
        else:
            event = next(events, None)
    unsealed, fault = 0, ""
    while event:
        unsealed += 1
        if not fault and event[1] < now - unsealed_for:
            fault = (
                f"Event {event[0]} has waited too long for its seal, since {_words(event[1])}. Either nothing seals, or "
                "it was put in under an earlier time."
            )
        event = next(events, None)
    if not found:
        fault = (
            f"The head that was expected is not in the chain, which now ends with {f'event {last}' if last else 'no event'}"
            f" at number {number}: events were cut off its end, or the chain was built anew."
        )
    return Report(number, head, unsealed, fault, erased)


def lawfully_erased():
    """Return the ids of events that were erased lawfully, each with that of the event that tells of it."""
    told = Event.objects.filter(action=ERASED).values_list("id", "detail")
    return {pk: by for by, detail in told.iterator() for pk in detail.get("events", [])}


def _fault(seal, event, number, last, head, is_gone):
    """Return what is wrong with the next seal, given the next event and where the chain stood, in words; "" if nothing.

    With `is_gone` its event was erased lawfully, and there is nothing left to hold the seal against.
    """
    sealed_number, sealed_event, sealed_hash, at = seal
    if sealed_number != number + 1:
        of = f"event {event[0]}" if event else f"event {sealed_event}, or one before it,"
        return f"The seal of {of} is missing: number {number + 1} of the chain was taken away."
    if sealed_event <= last:
        return (
            f"Event {sealed_event} is sealed out of its order, at number {sealed_number}: seals were moved or forged."
        )
    if is_gone:
        return ""
    if event is None or event[0] > sealed_event:
        return (
            f"Event {sealed_event} is missing: it was sealed at number {sealed_number} on {_words(at)}, and is not there "
            "any more."
        )
    if event[0] < sealed_event:
        if Seal.objects.filter(event=event[0]).exists():
            return f"Event {event[0]} is sealed out of its order: seals were moved or forged."
        return f"Event {event[0]} was inserted: it stands among sealed events and was never sealed."
    if seal_hash(head, sealed_number, at, event) != sealed_hash:
        return (
            f"Event {sealed_event} is not what was sealed at number {sealed_number} on {_words(at)}: the event or its "
            "seal was changed."
        )
    return ""


def _paged(query):
    """Yield the rows of a query of tuples that begin with the id, in the order of the id."""
    last = 0
    while page := list(query.filter(id__gt=last).order_by("id")[:PAGE]):
        yield from page
        last = page[-1][0]


def _words(at):
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y at %H:%M}"
