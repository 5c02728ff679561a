"""Reads standards documents, and refuses malformed ones with every fault named by its path.

YAML and JSON take the same road: text → plain values → the shape of `standards.document` → `standards.checks`.
What is said of the shape is said all at once, and so is what the checks find once the shape is right.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from standards.checks import Fault, faults_of
from standards.document import Document, Sampling

__all__ = [
    "Fault",
    "MalformedDocument",
    "UnknownDocument",
    "available",
    "canonical_json",
    "checksum",
    "load",
    "read",
    "read_json",
]

DOCUMENTS = Path(__file__).parent / "documents"
DEEPEST = 50  # no document nests deeper than a dozen levels, and the YAML parser in C crashes on thousands
LARGEST = 2**31 - 1


class MalformedDocument(Exception):
    """A document was refused: `faults` says what is wrong, a line each in `str()`; `where` names what was read."""

    def __init__(self, faults: Iterable[Fault], where: str = "") -> None:
        self.faults = list(faults)
        self.where = where
        super().__init__(self.faults, where)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class UnknownDocument(LookupError):
    """There is no standards document of that code."""


def available(folders: Iterable[Path] = ()) -> dict[str, Path]:
    """Return the standards documents there are by code: those that ship, then `folders`, where a later one wins."""
    return {path.stem: path for folder in (DOCUMENTS, *folders) for path in sorted(Path(folder).glob("*.yaml"))}


def load(code: str, folders: Iterable[Path] = ()) -> Document:
    """Return the standards document of that code. Raises UnknownDocument or MalformedDocument."""
    there_are = available(folders)
    if code not in there_are:
        raise UnknownDocument(f'There is no standards document "{code}"; there are: {", ".join(there_are)}.')
    path = there_are[code]
    try:
        document = read(path.read_text(encoding="utf-8"), path.name)
    except UnicodeDecodeError:
        raise MalformedDocument([Fault("", "This is not UTF-8 text: save it as UTF-8.")], path.name) from None
    if document.code != code:
        fault = Fault("code", f'The file is called "{path.name}", so give "{code}", or rename the file.')
        raise MalformedDocument([fault], path.name)
    return document


def read(text: str, where: str) -> Document:
    """Return the document written in YAML `text`. Raises MalformedDocument, which names `where` it was read from."""
    try:
        return _read_yaml(text)
    except MalformedDocument as malformed:
        raise MalformedDocument(malformed.faults, where) from None


@lru_cache(maxsize=32)
def read_json(text: str) -> Document:
    """Return the document written in JSON `text`, such as `canonical_json` gives. Raises MalformedDocument."""
    try:
        return _document(json.loads(text, object_pairs_hook=_Pairs))
    except json.JSONDecodeError as error:
        raise MalformedDocument(
            [Fault(f"line {error.lineno}, column {error.colno}", f"This is not JSON: {error.msg}.")]
        ) from None
    except RecursionError:
        raise MalformedDocument([Fault("", "This is nested too deeply for a standards document.")]) from None
    except ValueError:
        raise MalformedDocument([Fault("", "A number here is too large.")]) from None


# Keys that came after the first edition. Where they say nothing they are not written, so that checksums outlive them.
LATER_KEYS = ("about", "alert_when", "nothing_done", "odd_pairs")


def canonical_json(document: Document) -> str:
    """Return the document as JSON: the same text for the same document, and `read_json` gives the document back."""
    written = asdict(document)
    standards = [standard for domain in written["domains"] for standard in domain["standards"]]
    for part in (written, *standards, *written["case_questions"]):
        for key in LATER_KEYS:
            if not part.get(key, True):
                del part[key]
    if document.sampling.few_cases == Sampling.few_cases:
        del written["sampling"]["few_cases"]
    return json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def checksum(document: Document) -> str:
    """Return the SHA-256 of the document's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(document).encode()).hexdigest()


# From text to plain values


class _Pairs(list[tuple[Any, Any]]):
    """The keys and values of one mapping as written, so that a key given twice is still seen."""


