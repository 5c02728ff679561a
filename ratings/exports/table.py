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
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows([cell(value) for value in row] for row in table_rows(annex))
    return text.getvalue()


def table_rows(annex):
    """Yield the values of each row in the order of `COLUMNS`, None where there is none."""
    data = as_data(annex)
    about = [data[name] for name in INSPECTION] + _values(data["locked"], LOCKED)
    about.append("true" if annex.invented_answers else "false")
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
