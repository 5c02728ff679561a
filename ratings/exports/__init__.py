"""Annex 2 as files: one renderer for each format, all of the same `ratings.annex.Annex` value."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from accounts.permissions import Permission
from ratings.annex import Annex, as_json
from ratings.exports import pdf
from ratings.exports.answers import as_answers_csv, as_answers_ods, as_answers_xlsx
from ratings.exports.errors import FormatNotAvailable
from ratings.exports.html import as_html
from ratings.exports.odt import as_odt, as_odt_of_tables
from ratings.exports.table import as_cases_csv, as_csv, as_csv_with_mark
from ratings.exports.workbook import as_ods, as_xlsx

ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class Format:
    """A kind of file. `render` gives its text, or its bytes where it is not text; the same Annex gives the same ones.

    `code` is also the end of its name. `render_tables` leaves out the preamble of Annex 2, where a format can. With
    `has_cases` it holds the answers of every case, which is evidence: `render` then takes `CaseAnswers` besides.
    """

    code: str
    label: str
    content_type: str
    render: Callable[..., str | bytes]
    render_tables: Callable[[Annex], str | bytes] | None = None
    has_cases: bool = False

    @property
    def permission(self):
        """What whoever takes it out must be allowed."""
        return Permission.EXPORT_CASES if self.has_cases else Permission.EXPORT

    @property
    def has_tables_alone(self):
        """Whether Annex 2 can be had without its preamble."""
        return self.render_tables is not None

    def renderer(self, *, tables_alone=False):
        """Return what renders it, with Annex 2's tables alone where that is wanted. Raises FormatNotAvailable."""
        if not tables_alone:
            return self.render
        if not self.has_tables_alone:
            with_tables = " and ".join(held.code for held in FORMATS.values() if held.has_tables_alone)
            raise FormatNotAvailable(f"Annex 2 has its tables alone as {with_tables}, and not as {self.code}.")
        return self.render_tables


def _word(name):
    """Return a renderer of `ratings.exports.docx`, whose library takes a tenth of a second to load, and is not always wanted."""

    def render(annex):
        return getattr(import_module("ratings.exports.docx"), name)(annex)

    return render


FORMATS = {
    held.code: held
    for held in (
        Format(
            "docx",
            "Word document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            _word("as_docx"),
            _word("as_docx_of_tables"),
        ),
        Format("odt", "OpenDocument text", "application/vnd.oasis.opendocument.text", as_odt, as_odt_of_tables),
        Format("html", "Web page to print", "text/html; charset=utf-8", as_html),
        *([Format("pdf", "PDF", "application/pdf", pdf.as_pdf)] if pdf.is_there() else []),
        Format("csv", "Table of figures (CSV)", CSV, as_csv),
        Format("bom.csv", "Table of figures for Excel (CSV with a byte order mark)", CSV, as_csv_with_mark),
        Format("json", "Data (JSON)", "application/json", as_json),
        Format("figures.xlsx", "Workbook of figures (Excel)", XLSX, as_xlsx),
        Format("figures.ods", "Workbook of figures (OpenDocument)", ODS, as_ods),
        Format("xlsx", "Workbook of figures and of every case (Excel)", XLSX, as_xlsx, has_cases=True),
        Format("ods", "Workbook of figures and of every case (OpenDocument)", ODS, as_ods, has_cases=True),
        Format("cases.csv", "Table of cases (CSV)", CSV, as_cases_csv, has_cases=True),
        Format(
            "answers.csv", "Answers as a table to correct and bring back (CSV)", CSV, as_answers_csv, has_cases=True
        ),
        Format(
            "answers.xlsx",
            "Answers as a table to correct and bring back (Excel)",
            XLSX,
            as_answers_xlsx,
            has_cases=True,
        ),
        Format(
            "answers.ods",
            "Answers as a table to correct and bring back (OpenDocument)",
            ODS,
            as_answers_ods,
            has_cases=True,
        ),
    )
}


def get_format(code):
    """Return the `Format` of that code. Raises FormatNotAvailable."""
    if code in FORMATS:
        return FORMATS[code]
    *most, last = FORMATS
    known = f"{', '.join(most)} and {last}"
    if code == "pdf":
        raise FormatNotAvailable(pdf.NOT_HERE)
    raise FormatNotAvailable(f"{code} is not a format of Annex 2. The formats there are: {known}.")