class _Odd:
    """A value that YAML can write and a document cannot hold."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # PyYAML without its C library
    """Safe YAML of texts, numbers, true, false, null, lists and mappings; anything else becomes `_Odd`."""

    def pairs(self, node: yaml.MappingNode) -> _Pairs:
        return _Pairs(
            (self.construct_object(key, True), self.construct_object(value, True)) for key, value in node.value
        )

    def number(self, node: yaml.ScalarNode) -> Any:
        integer = node.tag.endswith(":int")
        try:
            return self.construct_yaml_int(node) if integer else self.construct_yaml_float(node)
        except ValueError:
            return _Odd()

    def odd(self, node: yaml.Node) -> _Odd:
        return _Odd()


_TAG = "tag:yaml.org,2002:"
_Loader.yaml_constructors = {
    _TAG + "str": yaml.SafeLoader.construct_yaml_str,
    _TAG + "bool": yaml.SafeLoader.construct_yaml_bool,
    _TAG + "null": yaml.SafeLoader.construct_yaml_null,
    _TAG + "seq": lambda loader, node: [loader.construct_object(item, True) for item in node.value],
    _TAG + "map": _Loader.pairs,
    _TAG + "int": _Loader.number,
    _TAG + "float": _Loader.number,
    None: _Loader.odd,
}


@lru_cache(maxsize=32)
def _read_yaml(text: str) -> Document:
    try:
        _check_events(text)
        return _document(yaml.load(text, Loader=_Loader))  # noqa: S506  # a safe loader, narrowed further
    except yaml.MarkedYAMLError as error:
        raise MalformedDocument([Fault(_line(error.problem_mark), f"This is not YAML: {error.problem}.")]) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        raise MalformedDocument([Fault("", "This holds a character that no text has: is it a YAML file?")]) from None


def _check_events(text: str) -> None:
    """Refuse what would make the text harmless to look at and huge or endless to build."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            message = "This is nested too deeply for a standards document."
        elif isinstance(event, yaml.AliasEvent):
            message = "Write this out instead of pointing to an anchor."
        else:
            continue
        raise MalformedDocument([Fault(_line(event.start_mark), message)])


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


# From plain values to a document


class _File(BaseModel):
    """Hands its strictness down to the dataclasses of a document, which so need no pydantic of their own."""

    model_config = ConfigDict(extra="forbid", strict=True)
    document: Document


def _document(written: object) -> Document:
    faults: list[Fault] = []
    plain = _plain(written, "", faults)
    try:
        document = _File.model_validate_json(json.dumps({"document": plain})).document
    except ValidationError as error:
        named = {fault.path for fault in faults}
        faults += [fault for fault in map(_fault_of_shape, error.errors()) if fault.path not in named]
        raise MalformedDocument(faults) from None
    if not faults:
        faults = faults_of(document)
    if faults:
        raise MalformedDocument(faults)
    return document


def _plain(value: object, path: str, faults: list[Fault]) -> object:
    """Return what JSON can hold of a value, and note what it cannot."""
    if isinstance(value, _Pairs):
        plain: dict[str, object] = {}
        for key, held in value:
            if not isinstance(key, str):
                faults.append(Fault(path, f"The key {key} is not a word: put it in quotes."))
                continue
            below = f"{path}.{key}" if path else key
            if key in plain:
                faults.append(Fault(below, "This key is given twice: keep one."))
            plain[key] = _plain(held, below, faults)
        return plain
    if isinstance(value, list):
        return [_plain(item, f"{path}[{index}]", faults) for index, item in enumerate(value)]
    if isinstance(value, str) and any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in value):
        faults.append(Fault(path, "This text holds a control character: write it anew."))
    elif isinstance(value, float) and not math.isfinite(value):
        faults.append(Fault(path, "This is not a number that can be reckoned with."))
    elif isinstance(value, int) and abs(value) > LARGEST:
        faults.append(Fault(path, f"This number is too large: {LARGEST} at most."))
    elif not isinstance(value, str | int | float | None):
        faults.append(
            Fault(path, "A date or another special value cannot stand here: put it in quotes to make it text.")
        )
    else:
        return value
    return None


def _fault_of_shape(detail: Any) -> Fault:
    path = ""
    for part in detail["loc"][1:]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    match detail["type"]:
        case "missing" if isinstance(detail["loc"][-1], int):
            message = "A value is missing here."
        case "missing":
            message = "This key is missing."
        case "unexpected_keyword_argument":
            message = "This key is not known: check its spelling, or remove it."
        case "string_type":
            message = "Write text here, in quotes where it looks like a number, a date, yes or no."
        case "int_type" | "int_from_float":
            message = "Write a whole number here."
        case "float_type":
            message = "Write a number here."
        case "bool_type":
            message = "Write true or false here."
        case "tuple_type":
            message = "Write a list here."
        case "dataclass_type":
            message = "Write keys with their values here."
        case "literal_error":
            message = f"Write {detail['ctx']['expected']} here."
        case "too_long":
            message = f"Give {detail['ctx']['max_length']} values, not {detail['ctx']['actual_length']}."
        case _:  # a kind of fault that a later pydantic may add
            message = f"{detail['msg']}."
    return Fault(path, message)
