"""Tables of answers, sent as a file would be."""

from cases.bulk.actions import dry_run, import_answers
from cases.bulk.reading import opened
from tests.cases.caseloads import as_csv


def table(*rows):
    """Return rows, the names of the columns first, as the table that their file holds."""
    return opened(as_csv(rows))


def looked_at(inspection, by, *rows, own=False):
    """Return what a dry run of rows finds."""
    return dry_run(inspection=inspection, table=table(*rows), by=by, own=own)[0]


def send(inspection, by, *rows, own=False, **given):
    """Import rows, and return what was found in them."""
    return import_answers(inspection=inspection, table=table(*rows), by=by, own=own, **given)


def reasons(checked):
    """Return what is wrong with a table, as (line, column, value, reason)."""
    return [(held.line, held.column, held.value, held.reason) for held in checked.faults]
