"""How well a sample matches the eligible cases it comes from, and how wide the margin of its parts is.

Values in, new values out. The sample is held against the population within each kind of case, since kinds are drawn in
shares of their own: across all of them a gap would only repeat that. Source: the rules page, "The sample".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cases.sampling import NOT_CLASSIFIED, Candidate, Share, margin_of_error, shares
from standards.document import Document

DISPOSAL = "disposal"


@dataclass(frozen=True)
class Balance:
    """The shares of one kind of case, in the order of the document: of how many eligible cases, and of how many drawn."""

    sample: str
    eligible: int
    drawn: int
    shares: tuple[Share, ...]

    def of_field(self, field: str) -> list[Share]:
        """Return the shares of one field."""
        return [share for share in self.shares if share.field == field]


@dataclass(frozen=True)
class Part:
    """A part of the sample, with how many cases are eligible and drawn; "" for `sample`, `field` and `value` is every one.

    `margin` is in percentage points either way, None where nothing of it is in the sample.
    """

    sample: str
    field: str
    value: str
    eligible: int
    drawn: int
    margin: float | None


def balances(document: Document, candidates: Iterable[Candidate], drawn: Collection[str]) -> tuple[Balance, ...]:
    """Return the balance of each kind of case. `drawn` are the references of the cases that count."""
    by_sample: dict[str, list[Candidate]] = {sample.code: [] for sample in document.samples}
    for candidate in candidates:
        by_sample[candidate.sample].append(candidate)
    fields = document.sampling.stratify_by
    found = []
    for sample, there in by_sample.items():
        held = sorted(shares(there, drawn, fields), key=lambda share: _place(document, share.field, share.value))
        count = sum(candidate.reference in drawn for candidate in there)
        found.append(Balance(sample, len(there), count, tuple(held)))
    return tuple(found)


def largest_gap(found: Iterable[Balance]) -> tuple[str, Share] | None:
    """Return the sample and the share whose gap is the largest, either way; of equals the first. None without a sample."""
    largest = None
    for balance in found:
        for share in balance.shares if balance.drawn else ():
            if largest is None or abs(share.gap) > abs(largest[1].gap):
                largest = balance.sample, share
    return largest


def parts(document: Document, found: Collection[Balance]) -> list[Part]:
    """Return the whole, each kind of case, and each value of each field in all kinds together, each with its margin."""
    eligible: Counter[tuple[str, str]] = Counter()
    drawn: Counter[tuple[str, str]] = Counter()
    for balance in found:
        for share in balance.shares:
            eligible[share.field, share.value] += share.eligible
            drawn[share.field, share.value] += share.drawn
    counted = [("", "", "", sum(held.eligible for held in found), sum(held.drawn for held in found))]
    counted += [(held.sample, "", "", held.eligible, held.drawn) for held in found]
    counted += [
        ("", field, value, eligible[field, value], drawn[field, value])
        for field, value in sorted(eligible, key=lambda held: _place(document, *held))
    ]
    return [Part(*held, margin_of_error(document.sampling, held[4], held[3])) for held in counted]


def _place(document: Document, field: str, value: str) -> tuple[int, int, str]:
    """Return where a value stands: by field and in the order of the document, what is not classified last."""
    if field == DISPOSAL:
        known = [held.code for sample in document.samples for held in sample.disposals]
    else:
        known = [option.code for held in document.profile if held.code == field for option in held.options]
    place = known.index(value) if value in known else len(known) + (value == NOT_CLASSIFIED)
    return document.sampling.stratify_by.index(field), place, value
