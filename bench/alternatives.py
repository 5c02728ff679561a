"""The same percentages by what a user would use instead: a pandas script, and a LibreOffice workbook.

Start-up, imports, loading files and connecting are left out everywhere. All give the same whole percentages, which is
checked before anything is timed.
"""

import os
import shutil
import warnings
from collections import defaultdict
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import psycopg

from bench.database import LARGEST, inspection
from bench.measure import Heading, Row, measure
from cases.models import Answer
from ratings import actions
from ratings.scoring import percentage
from ratings.tallies import count_answers, rated_codes
from tests import servers

ROUNDS = 3
FASTER = 1
PATIENCE = 120


def percentages(held):
    """Return the percentage of every rated question that has a relevant case, counted as recompute counts."""
    with actions.snapshot():
        tallies = count_answers(held.document, held.pk)
    return {code: percentage(tally.yes, tally.relevant) for code, tally in tallies.items() if tally.relevant}


# pandas

ANSWERS = """
SELECT question, value
FROM cases_answer JOIN cases_case ON cases_case.id = case_id
WHERE inspection_id = %(inspection)s AND excluded_reason = '' AND kind = 'rated' AND asked AND value IN ('yes', 'no')
"""


def pandas_script(pandas, link, held):
    """Return the percentage of every rated question, as a short script would."""
    answers = pandas.read_sql(ANSWERS, link, params={"inspection": held.pk})
    yes = (answers["value"] == "yes").groupby(answers["question"]).agg(["sum", "size"])
    return (200 * yes["sum"] + yes["size"]) // (2 * yes["size"])


def import_pandas():
    """Return pandas, or None."""
    try:
        import pandas
    except ImportError:
        return None
    # It knows only SQLAlchemy's connections by name; psycopg's work as well, and are quicker.
    warnings.filterwarnings("ignore", "pandas only supports SQLAlchemy")
    return pandas


# LibreOffice

MACRO = """
Sub Measure(folder As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  file = FreeFile
  Open folder & "/measured" For Output As #file
  For Each workbook In Array("list", "grid")
    document = StarDesktop.loadComponentFromURL(ConvertToURL(folder & "/" & workbook & ".xlsx"), "_blank", 0, hidden())
    times = IIf(workbook = "list", 20, 500)
    For i = 1 To times
      document.calculateAll()
    Next
    started = GetSystemTicks()
    For i = 1 To times
      document.calculateAll()
    Next
    Print #file, workbook & ",recalculated," & (GetSystemTicks() - started) / times
    started = GetSystemTicks()
    For i = 1 To 10
      document.calculateAll()
      document.store()
    Next
    Print #file, workbook & ",saved," & (GetSystemTicks() - started) / 10
    sheet = document.Sheets(1)
    For i = 0 To ROWS
      Print #file, workbook & "," & sheet.getCellByPosition(0, i).String & "," & sheet.getCellByPosition(3, i).String
    Next
    document.close(True)
  Next
  Close #file
  StarDesktop.terminate()
End Sub
"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
{code}
</script:module>
"""


def find_libreoffice():
    """Return the path of LibreOffice, or None."""
    on_macos = "/Applications/LibreOffice.app/Contents/MacOS/soffice"
    return shutil.which("soffice") or (on_macos if Path(on_macos).exists() else None)


def write_workbooks(folder, held):
    """Write the answers of an inspection as two workbooks with a COUNTIFS for each key question, and return how many there are.

    "list" has a row for each answer, as the database has; "grid" a row for each case and a column for each question, which
    is the least that LibreOffice can be given to count.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    answers = list(
        Answer.objects.filter(case__inspection=held, case__excluded_reason="", kind="rated")
        .order_by("case__reference", "question")
        .values_list("case__reference", "question", "value", "asked")
    )
    answers = [(case, code, (value or "") if asked else "not_asked") for case, code, value, asked in answers]
    codes = [code for code in rated_codes(held.document) if code in held.document.key_questions]

    workbook = Workbook()
    workbook.active.append(["case", "question", "answer"])
    for answer in answers:
        workbook.active.append(answer)
    last = len(answers) + 1
    cells = f"Sheet!$B$2:$B${last},A{{row}},Sheet!$C$2:$C${last}"
    _add_formulas(workbook, codes, dict.fromkeys(codes, cells))
    workbook.save(folder / "list.xlsx")

    workbook = Workbook()
    columns = {code: number for number, code in enumerate(rated_codes(held.document), 2)}
    rows = {case: number for number, case in enumerate(dict.fromkeys(case for case, _, _ in answers), 2)}
    workbook.active.append(["case", *columns])
    for case, code, value in answers:
        workbook.active.cell(rows[case], columns[code], value)
    letters = {code: get_column_letter(columns[code]) for code in codes}
    cells = {code: f"Sheet!{letter}$2:{letter}${len(rows) + 1}" for code, letter in letters.items()}
    _add_formulas(workbook, codes, cells)
    workbook.save(folder / "grid.xlsx")
    return len(codes)


def _add_formulas(workbook, codes, cells):
    sheet = workbook.create_sheet("Percentages")
    for row, code in enumerate(codes, 1):
        counted = cells[code].format(row=row)
        sheet.append(
            [
                code,
                f'=COUNTIFS({counted},"yes")',
                f'=COUNTIFS({counted},"no")',
                f"=ROUND(100*B{row}/(B{row}+C{row}),0)",
            ]
        )


def prepare_libreoffice(program, folder, rows):
    """Give LibreOffice a user profile of its own in the folder, with the macro that measures."""
    run_libreoffice(program, folder, "--terminate_after_init")
    module = folder / "profile" / "user" / "basic" / "Standard" / "Module1.xba"
    module.write_text(MODULE.format(code=escape(MACRO.replace("ROWS", str(rows - 1)))))


def run_libreoffice(program, folder, *arguments):
    """Run LibreOffice without a window until it ends."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--norestore", *arguments]
    process = servers.Process(command, log=folder / "log", env={**os.environ, "LC_ALL": "C"})
    try:
        process.process.wait(PATIENCE)
    finally:
        process.stop()


