"""Lists of cases as services send them, in each format."""

import csv
import io
from datetime import date

import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from cases.caseload.actions import import_caseload
from cases.caseload.uploads import checked_upload, opened

FIELDWORK = date(2026, 11, 2)
HEADER = [
    "Case reference",
    "Child reference",
    "Disposal",
    "Date of disposal",
    "Sex",
    "RoSH",
    "Safety & well-being",
    "Age",
]
ROWS = [
    ["C-001", "P-01", "Referral order", "2026-03-02", "Male", "Low", "Medium", "15"],
    ["C-002", "P-02", "youth_rehabilitation_order", "05/04/2026", "F", "High", "", "17"],
    ["O-001", "P-03", "YCC", "2 July 2026", "Female", "Not classified", "Low", ""],
]


def as_csv(rows, *, delimiter=",", encoding="utf-8"):
    """Return rows as the bytes of a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows, *, more=()):
    """Return rows as a workbook, days as real dates; `more` are the rows of a second sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"}) as book:
        for held in (rows, more) if more else (rows,):
            sheet = book.add_worksheet()
            for place, row in enumerate(held):
                for column, value in enumerate(row):
                    sheet.write(place, column, value)
    return out.getvalue()


def as_ods(rows):
    """Return rows as an OpenDocument spreadsheet, days and numbers typed."""
    document, table = OpenDocumentSpreadsheet(), Table(name="Cases")
    for row in rows:
        line = TableRow()
        for value in row:
            if isinstance(value, date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
            elif isinstance(value, int):
                cell = TableCell(valuetype="float", value=value)
            else:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def caseload(count, *, first=1):
    """Return the rows, header included, of a list of so many court and out-of-court cases in turn, all eligible."""
    disposals = [("Referral order", "2026-03-10"), ("Youth conditional caution", "2026-07-10")]
    rows = [
        [f"C-{number:05}", f"P-{number:05}", *disposals[number % 2], "Male", "Low", "Medium", "15"]
        for number in range(first, first + count)
    ]
    return [HEADER, *rows]


def eligible(court, out_of_court):
    """Return the rows, header included, of a list with so many court and out-of-court cases of several strata."""
    levels = ("Low", "Medium", "High", "Not classified")
    kinds = [("Referral order", "Youth rehabilitation order")] * court + [("YCC", "Youth caution")] * out_of_court
    return [
        HEADER,
        *(
            [
                f"C-{number:04}",
                f"P-{number:04}",
                disposals[number % 3 == 0],
                "2026-03-10" if number < court else "2026-07-10",
                "Female" if number % 5 == 0 else "Male",
                levels[number % 4],
                levels[number // 3 % 4],
                str(10 + number % 8),
            ]
            for number, disposals in enumerate(kinds)
        ),
    ]


def import_rows(inspection, rows, by):
    """Import a list with this header and these rows, and return the caseload."""
    table, matching = opened(inspection, as_csv(rows))
    upload = checked_upload(inspection, table, matching.columns)
    return import_caseload(inspection=inspection, upload=upload, by=by)
