"""What a value looks like that identifies a person. Patterns can only suspect: what is refused is said with its remedy."""

from __future__ import annotations

import re

EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
NUMBERS = {
    "a police national computer number": re.compile(r"\b\d{2}(?:\d{2})?/\d{1,7}[A-Z]\b", re.IGNORECASE),
    "a prison number": re.compile(r"\b[A-Z]\d{4}[A-Z]{2}\b", re.IGNORECASE),
    "a national insurance number": re.compile(r"\b[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", re.IGNORECASE),
    "a pupil number": re.compile(r"\b[A-Z]\d{12}\b", re.IGNORECASE),
    "a telephone number": re.compile(r"(?<![\w-])\(?(?:\+44|0044|0)[ (0)-]*[1-37](?:[ )-]{0,2}\d){8,9}(?!\w)"),
    "a postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", re.IGNORECASE),
}
NHS = re.compile(r"(?<!\d)(\d{3})([ -]?)(\d{3})\2(\d{4})(?!\d)")
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DATE = re.compile(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{2}}|\d{{4}})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:{MONTHS})[a-z]* \d{{2,4}}",
    re.IGNORECASE,
)
# Words that stand in references without naming anybody.
PLAIN = {
    "area", "case", "caution", "child", "client", "community", "conditional", "court", "custody", "disposal", "east", "file",
    "north", "number", "ooc", "oocd", "order", "person", "record", "ref", "reference", "referral", "resolution", "sample",
    "south", "team", "west", "yjs", "young", "yos", "yot", "youth",
}  # fmt: skip
LIKELY = re.compile(r"[@ ,/.\-’']|\d{10}|^\D*$|^[A-Za-z]{1,2}\d")


def identifier_in(text: str) -> str:
    """Return what in a text seems to identify a person, in words ("an email address"); "" where nothing does."""
    if EMAIL.search(text):
        return "an email address"
    if any(_is_nhs("".join((held[1], held[3], held[4]))) for held in NHS.finditer(text)):
        return "an NHS number"
    return next((about for about, pattern in NUMBERS.items() if pattern.search(text)), "")


def identifier_as_reference(text: str) -> str:
    """Return what a reference seems to be instead of one, in words; "" where it may stand as one."""
    if not LIKELY.search(text):
        return ""  # most references: a word of letters and digits
    if DATE.fullmatch(text):
        return "a date"
    found = identifier_in(text)
    if found:
        return found
    words = [word for word in re.findall(r"[^\W\d_]{2,}", text) if word.casefold() not in PLAIN]
    if len(words) > 1 and all(_like_name(word) for word in words[:2]):
        return "a name"
    # A single word without a digit: a name, or a part of one.
    if words and not re.search(r"\d", text):
        return "a name"
    return ""


def _like_name(word: str) -> bool:
    return word.istitle() or word.islower() or len(word) > 4


def _is_nhs(digits: str) -> bool:
    """Return whether ten digits end in the check digit that NHS numbers have."""
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return int(digits[9]) == check % 11 if check != 10 else False
