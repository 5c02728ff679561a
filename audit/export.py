"""The record as CSV."""

import csv
import json
import re
from io import StringIO

from django.utils import timezone

from audit.models import Seal
from audit.questions import find, kind

CHUNK = 1000
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
COLUMNS = (
    "event", "at", "person", "email", "action", "inspection", "case", "question", "what", "reason", "detail",
    "seal.number", "seal.at", "seal.hash",
)  # fmt: skip


def as_csv(asked, *, last):
    """Yield the events asked for as CSV, oldest first, up to the id `last`; in pieces, however many there are.

    Moments carry their offset. Of events that are not to be shown, what they say stays empty.
    """
    yield _rows([COLUMNS])
    found, after = find(asked).filter(id__lte=last).order_by("id"), 0
    while events := list(found.filter(id__gt=after)[:CHUNK]):
        seals = {seal.event: seal for seal in Seal.objects.filter(event__in=[event.pk for event in events])}
        yield _rows(_row(event, asked.shows(event), seals.get(event.pk)) for event in events)
        after = events[-1].pk


def _row(event, is_shown, seal):
    said = (event.case, event.question, event.summary, event.reason, json.dumps(event.detail, ensure_ascii=False))
    return (
        event.pk,
        _moment(event.at),
        event.who,
        event.who_email,
        kind(event.action),
        event.inspection,
        *(said if is_shown else [""] * len(said)),
        *((seal.pk, _moment(seal.at), seal.hash) if seal else ("", "", "")),
    )


def _rows(rows):
    text = StringIO()
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def _moment(at):
    return timezone.localtime(at).isoformat()


def looks_like_formula(value):
    """Return whether a spreadsheet would take a value for a formula that is to be run."""
    return isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def cell(value):
    """Return a value as it stands in a cell of CSV.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    return f"'{value}" if looks_like_formula(value) else value


def shown(text):
    r"""Return a text as a workbook or a table can hold it.

    What XML refuses is shown as such: control characters by their pictures ("␀"), others by their number ("\ud800"). A
    line ends in "\n".
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _REFUSED.sub(_picture, text) if _REFUSED.search(text) else text


def _picture(found):
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else f"\\u{code:04x}"
