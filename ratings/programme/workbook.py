"""The programme as a workbook: a sheet of notes, and one for each table."""

import marshal
from datetime import date

from django.utils import timezone

from inspections.models import State
from ratings.exports import sheets
from ratings.programme.sinks import Sink
from ratings.programme.tables import INSPECTIONS, KEY_QUESTIONS, PROMPTS, TITLES


class Workbook(Sink):
    """Keeps rows aside until the sheets are written, one after the other."""

    ending = ".rows"

    def open(self, table):
        """Open the file that the rows of a table are kept in."""
        return self.path(table).open("wb")

    def add(self, table, rows):
        """Keep rows of a table aside, and return how many there were."""
        kept = list(rows)  # of one inspection, and never case answers
        marshal.dump(kept, self.files[table])
        return len(kept)

    def put_together(self, notes, wanted, tell):
        """Write the sheets."""
        self.close()
        whole = self.folder / f"whole.{wanted.format}"
        with whole.open("wb") as into:
            WORKBOOKS[wanted.format](
                into,
                [_about(notes), *(self._sheet(table, tell) for table in self.columns)],
                title="Programme of inspections",
                at=timezone.now(),
            )
        return whole

    def _sheet(self, table, tell):
        columns = self.columns[table]
        return sheets.Sheet(
            TITLES[table],
            HEADINGS[table],
            tuple(
                sheets.Column(held.title, WIDTHS.get(held.name) or WIDTHS_OF.get(held.kind, WIDTH)) for held in columns
            ),
            self._read(table, tell),
            fixed=1,
        )

    def _read(self, table, tell):
        shapes = [SHAPES.get(held.kind) for held in self.columns[table]]
        with self.path(table).open("rb") as file:
            while file.peek(1):
                for row in marshal.load(file):  # noqa: S302 - written by this very process
                    nothing = sheets.NOT_AVAILABLE if row[-1] else None
                    yield [
                        nothing if value is None else shape(self, value) if shape else value
                        for shape, value in zip(shapes, row, strict=True)
                    ]
                tell()


def _about(notes):
    return sheets.Sheet(
        "Notes",
        "Programme of inspections",
        (sheets.Column("About", 30), sheets.Column("Note", 100)),
        [*notes, ("Shorthand", SHORTHAND)],
    )


# How values stand in a workbook that stand otherwise in files for machines.
SHAPES = {
    "flag": lambda book, value: "Yes" if value else "No",
    "date": lambda book, value: date.fromisoformat(value),
    "state": lambda book, value: State(value).label,
    "rating": lambda book, value: book.labels[value],
}
HEADINGS = {
    INSPECTIONS: "Inspections with their ratings",
    KEY_QUESTIONS: "Key questions with their counts in cases, percentages and bands",
    PROMPTS: "Prompts with their counts in cases",
}
WORKBOOKS = {"xlsx": sheets.write_xlsx, "ods": sheets.write_ods}
# In characters: of a column by its name, else by what it holds, else as most are.
WIDTHS = {"service": 40, "text": 60, "not_shown": 50, "standard_title": 30}
WIDTHS_OF = {"rating": 21, "moment": 26, "state": 18}
WIDTH = 14
SHORTHAND = f"{sheets.NOT_APPLICABLE}: there is no such value. {sheets.NOT_AVAILABLE}: the value is not shown yet."
