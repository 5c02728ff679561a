"""Kinds of cases that somebody may be especially suited for, in the words of an inspection's standards document.

Values in, new values out. A kind is a sample, a disposal, or an option of a profile field that the sample must match; its
code names both, such as `harm_classification=high`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from standards.document import Document

SAMPLE, DISPOSAL = "sample", "disposal"


@dataclass(frozen=True)
class Kinds:
    """The kinds of one sort: a `label` for them together, and each one's words by its code.

    With `alone` the words tell what they are without the label.
    """

    label: str
    words: Mapping[str, str]
    alone: bool = False


def kinds(document: Document, worded: Callable[[str], str]) -> tuple[Kinds, ...]:
    """Return every kind of case, by sort. `worded` puts a text into the inspection's own terms."""
    samples = {f"{SAMPLE}={held.code}": f"{held.label[:1].upper()}{held.label[1:]} cases" for held in document.samples}
    disposals = {
        f"{DISPOSAL}={held.code}": worded(held.label) for sample in document.samples for held in sample.disposals
    }
    fields = {held.code: held for held in document.profile if held.options}
    return (
        Kinds("Sample", samples, alone=True),
        Kinds("Disposal", disposals, alone=True),
        *(
            Kinds(
                worded(fields[code].label),
                {f"{code}={option.code}": worded(option.label) for option in fields[code].options},
            )
            for code in document.sampling.stratify_by
            if code in fields
        ),
    )


def in_words(document: Document, worded: Callable[[str], str]) -> dict[str, str]:
    """Return each kind by its code in words that stand alone, with what an option is an option of."""
    found: dict[str, str] = {}
    for sort in kinds(document, worded):
        found |= {code: words if sort.alone else f"{sort.label}: {words}" for code, words in sort.words.items()}
    return found


def kinds_of_case(document: Document, sample: str, disposal: str, profile: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes of the kinds that a case is of."""
    found = {f"{SAMPLE}={sample}", f"{DISPOSAL}={disposal}"}
    for code in document.sampling.stratify_by:
        value = profile.get(code)
        values = value if isinstance(value, list) else [value]
        found |= {f"{code}={held}" for held in values if held}
    return frozenset(found)
