"""The answers of every case as one table, to be corrected and brought back (`cases.bulk`)."""

import csv
from datetime import datetime
from io import BytesIO, StringIO

from cases.bulk.columns import ASKED_BECAUSE, NOTE, REASON
from cases.bulk.writing import header_of, places_used, rows_of
from ratings.exports.sheets import Column, Sheet, write_ods, write_xlsx
from ratings.exports.workbook import INVENTED

WORDS = (REASON, NOTE, ASKED_BECAUSE)  # columns with these at their end hold texts
NOTES = (
    "One row for each case, one column for each question. Change or fill in cells, and send the file back: an empty cell changes "
    "nothing, and (clear) takes away what stands.",
    "These are answers and notes about children: pass them on to nobody who may not read them in the system.",
)


def as_answers_csv(annex, cases):
    """Return the answers of `CaseAnswers` as CSV text, with the byte order mark without which Excel does not read UTF-8."""
    names, rows = _table(cases)
    text = StringIO()
    csv.writer(text).writerows([names, *rows])
    return "\ufeff" + text.getvalue()


def as_answers_xlsx(annex, cases):
    """Return the answers of `CaseAnswers` as an Excel file."""
    return _written(write_xlsx, annex, cases)


def as_answers_ods(annex, cases):
    """Return the answers of `CaseAnswers` as an OpenDocument sheet."""
    return _written(write_ods, annex, cases)


def _table(cases):
    places = places_used(cases.document, cases.given)
    return header_of(cases.document, places, cases.cases), rows_of(cases.document, places, cases.cases, cases.given)


def _written(write, annex, cases):
    names, rows = _table(cases)
    columns = tuple(Column(name, 30 if name.endswith(WORDS) else 16, nothing="") for name in names)
    heading = f"Answers of every case: {annex.service}"
    notes = (*NOTES, INVENTED) if annex.invented_answers else NOTES
    file = BytesIO()
    sheet = Sheet("Answers", heading, columns, rows, notes, fixed=1, typed_as_text=True)
    write(file, [sheet], title=heading, at=datetime.fromisoformat(annex.computed_at))
    return file.getvalue()
