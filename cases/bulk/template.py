"""A table of answers to fill in: the cases, with a column for every question, and in a workbook what may stand in each."""

import csv
import io

import xlsxwriter

from cases.bulk.columns import REASON, REFERENCE, SAMPLE, VALUE, Place, names_of, questions_of_all
from cases.bulk.values import cell_of

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TEXT = "Text"
LONGEST_LIST = 255  # characters that Excel offers as a list
OTHERS = (
    (".note", "A column with this behind the code of a question, such as 2.1.1.note: the note on its answer", ""),
    (".reason", "Of any question that may not be applicable: why it is not", ""),
    (".asked_because", "Of a key question: why it is asked although the facts of the case leave it out", ""),
    (".source", "Where the evidence came from", "file; interview; both"),
    (".at_interview", "Whether the question is to be asked at interview", "true"),
)


def template(inspection, cases, kind):
    """Return the table with these cases as the bytes of one of `KINDS`."""
    places = _places(inspection.document)
    names = names_of(inspection.document)
    header = [REFERENCE, SAMPLE, *(names[place] for place in places)]
    rows = [[cell_of(case.reference), case.sample] for case in cases]
    if kind == "csv":
        text = io.StringIO(newline="")
        width = len(header)
        csv.writer(text).writerows([header, *(row + [""] * (width - len(row)) for row in rows)])
        return text.getvalue().encode("utf-8-sig")  # the mark tells Excel that it is UTF-8
    return _workbook(inspection, header, places, rows)


def _places(document):
    """Return every question, and beside a key question why it is not applicable."""
    places = []
    for code, question in questions_of_all(document).items():
        places.append(Place(code, VALUE))
        if question.role == "key_question":
            places.append(Place(code, REASON))
    return places


def _workbook(inspection, header, places, rows):
    """Return the table as the first sheet, and what stands in each column as the second, which is not read."""
    questions = questions_of_all(inspection.document)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        strong = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        table, meanings = book.add_worksheet("Answers"), book.add_worksheet("What stands in each column")
        table.freeze_panes(1, 2)
        # As text, so that a reference such as 007 keeps its zeros.
        table.set_column(0, len(header) - 1, 16, text)
        table.write_row(0, 0, header, strong)
        for line, row in enumerate(rows, 1):
            table.write_row(line, 0, row, text)
        meanings.set_column(0, 0, 24)
        meanings.set_column(1, 2, 60)
        meanings.write_row(0, 0, ["Column", "What stands in it", "Values"], strong)
        lines = [(REFERENCE, "The reference of the case", ""), (SAMPLE, "The sample of the case", "")]
        for column, place in enumerate(places, 2):
            question = questions[place.question]
            codes = [option.code for option in question.options]
            worded = inspection.worded(question.text)
            if place.part == REASON:
                lines.append((header[column], f"Why {question.code} is not applicable", TEXT))
                continue
            several = "; several are parted by semicolons" if question.kind == "choices" else ""
            lines.append((header[column], worded, "; ".join(codes) + several if codes else TEXT))
            if codes and not several and rows and len(",".join(codes)) <= LONGEST_LIST:
                # Warns and lets pass: labels are taken too.
                listed = {"validate": "list", "source": codes, "error_type": "warning"}
                table.data_validation(1, column, len(rows), column, listed)
        for line, held in enumerate([*lines, *OTHERS], 1):
            meanings.write_row(line, 0, held, plain)
    return out.getvalue()
