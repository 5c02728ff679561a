"""A file of answers as a table, and a table on its way from the dry run to its confirmation."""

import json

from audit.export import shown
from cases.bulk.columns import REFERENCE
from cases.caseload.reading import Table, Unreadable, Wanted, read_table
from inspections.errors import Refused

TABLE_OF_ANSWERS = Wanted("table of answers", columns=5_000, named_by=REFERENCE, exact=True)
NOTHING_CHANGED = "Nothing was changed."


def opened(data):
    """Return the table in a file. Raises Refused."""
    try:
        return read_table(data, TABLE_OF_ANSWERS)
    except Unreadable as unreadable:
        raise Refused(f"{unreadable} {NOTHING_CHANGED}") from None


def packed(table):
    """Return a table as text that a form can carry, from which `unpacked` makes it again."""
    return json.dumps([table.header, table.rows, table.notes, table.header_line], separators=(",", ":"))


def unpacked(text):
    """Return the table in a text that `packed` made. Raises Refused for any other."""
    try:
        header, rows, notes, header_line = json.loads(text)
        table = Table(
            _texts(header),
            tuple((_line(line), _texts(cells)) for line, cells in rows),
            _texts(notes),
            _line(header_line),
        )
    except (ValueError, TypeError, RecursionError):
        raise Refused(f"This form could not be read. Choose the file again. {NOTHING_CHANGED}") from None
    return table


def _texts(held):
    if not isinstance(held, list) or not all(isinstance(text, str) for text in held):
        raise TypeError
    return tuple(map(shown, held))


def _line(held):
    if type(held) is not int:
        raise TypeError
    return held
