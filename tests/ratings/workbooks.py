"""Workbooks read back by libraries that had no part in writing them."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from odf.config import ConfigItemMapEntry
from odf.namespaces import OFFICENS, TABLENS, TEXTNS
from odf.opendocument import load as load_ods
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries


@dataclass
class Read:
    """A sheet as it was read: what stands above its marked table, the column names, the rows, and what stays in sight."""

    above: list
    columns: list
    rows: list
    fixed: tuple

    @property
    def dicts(self):
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def read_xlsx(file):
    """Return every sheet of an Excel file by title."""
    found = {}
    for sheet in load_workbook(file).worksheets:
        (table,) = sheet.tables.values()
        left, top, right, bottom = range_boundaries(table.ref)
        assert (left, bottom, right) == (1, sheet.max_row, sheet.max_column)
        assert not sheet.merged_cells.ranges
        cells = [[_xlsx_value(cell) for cell in row] for row in sheet.iter_rows()]
        assert [column.name for column in table.tableColumns] == cells[top - 1]
        fixed = range_boundaries(f"{sheet.freeze_panes}:{sheet.freeze_panes}")
        found[sheet.title] = Read(
            [row[0] for row in cells[: top - 1]], cells[top - 1], cells[top:], (fixed[1] - 1, fixed[0] - 1)
        )
    return found


def _xlsx_value(cell):
    assert cell.data_type != "f", f"{cell.coordinate} runs"
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if isinstance(cell.value, str):
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), cell.value)
    return cell.value


def read_ods(file):
    """Return every sheet of an OpenDocument file by title."""
    document = load_ods(file)
    tables = {
        _of(held, "target-range-address").split("'")[1]: _of(held, "target-range-address")
        for held in _all(document.spreadsheet, "database-range")
    }
    frozen = {}
    for entry in document.settings.getElementsByType(ConfigItemMapEntry):
        items = {held.getAttribute("name"): str(held) for held in entry.childNodes}
        if "VerticalSplitPosition" in items:
            frozen[entry.getAttribute("name")] = (
                int(items["VerticalSplitPosition"]),
                int(items["HorizontalSplitPosition"]),
            )
    found = {}
    for sheet in _all(document.spreadsheet, "table"):
        title = _of(sheet, "name")
        begin, end = re.fullmatch(r".*\.A(\d+):.*\.[A-Z]+(\d+)", tables[title]).groups()
        rows = [[_ods_value(cell) for cell in _all(row, "table-cell")] for row in _all(sheet, "table-row")]
        assert len(rows) == int(end)
        top = int(begin)
        found[title] = Read([row[0] for row in rows[: top - 1]], rows[top - 1], rows[top:], frozen[title])
    return found


def _all(node, name):
    """Yield the elements of a name, those within each other left out."""
    for child in node.childNodes:
        if child.nodeType == child.ELEMENT_NODE:
            if child.qname == (TABLENS, name):
                yield child
            else:
                yield from _all(child, name)


def _of(element, name, namespace=TABLENS):
    return element.attributes.get((namespace, name))


def _ods_value(cell):
    assert _of(cell, "formula") is None
    assert _of(cell, "number-columns-spanned") is None
    kind = _of(cell, "value-type", OFFICENS)
    if kind == "float":
        return int(_of(cell, "value", OFFICENS))
    if kind == "date":
        return date.fromisoformat(_of(cell, "date-value", OFFICENS))
    assert kind == "string"
    return "\n".join(_ods_text(line) for line in cell.childNodes)


def _ods_text(node):
    if node.nodeType == node.TEXT_NODE:
        return node.data
    if node.qname == (TEXTNS, "s"):
        return " " * int(_of(node, "c", TEXTNS))
    if node.qname == (TEXTNS, "tab"):
        return "\t"
    return "".join(map(_ods_text, node.childNodes))
