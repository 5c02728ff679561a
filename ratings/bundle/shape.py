"""A bundle's text as typed values. Knows the shape of the file, not what the standards say."""

import json
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from standards.checks import Fault

FORMAT = "evenhand-inspection/1"
LARGEST = 20 * 1024 * 1024
DEEPEST = 50


class MalformedBundle(Exception):
    """A bundle that cannot be taken. `faults` names every fault with its path; `str()` has one line for each."""

    def __init__(self, faults):
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class Part(BaseModel):
    """A part of a bundle: unknown keys are refused, and nothing is converted from another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Service(Part):
    """The service that is inspected."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)
    name: str = Field(min_length=1, max_length=200)
    short_name: str = Field(min_length=1, max_length=100)


class InspectionPart(Part):
    """The inspection and its settings. All but the slug may be left out."""

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=90)
    fieldwork_started: date | None = None
    fieldwork_ends: date | None = None
    terms: dict[str, str] = {}
    wording: dict[str, str] = {}
    applicability: dict[str, str] = {}
    figures_open: bool = False
    invented_answers: bool = False
    state: Literal["planned", "fieldwork", "moderation"] = "fieldwork"


class JudgementPart(Part):
    """The rating of a judged standard."""

    rating: str
    rationale: str = Field(min_length=1)


class AnswerPart(Part):
    """An answer with more than its value. `reason_awaited` marks a "not applicable" whose reason is still to come."""

    value: str | bool | list[str] | None = None
    reason: str = ""
    asked_because: str = ""
    reason_awaited: bool = False
    source: str = ""
    at_interview: bool = False


class FactPart(Part):
    """A fact with more than its value."""

    value: bool | None = None
    source: str = ""
    at_interview: bool = False


class HiddenAnswerPart(AnswerPart):
    """An answer to a question that the facts leave out, kept in case they change."""

    note: str = ""


