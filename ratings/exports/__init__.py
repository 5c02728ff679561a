"""Annex 2 as files: one renderer for each format, all of the same `ratings.annex.Annex` value."""

from collections.abc import Callable
from dataclasses import dataclass

from ratings.annex import Annex, as_json
from ratings.exports.html import as_html
from ratings.exports.table import as_csv


class FormatNotAvailable(Exception):
    """Annex 2 cannot be had in that format. The text is a sentence that names those it can be had in."""


@dataclass(frozen=True)
class Format:
    """A kind of file. `render` gives its text, or its bytes where it is not text; the same Annex gives the same ones.

    `code` is also the end of its name.
    """

    code: str
    label: str
    content_type: str
    render: Callable[[Annex], str | bytes]


FORMATS = {
    held.code: held
    for held in (
        Format("html", "Web page to print", "text/html; charset=utf-8", as_html),
        Format("csv", "Table of figures (CSV)", "text/csv; charset=utf-8", as_csv),
        Format("json", "Data (JSON)", "application/json", as_json),
    )
}
NOT_YET = ("docx", "ods", "xlsx", "pdf")


def get_format(code):
    """Return the `Format` of that code. Raises FormatNotAvailable."""
    if code in FORMATS:
        return FORMATS[code]
    *most, last = FORMATS
    known = f"{', '.join(most)} and {last}"
    if code in NOT_YET:
        raise FormatNotAvailable(f"Annex 2 cannot be had as {code} yet. The formats there are: {known}.")
    raise FormatNotAvailable(f"{code} is not a format of Annex 2. The formats there are: {known}.")