def recalculate(program, folder):
    """Return, by workbook, the milliseconds of recalculating and of that with saving, and the percentages by code.

    LibreOffice takes the times itself, in a macro, with the workbook open.
    """
    run_libreoffice(program, folder, f'macro:///Standard.Module1.Measure("{folder}")')
    found = {"list": {}, "grid": {}}
    for line in (folder / "measured").read_text().split():
        workbook, name, value = line.split(",")
        found[workbook][name] = float(value)
    return {name: (held.pop("recalculated"), held.pop("saved"), held) for name, held in found.items()}


def compared():
    """Return the lines of the comparison, and a sentence for each thing that could not be measured."""
    held = inspection(LARGEST)
    pandas, libreoffice, missing = import_pandas(), find_libreoffice(), []
    contestants = {
        "percentages": partial(percentages, held),
        "recompute": partial(actions.recompute, inspection_id=held.pk, anew=True),
    }
    times = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="evenhand-")))
        if pandas:
            link = stack.enter_context(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
            contestants["pandas"] = partial(pandas_script, pandas, link, held)
            check_same(contestants["pandas"]().to_dict(), percentages(held))
        else:
            missing.append("pandas is not installed; requirements-bench.txt has it.")
        if libreoffice and find_spec("openpyxl"):
            expected = {
                code: percent for code, percent in percentages(held).items() if code in held.document.key_questions
            }
            prepare_libreoffice(libreoffice, folder, write_workbooks(folder, held))
        else:
            libreoffice = None
            missing.append("LibreOffice (soffice), or openpyxl to write its workbooks, is not installed.")
        for _ in range(ROUNDS):
            for name, (median,) in measure(contestants, runs=1).items():
                times[name].append(median)
            if libreoffice:
                for workbook, (recalculated, saved, theirs) in recalculate(libreoffice, folder).items():
                    check_same(theirs, expected)
                    times[workbook].append(recalculated)
                    times[f"{workbook} saved"].append(saved)
    return rows(times), missing


def check_same(theirs, ours):
    """Raise RuntimeError where the percentages differ: there would be nothing to compare."""
    if theirs != ours:
        raise RuntimeError(f"The percentages differ: {sorted(set(theirs.items()) ^ set(ours.items()))}.")


def rows(times):
    """Return the lines for what was measured.

    Limits stand where both sides do the same: give percentages, and store nothing. Recompute also counts the other
    answers, rates, and stores what comes of it so that no crash loses it.
    """
    counted, recompute = times["percentages"], times["recompute"]
    found = [Heading("The same percentages of the same 82 cases, beside what a user would use instead")]
    if "pandas" in times:
        found += [
            Row("pandas: read_sql of the answers, groupby", times["pandas"]),
            Row("Evenhand's percentages, beside pandas", counted, times["pandas"], FASTER),
            Row("Evenhand's recompute, results stored, beside pandas with nothing stored", recompute, times["pandas"]),
        ]
    if "list" in times:
        found += [
            Row("LibreOffice recalculates a list, a row for each answer", times["list"]),
            Row("Evenhand's percentages, beside that", counted, times["list"], FASTER),
            Row("Evenhand's recompute, results stored, beside that with nothing stored", recompute, times["list"]),
            Row("LibreOffice recalculates the list and saves it", times["list saved"]),
            Row("Evenhand's recompute, beside that", recompute, times["list saved"]),
            Row("LibreOffice recalculates a grid, a row for each case, a column for each question", times["grid"]),
            Row("Evenhand's percentages, beside the grid", counted, times["grid"]),
            Row("LibreOffice recalculates the grid and saves it", times["grid saved"]),
            Row("Evenhand's recompute, beside that", recompute, times["grid saved"]),
        ]
    return found