class CasePart(BaseModel):
    """A case. Keys beyond these are its profile, which the standards document names."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    reference: str = Field(min_length=1, max_length=60)
    sample: str
    disposal: str
    status: Literal["allocated", "in_progress", "submitted", "returned", "agreed"] = "submitted"
    excluded: str | None = Field(default=None, min_length=1)
    excluded_as: Literal["not_eligible", "no_file", "conflict", "not_required", "other"] | None = None
    facts: dict[str, bool | FactPart | None] = {}
    answers: dict[str, str | list[str] | AnswerPart | None] = {}
    hidden_answers: dict[str, HiddenAnswerPart] = {}
    notes: dict[str, str] = {}

    @property
    def profile(self):
        """The keys that the standards document names as the profile of a case."""
        return self.model_extra or {}


class DiscretionPart(Part):
    """A ratified use of professional discretion."""

    standard: str
    to: str
    reason: str = Field(min_length=1)
    decided_by: str = Field(min_length=1, max_length=200)
    ratified_by: str = Field(min_length=1, max_length=200)
    decided_at: datetime | None = None


class Bundle(Part):
    """A whole inspection."""

    format: Literal["evenhand-inspection/1"]
    standards: str
    service: Service
    inspection: InspectionPart
    judgements: dict[str, JudgementPart] = {}
    cases: list[CasePart] = []
    discretion: list[DiscretionPart] = []


class Pairs(dict):
    """A JSON object that remembers which of its keys came twice."""

    def __init__(self, pairs):
        super().__init__(pairs)
        seen = set()
        self.twice = [key for key, _ in pairs if key in seen or seen.add(key)]


def read_bundle(raw: bytes) -> Bundle:
    """Return the bundle in `raw`. Raises MalformedBundle, naming every fault of its shape with the path."""
    if len(raw) > LARGEST:
        raise MalformedBundle(
            [Fault("", f"The file is larger than {LARGEST // 1024 // 1024} MB, the most that is taken.")]
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBundle(
            [Fault("", f"The file is not UTF-8 text: byte {error.start + 1} does not fit.")]
        ) from None
    try:
        data = json.loads(text, object_pairs_hook=Pairs, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedBundle([Fault("", f"The file is not JSON: {error.msg} at {where}.")]) from None
    except RecursionError:
        raise MalformedBundle([_too_deep()]) from None
    except ValueError as error:
        raise MalformedBundle([Fault("", f"The file is not JSON: {error}.")]) from None
    faults = list(_oddities(data))
    if faults:
        raise MalformedBundle(faults)
    try:
        return Bundle.model_validate_json(text)
    except ValidationError as error:
        raise MalformedBundle(_shape_faults(error)) from None


SHAPES = {
    "missing": "This key is missing.",
    "extra_forbidden": "This key is not known. Remove it.",
    "string_type": "This takes text.",
    "string_too_short": "This must not be empty.",
    "string_pattern_mismatch": "This takes small letters, digits and single hyphens between them.",
    "bool_type": "This takes true or false.",
    "list_type": "This takes a list.",
    "dict_type": "This takes keys with their values.",
    "model_type": "This takes keys with their values.",
    "date_from_datetime_parsing": "This takes a date such as 2019-02-04.",
    "date_parsing": "This takes a date such as 2019-02-04.",
    "date_type": "This takes a date such as 2019-02-04.",
    "datetime_parsing": "This takes a moment such as 2019-03-01T10:00:00+00:00.",
    "datetime_from_date_parsing": "This takes a moment such as 2019-03-01T10:00:00+00:00.",
    "datetime_type": "This takes a moment such as 2019-03-01T10:00:00+00:00.",
}


def _shape_faults(error):
    """Return the faults of a pydantic error as sentences, one for each place."""
    faults = {}
    for detail in error.errors():
        path = ""
        for part in detail["loc"]:
            if isinstance(part, int):
                path += f"[{part}]"
            elif part not in ALTERNATIVES:
                path = below(path, part)
        if detail["type"] == "string_too_long":
            message = f"This is longer than {detail['ctx']['max_length']} characters. Shorten it."
        elif detail["type"] == "literal_error":
            message = f"This must be {detail['ctx']['expected']}."
        else:
            message = SHAPES.get(detail["type"], f"{detail['msg']}.")
        # An answer may be a text, a list or an object: the alternatives that it is not are no news.
        faults.setdefault(
            path,
            Fault(
                path,
                message
                if not _alternative(detail)
                else "This is not an answer: give a text, a list of texts, or an object with “value”.",
            ),
        )
    return list(faults.values())


ALTERNATIVES = {"str", "bool", "list[str]", "AnswerPart", "FactPart"}


def _alternative(detail):
    if "facts" in detail["loc"][:3]:
        return False
    return any(part in ALTERNATIVES for part in detail["loc"]) and detail["type"] in (
        "string_type",
        "list_type",
        "model_type",
        "bool_type",
    )


def _refuse_constant(name):
    raise ValueError(f"{name} is not a JSON number")


def _too_deep():
    return Fault("", f"The file is nested more than {DEEPEST} levels deep, which no bundle is.")


def _oddities(data):
    """Yield what JSON readers let pass: keys given twice, characters that cannot be stored, endless nesting."""
    waiting = [("", data, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > DEEPEST:
            yield _too_deep()
            return
        if isinstance(value, Pairs):
            for key in value.twice:
                yield Fault(path, f"The key “{_printable(key)}” is given twice. Keep one of them.")
            for key in value:
                if _unstorable(key):
                    yield Fault(
                        path, f"The key “{_printable(key)}” holds a character that cannot be stored. Remove it."
                    )
            waiting += [(below(path, key), held, depth + 1) for key, held in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(f"{path}[{place}]", held, depth + 1) for place, held in reversed(list(enumerate(value)))]
        elif isinstance(value, str) and _unstorable(value):
            yield Fault(path, "The text holds a character that cannot be stored. Remove it.")


def _unstorable(text):
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


def _printable(text):
    return text.encode("ascii" if _unstorable(text) else "utf-8", "backslashreplace").decode()


def below(path, key):
    """Return the path of a key: `cases[0].facts`, or in brackets where the key holds a dot: `answers["2.1.1"]`."""
    if key.isidentifier():
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(_printable(key), ensure_ascii=False)}]"
