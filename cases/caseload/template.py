"""An empty list for a service to fill in: the names of its columns, and in a workbook what stands in each."""

import csv
import io

import xlsxwriter

from cases.caseload.checking import in_words
from cases.caseload.columns import CHILD, DISPOSAL, DISPOSAL_DATE, REFERENCE
from cases.caseload.uploads import targets_of
from cases.plans import document_of, windows_of

ROWS = 2_000  # of the workbook that offer the values that may stand in them
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
A_DATE = "A date, such as 2026-03-27 or 27/03/2026"
OF_KIND = {
    "text": "Words that name nobody",
    "number": "A whole number",
    "date": A_DATE,
    "choice": "One of these",
    "choices": "One or more of these, divided by commas",
}


def explained(inspection):
    """Return [(target, what stands in its column, the values that may stand there)] for every column of a list."""
    document, worded = inspection.document, inspection.worded
    kinds = " or ".join(sample.label for sample in document.samples)
    known = {
        held.code: (OF_KIND[held.kind], [worded(option.label) for option in held.options]) for held in document.profile
    } | {
        REFERENCE: ("Your own reference of the case, which names nobody and comes once", []),
        CHILD: ("Your own reference of the child, which names nobody and is the same for each disposal", []),
        DISPOSAL: (
            f"One of these, which says whether it is a {kinds} case",
            [worded(held.label) for sample in document.samples for held in sample.disposals],
        ),
        DISPOSAL_DATE: (A_DATE, []),
    }
    return [(target, *known[target.code]) for target in targets_of(inspection)]


def template(inspection, kind):
    """Return the empty list as the bytes of one of `KINDS`."""
    return _as_csv(inspection) if kind == "csv" else _as_workbook(inspection)


def _as_csv(inspection):
    text = io.StringIO(newline="")
    csv.writer(text).writerow(target.label for target in targets_of(inspection))
    return text.getvalue().encode("utf-8-sig")  # the mark tells Excel that it is UTF-8


def _as_workbook(inspection):
    """Return the first sheet with the names of the columns, and a second, which is not read, that explains them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        strong = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        cases, help_sheet = book.add_worksheet("Cases"), book.add_worksheet("What stands in each column")
        cases.freeze_panes(1, 0)
        help_sheet.set_column(0, 2, 40)
        help_sheet.write_row(0, 0, ["Column", "What stands in it", "Values"], strong)
        line = 1
        for place, (target, words, values) in enumerate(explained(inspection)):
            # As text, so that a reference such as 007 keeps its zeros and a date stays as it is typed.
            cases.set_column(place, place, max(18, min(len(target.label) + 2, 40)), text)
            cases.write(0, place, target.label, strong)
            help_sheet.write(line, 0, f"{target.label}{' (needed)' if target.required else ''}", strong)
            help_sheet.write(line, 1, words, plain)
            first = line
            for value in values or [""]:
                help_sheet.write(line, 2, value, plain)
                line += 1
            if values and words != OF_KIND["choices"]:
                source = f"='{help_sheet.get_name()}'!$C${first + 1}:$C${line}"
                # Warns and lets pass: codes and initials are taken too.
                cases.data_validation(
                    1, place, ROWS, place, {"validate": "list", "source": source, "error_type": "warning"}
                )
        for code, (first, last) in windows_of(document_of(inspection), inspection.fieldwork_started).items():
            line += 1
            label = inspection.document.sample(code).label
            help_sheet.write(
                line, 0, f"A {label} case has a disposal from {in_words(first)} to {in_words(last)}.", plain
            )
    return out.getvalue()
