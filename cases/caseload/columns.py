"""Which column of a caseload is which, and which columns may not be there at all.

Values in, new values out. What can be read of a case follows from the standards document; names of columns are compared
without case, spaces and punctuation. Columns that are matched to nothing are not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from standards.document import Document

REFERENCE, CHILD, DISPOSAL, DISPOSAL_DATE = "reference", "child", "disposal", "disposal_date"
LONGEST_NAME = 100  # characters of the name of a column that are shown
REQUIRED = (REFERENCE, DISPOSAL, DISPOSAL_DATE)
OWN_LABELS = {
    REFERENCE: "Case reference",
    CHILD: "Child reference",
    DISPOSAL: "Disposal",
    DISPOSAL_DATE: "Date of disposal",
}

# What services usually call a column, beside its code and its label.
VARIANTS = {
    REFERENCE: ("reference", "ref", "case", "case ref", "case id", "case number", "case no", "id", "disposal reference"),
    CHILD: (
        "child", "child ref", "child id", "child number", "young person", "young person id", "young person reference",
        "yp", "yp id", "yp ref", "yp reference", "person id", "person reference", "client id", "client reference",
        "pseudonym", "child pseudonym",
    ),
    DISPOSAL: (
        "disposal type", "type of disposal", "disposal name", "name of disposal", "outcome", "legal outcome", "order", "order type",
        "type of order", "sentence", "sentence type", "type of sentence",
    ),
    DISPOSAL_DATE: (
        "disposal date", "date", "order date", "date of order", "sentence date", "date of sentence", "outcome date",
        "date of outcome", "release date", "date of release", "date of disposal or release",
    ),
    "sex": ("gender",),
    "age": ("age in years", "age at disposal"),
    "ethnicity": ("ethnic group", "ethnic origin", "ethnic background"),
    "offence": ("offence type", "main offence", "type of offence"),
    "local_disposal": ("local disposal", "local name of disposal"),
    "arrest_date": ("arrest date", "date of arrest"),
    "harm_classification": (
        "rosh", "rosh classification", "rosh level", "risk of serious harm", "risk of serious harm classification",
        "risk of serious harm level", "serious harm", "risk of harm", "harm", "harm level",
    ),
    "safety_classification": (
        "safety and wellbeing", "safety and wellbeing classification", "safety and wellbeing level", "safety",
        "safety level", "saw", "saw classification",
    ),
    "care_status": ("care", "looked after status"),
    "victim": ("victims",),
}  # fmt: skip

# What a column is about when one of these is among the words of its name, and the ends of words that say it.
IDENTIFYING = {
    "names": {"initials", "alias", "aliases", "aka"},
    "dates of birth": {"dob", "birth", "born", "birthday", "birthdate"},
    "NHS numbers": {"nhs"},
    "police or prison numbers": {"pnc", "pncid", "cro", "nomis", "noms", "asn", "crn"},
    "national insurance numbers": {"nino", "insurance"},
    "pupil numbers": {"upn", "uln", "pupil"},
    "addresses": {"address", "addresses", "street", "postcode", "postcodes", "uprn", "passport"},
    "email addresses": {"email", "emails", "mail"},
    "telephone numbers": {"phone", "phones", "telephone", "tel", "mobile"},
}
NAMING = re.compile(r"names?$")
RUN_TOGETHER = (
    "dateofbirth",
    "postcode",
    "nationalinsurance",
    "emailaddress",
    "contactnumber",
    "houseno",
    "housenumber",
)


@dataclass(frozen=True)
class Target:
    """What a column may be read as: a code, how people call it, and whether a caseload needs it."""

    code: str
    label: str
    required: bool = False


@dataclass(frozen=True)
class Matching:
    """Which column, by its place, is read as which target. `twice` are targets that several columns could be."""

    columns: Mapping[int, str]
    twice: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The targets that a caseload needs and no column is read as."""
        return tuple(code for code in REQUIRED if code not in self.columns.values())

    @property
    def settled(self) -> bool:
        """Whether every column that is needed is known, and none is in doubt."""
        return not self.missing and not self.twice


def squeezed(text: str) -> str:
    """Return a text as it is compared: letters and digits alone, in one case, and “&” as “and”."""
    return "".join(filter(str.isalnum, text.casefold().replace("&", "and")))


def targets(document: Document, worded: Callable[[str], str]) -> tuple[Target, ...]:
    """Return everything that can be read of a case, by the document, in order. `worded` puts a text into own terms."""
    own = [Target(code, label, code in REQUIRED) for code, label in OWN_LABELS.items()]
    return (
        *own,
        *(Target(held.code, worded(held.label)) for held in document.profile if held.code not in OWN_LABELS),
    )


def labels_of(header: Sequence[str]) -> dict[str, int]:
    """Return the place of every column by what people know it by: its name, and its number where that does not tell."""
    times = Counter(header)
    return {
        name if name and times[name] == 1 and len(name) <= LONGEST_NAME else _numbered(name, place): place
        for place, name in enumerate(header)
    }


def _numbered(name: str, place: int) -> str:
    short = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
    return f"{short or 'No name'} (column {place + 1})"


def match_columns(header: Sequence[str], document: Document, worded: Callable[[str], str]) -> Matching:
    """Return which columns are which, by their names."""
    names: dict[str, str] = {}
    for target in targets(document, worded):
        for name in (target.code, target.label, *VARIANTS.get(target.code, ())):
            names.setdefault(squeezed(name), target.code)
    names.update((squeezed(worded(held.label)), held.code) for held in document.profile if held.code in OWN_LABELS)
    found = {place: names[squeezed(name)] for place, name in enumerate(header) if squeezed(name) in names}
    times = [code for code in OWN_LABELS | dict.fromkeys(found.values()) if list(found.values()).count(code) > 1]
    return Matching({place: code for place, code in found.items() if code not in times}, tuple(times))


def identifying(header: Sequence[str], matching: Matching) -> dict[str, str]:
    """Return the columns that look as if they identified people, each with what it seems to hold, in words.

    A column whose name is known is not among them.
    """
    found = {}
    for place, name in enumerate(header):
        about = "" if place in matching.columns else _identifies(name)
        if about:
            found[name] = about
    return found


def _identifies(name: str) -> str:
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold().replace(".", ""))
    whole = squeezed(name)
    if any(NAMING.search(word) for word in words):
        return "names"
    for about, telling in IDENTIFYING.items():
        if telling & set(words) or ("".join(words) in telling):
            return about
    if any(whole.startswith(run) or whole.endswith(run) for run in RUN_TOGETHER):
        return "what identifies people"
    return ""
