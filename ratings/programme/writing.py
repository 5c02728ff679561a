"""Writing the programme into a file: row by row, so that it does not matter how many there are.

Every inspection is read once, each in a snapshot of its own, and its rows go into one file for each table. What comes out
is put together from these in the end. Whoever writes gets told after each inspection, and may stop it there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from inspections.errors import Refused
from ratings.actions import recompute, snapshot
from ratings.freshness import is_behind
from ratings.programme.sinks import Csv, Json
from ratings.programme.tables import ANSWERS, FIGURES, TABLES, columns_of, part_of, standards_of
from ratings.programme.workbook import Workbook


@dataclass(frozen=True)
class Wanted:
    """What is to be written: which `tables`, in which `format`, chosen how (`words`, and `asked` as JSON takes it)."""

    tables: tuple[str, ...]
    format: str
    words: str = "All inspections"
    asked: dict = field(default_factory=dict)


@dataclass
class Written:
    """What was written: how many `rows`, of which inspections (their ids), and why figures of some are not in it.

    `read` are the inspections of which it holds case answers.
    """

    rows: int = 0
    inspections: list = field(default_factory=list)
    read: list = field(default_factory=list)
    withheld: list = field(default_factory=list)


@dataclass(frozen=True)
class Format:
    """A kind of file. `several` and `one` end its name, where it holds several tables and one."""

    code: str
    label: str
    several: str
    one: str
    takes: tuple[str, ...]
    tables: Callable

    def ending(self, tables):
        """Return how the name of a file with these tables ends."""
        return self.one if len(tables) == 1 else self.several


def check_wanted(tables, code):
    """Return the `Format` of that code. Raises Refused where it cannot hold these tables, or is none."""
    if code not in FORMATS:
        raise Refused(f"{code} is not a format of the programme. The formats there are: {', '.join(FORMATS)}.")
    if not tables or set(tables) - set(TABLES):
        raise Refused(f"The tables there are: {', '.join(TABLES)}.")
    if set(tables) - set(FORMATS[code].takes):
        raise Refused(
            "A workbook does not hold as many rows as there are case answers. Choose CSV or JSON for them, or leave them out."
        )
    return FORMATS[code]


def write_programme(inspections, wanted, folder, tell=lambda rows: None):
    """Write what is wanted of these inspections and return (the file in `folder`, what was `Written`).

    `tell` is called with the number of rows that are done, after each inspection and now and then while the file is put
    together; what it raises ends the writing. Raises Refused. The caller removes the folder.
    """
    chosen = check_wanted(wanted.tables, wanted.format)
    tables = tuple(table for table in TABLES if table in wanted.tables)
    codes, labels = standards_of(inspections)
    columns = {table: columns_of(table, codes) for table in tables}
    written = Written()
    with chosen.tables(Path(folder), columns, labels) as sink:
        for inspection_id in list(inspections.values_list("pk", flat=True)):
            part = None
            while part is None:
                recompute(inspection_id=inspection_id)  # what has come in since
                with snapshot():
                    if is_behind(inspection_id):
                        continue  # something came in between: figures and answers would not be of one moment
                    part = part_of(inspection_id, tables, codes, sink.cell)
                    for table, rows in part.rows.items():
                        written.rows += sink.add(table, rows)
            written.inspections.append(inspection_id)
            if ANSWERS in tables and not part.not_shown:
                written.read.append(inspection_id)
            if part.not_shown:
                written.withheld.append((part.name, part.not_shown))
            tell(written.rows)
        file = sink.put_together(_notes(wanted, tables, written), wanted, lambda: tell(written.rows))
    return file, written


def _notes(wanted, tables, written):
    """Return what whoever reads the file should know, as (what about, text)."""
    count = len(written.inspections)
    notes = [
        ("What this is", "Ratings of inspections by Evenhand, taken out together."),
        ("Chosen", f"{wanted.words}. {count:,} inspection{'' if count == 1 else 's'}."),
        ("Made at", timezone.localtime().isoformat(timespec="seconds")),
        (
            "As at",
            "Each inspection is as it was at one moment while this was made; “Last change” is the number of the last "
            "change in it.",
        ),
        (
            "Percentages",
            "Whole percentages of yes among yes and no, rounded half up. Without a relevant case there is none.",
        ),
        (
            "Invented answers",
            "Where a row says that case answers are invented, they were made up to fit published percentages.",
        ),
    ]
    if ANSWERS in tables:
        notes.append(
            (
                "Case answers",
                "One row for each rated question, fact and choice of each case, under the pseudonymous reference of the case. "
                "Texts that people wrote are left out. Cases that are excluded have “Counted” false.",
            )
        )
    withheld = written.withheld
    notes.append(
        (
            "Not shown",
            f"Figures of {len(withheld):,} of these inspections are not shown, as listed here."
            if withheld
            else "Nothing: figures of every inspection are shown.",
        )
    )
    return notes + withheld


FORMATS = {
    held.code: held
    for held in (
        Format("xlsx", "Excel workbook", "xlsx", "xlsx", FIGURES, Workbook),
        Format("ods", "OpenDocument spreadsheet", "ods", "ods", FIGURES, Workbook),
        Format("csv", "CSV", "zip", "csv", TABLES, Csv),
        Format("json", "Data (JSON)", "json", "json", TABLES, Json),
    )
}
