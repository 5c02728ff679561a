"""Annex 2 as CSV: one row for each key question, and one for each judged standard."""

import csv
from io import StringIO

from audit.export import cell
from ratings.annex import as_data

INSPECTION = ("inspection", "service", "standards", "score", "maximum", "overall", "sequence")
LOCKED = ("at", "by", "checksum")
STANDARD = ("title", "statement", "rating", "calculated")
DISCRETION = ("from", "to", "key_question", "percent", "reason", "decided_by", "ratified_by", "decided_at")
QUESTION = ("text", "yes", "no", "not_applicable", "not_asked", "unanswered", "percent", "band")
COLUMNS = (
    *INSPECTION,
    *(f"locked.{name}" for name in LOCKED),
    "invented_answers",
    "domain",
    "domain.title",
    "standard",
    *STANDARD,
    *(f"discretion.{name}" for name in DISCRETION),
    "code",
    *QUESTION,
)


def as_csv(annex):
    """Return the Annex as CSV text, with a row of column names."""
    return _csv(COLUMNS, table_rows(annex))


def as_csv_with_mark(annex):
    """Return the same with a byte order mark before it, without which Excel does not read UTF-8."""
    return "\ufeff" + as_csv(annex)


def as_cases_csv(annex, cases):
    """Return `CaseAnswers` as CSV text: one row for each case, with the Annex it belongs to in the first columns."""
    about = [annex.inspection, annex.sequence, _invented(annex)]
    names = ["inspection", "sequence", "invented_answers", *(column.name for column in cases.columns)]
    return _csv(names, ([*about, *row] for row in cases.rows()))


def _csv(names, rows):
    text = StringIO()
    written = csv.writer(text)
    written.writerow(names)
    written.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def _invented(annex):
    return "true" if annex.invented_answers else "false"


def table_rows(annex):
    """Yield the values of each row in the order of `COLUMNS`, None where there is none."""
    data = as_data(annex)
    about = [data[name] for name in INSPECTION] + _values(data["locked"], LOCKED)
    about.append(_invented(annex))
    for domain in data["domains"]:
        for standard in domain["standards"]:
            rated = [domain["code"], domain["title"], standard["code"], *_values(standard, STANDARD)]
            rated += _values(standard["discretion"], DISCRETION)
            if not standard["key_questions"]:
                yield [*about, *rated, standard["code"], *_values(None, QUESTION)]
            for question in standard["key_questions"]:
                yield [*about, *rated, question["code"], *_values(question, QUESTION)]


def _values(part, names):
    return [part[name] if part else None for name in names]
