"""Workbooks: the Annex beside a bare sheet of as many cells, and a wide one of many records beside pandas.

`python -m bench.sheets` measures the wide ones alone.
"""

import subprocess
import sys
from functools import partial
from io import BytesIO
from statistics import median
from tempfile import NamedTemporaryFile

from bench.measure import Fact, Heading, Row, measure, print_table

LIMIT = 3
RECORDS, COLUMNS = 1_225, 269
ROUNDS = 3

# Each in a process of its own, whose start with its imports does not count: how long the writing takes, in milliseconds, and
# how much memory it adds at most, in kilobytes.
WRITING = """
import sys
from datetime import datetime, timezone
from io import BytesIO
from time import perf_counter

def peak():
    # Of this program alone: what the operating system counts for a process begins with that of the one that started it.
    (line,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
    return int(line.split()[1])

def records():
    for record in range({records}):
        yield [record * column if column % 3 == 0 else f"answer {{record % 97}} of {{column}}" for column in range({columns})]

def ours(write):
    sheet = Sheet("Records", "Records", tuple(Column(f"q{{column}}") for column in range({columns})), records())
    with open(sys.argv[1], "w+b") as file:
        write(file, [sheet], title="Records", at=datetime.now(timezone.utc))

{preparing}
open("/proc/self/clear_refs", "w").write("5")  # the peak so far is forgotten
before = peak()
start = perf_counter()
{writing}
took = (perf_counter() - start) * 1000
print(took, peak() - before)
"""
OURS = "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'\nimport django\ndjango.setup()\nfrom ratings.exports.sheets import *"
PANDAS = "import pandas, xlsxwriter, openpyxl"
CONTESTANTS = {
    "xlsx": (OURS, "ours(write_xlsx)"),
    "ods": (OURS, "ours(write_ods)"),
    "pandas": (PANDAS, "pandas.DataFrame(list(records())).to_excel(sys.argv[1], engine='openpyxl', index=False)"),
    "pandas, xlsxwriter": (
        PANDAS,
        "pandas.DataFrame(list(records())).to_excel(sys.argv[1], engine='xlsxwriter', index=False)",
    ),
}


def cells_of(annex):
    """Return the rows of every sheet of the workbook of figures, one list of rows to a sheet."""
    from ratings.exports.workbook import annex_sheets

    return [
        [[str(sheet.value(*held)) for held in zip(sheet.columns, row, strict=True)] for row in sheet.rows]
        for sheet in annex_sheets(annex)
    ]


def bare_xlsx(sheets):
    """Return an Excel file of sheets with these texts, as xlsxwriter is meant to be used."""
    from xlsxwriter import Workbook

    file = BytesIO()
    with Workbook(file) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return file.getvalue()


def bare_ods(sheets):
    """Return an OpenDocument sheet with these texts, as odfpy is meant to be used."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    for number, rows in enumerate(sheets):
        table = Table(name=f"Sheet {number}")
        for values in rows:
            row = TableRow()
            for value in values:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
                row.addElement(cell)
            table.addElement(row)
        document.spreadsheet.addElement(table)
    file = BytesIO()
    document.write(file)
    return file.getvalue()


def compared():
    """Return the lines about workbooks: the Annex of the largest published inspection, and many records."""
    from bench.database import LARGEST, inspection
    from ratings.annex import build_annex
    from ratings.exports import FORMATS
    from ratings.models import Result

    held = inspection(LARGEST)
    annex = build_annex(held, Result.objects.get(inspection=held))
    sheets = cells_of(annex)
    contestants = {
        "bare xlsx": partial(bare_xlsx, sheets),
        "xlsx": partial(FORMATS["figures.xlsx"].render, annex),
        "bare ods": partial(bare_ods, sheets),
        "ods": partial(FORMATS["figures.ods"].render, annex),
    }
    times = measure(contestants, runs=3, rounds=5)
    cells = sum(len(row) for rows in sheets for row in rows)
    return [
        Heading(f"Annex 2 of the largest published inspection as a workbook of {cells:,} cells"),
        Row("xlsxwriter: bare sheets of as many cells", times["bare xlsx"]),
        Row("the workbook for Excel", times["xlsx"], times["bare xlsx"], LIMIT),
        Row("odfpy: bare sheets of as many cells", times["bare ods"]),
        Row("the workbook as OpenDocument", times["ods"], times["bare ods"], LIMIT),
        *wide(),
    ]


def wide():
    """Return the lines about many records, which pandas writes too."""
    found = {name: [] for name in CONTESTANTS}
    for _ in range(ROUNDS):
        for name, (preparing, writing) in CONTESTANTS.items():
            found[name].append(_written(preparing, writing))
    times = {name: [took for took, _ in runs] for name, runs in found.items()}
    memory = {name: median(kilobytes for _, kilobytes in runs) / 1024 for name, runs in found.items()}
    share = 100 * memory["xlsx"] / memory["pandas"]
    return [
        Heading(f"{RECORDS:,} records of {COLUMNS} columns into a file"),
        Row("pandas.to_excel, by openpyxl", times["pandas"]),
        Row("pandas.to_excel, by xlsxwriter", times["pandas, xlsxwriter"]),
        Row("the same for Excel", times["xlsx"], times["pandas"], 1),
        Row("the same as OpenDocument", times["ods"], times["pandas"], 1),
        *(Fact(f"  memory added by {name}", f"{held:,.1f} MB") for name, held in memory.items()),
        Fact("  memory for Excel beside pandas", f"{share:.0f}%", "10%", share > 10),
    ]


def _written(preparing, writing):
    script = WRITING.format(records=RECORDS, columns=COLUMNS, preparing=preparing, writing=writing)
    with NamedTemporaryFile(suffix=".xlsx") as file:
        run = subprocess.run([sys.executable, "-c", script, file.name], capture_output=True, text=True, check=True)
    took, kilobytes = run.stdout.split()
    return float(took), int(kilobytes)


if __name__ == "__main__":
    print_table(wide())
