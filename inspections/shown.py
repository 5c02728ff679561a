"""How entries read on pages: what they say, by label, from what a revision keeps."""

from datetime import date

from inspections.delivery import BEARINGS, GATHERINGS
from inspections.models import EvidenceKind, FindingKind, Surveyed


def day(stored):
    """Return a date, or one as JSON keeps it, as people read it: "3 May 2026"."""
    day = date.fromisoformat(stored) if isinstance(stored, str) else stored
    return f"{day.day} {day:%B %Y}"


def met_in_words(met):
    """Return who was met, one role on a line: "6 case managers"."""
    return "\n".join(f"{many} {role}" for many, role in met)


def evidence_rows(content):
    """Return what evidence says as [(label, text)], without what is empty."""
    kind = EvidenceKind(content["kind"])
    rows = [
        ("Kind", kind.label),
        ("Title", content["title"]),
        ("Date", day(content["date"])),
        ("What it shows", content["shows"]),
        ("How many it stands for", str(content["held"]) if kind in GATHERINGS and content["held"] != 1 else ""),
        ("Who was met", met_in_words(content["met"])),
        ("Supplied by", content["supplier"]),
        ("As at", day(content["as_at"]) if content["as_at"] else ""),
        ("Survey of", Surveyed(content["surveyed"]).label if content["surveyed"] else ""),
        ("Questions in the survey", _number(content["items"])),
        ("People who answered it", _number(content["responses"])),
        ("Bears on", bearings_in_words(content["bears_on"])),
        ("Withdrawn because", content["withdrawn_because"]),
    ]
    return [row for row in rows if row[1]]


def finding_rows(content):
    """Return what a finding says as [(label, text)], without what is empty."""
    rows = [
        ("Kind", FindingKind(content["kind"]).label),
        ("Finding", content["text"]),
        ("Key questions", ", ".join(content["key_questions"])),
        ("Rests on", ", ".join(f"E{number}" for number in content["evidence"])),
        ("Withdrawn because", content["withdrawn_because"]),
    ]
    return [row for row in rows if row[1]]


def bearings_in_words(bears_on):
    """Return what evidence bears on, one bearing on a line: "For: 1.1.1, 1.2.3"."""
    lines = []
    for bearing, label in BEARINGS.items():
        codes = [code for code, held in bears_on.items() if held == bearing]
        if codes:
            lines.append(f"{label}: {', '.join(codes)}")
    return "\n".join(lines)


def revisions_of(entry, rows):
    """Return the revisions of an entry, newest first: who, when, and what was changed, as [(label, text)] of `rows`."""
    revisions = list(entry.revisions.select_related("by"))
    shown = []
    for revision, before in zip(revisions, [*revisions[1:], None], strict=True):
        stood = dict(rows(before.content)) if before else {}
        now = dict(rows(revision.content))
        changed = [(label, now.get(label, "")) for label in {**stood, **now} if stood.get(label) != now.get(label)]
        shown.append({"revision": revision, "changed": changed if before else [], "first": before is None})
    return shown


def _number(number):
    return "" if number is None else str(number)
