"""Where the rows of the programme go, table by table, and how a file is put together from them in the end."""

import csv
import json
import zipfile

from audit.export import cell

FORMAT = "evenhand-programme/1"
PIECE = 1024 * 1024


class Sink:
    """Takes rows table by table, each table into a file of its own, and puts the whole file together from these.

    `columns` are by table, `labels` the words for ratings by code. A context manager, for the files that it has open.
    """

    ending = ""

    def __init__(self, folder, columns, labels):
        self.folder, self.columns, self.labels = folder, columns, labels
        self.files = {}

    @staticmethod
    def cell(value):
        """Return a value as rows hold it."""
        return value

    def __enter__(self):
        self.files = {table: self.open(table) for table in self.columns}
        return self

    def __exit__(self, *_):
        for file in self.files.values():
            file.close()

    def path(self, table):
        """Return where the rows of a table go."""
        return self.folder / f"{table}{self.ending}"

    def open(self, table):
        """Open the file of a table."""
        return self.path(table).open("w", encoding="utf-8", newline="")

    def add(self, table, rows):
        """Take rows of a table, and return how many there were."""
        raise NotImplementedError

    def put_together(self, notes, wanted, tell):
        """Write the whole file, calling `tell()` now and then, and return where it is. No rows come after that."""
        raise NotImplementedError

    def close(self):
        """Close the files of the tables, so that they can be read."""
        self.__exit__()


class Csv(Sink):
    """CSV in UTF-8: one table as a file, several in a zip file, with the notes beside them."""

    ending = ".csv"

    def open(self, table):
        """Open the file of a table, with its header."""
        file = super().open(table)
        csv.writer(file).writerow(column.name for column in self.columns[table])
        return file

    @staticmethod
    def cell(value):
        """Return a value as it stands in a cell; no text runs as a formula."""
        return ("true" if value else "false") if isinstance(value, bool) else cell(value)

    def add(self, table, rows):
        """Take rows of a table, and return how many there were."""
        counted = _Counted(rows)
        csv.writer(self.files[table]).writerows(counted)
        return counted.count

    def put_together(self, notes, wanted, tell):
        """Return the one table, or pack them all."""
        self.close()
        if len(self.files) == 1:
            return self.path(*self.files)
        whole = self.folder / "whole.zip"
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            archive.writestr("notes.txt", "".join(f"{about}: {text}\r\n" for about, text in notes))
            for table in self.files:
                with self.path(table).open("rb") as file, archive.open(f"{table}.csv", "w", force_zip64=True) as into:
                    _copy(file, into, tell)
        return whole


class Json(Sink):
    """One JSON object (docs/formats.md)."""

    ending = ".part"

    def add(self, table, rows):
        """Take rows of a table, and return how many there were."""
        counted = _Counted(rows)
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        self.files[table].writelines(f",\n{encode(row)}" for row in counted)
        return counted.count

    def put_together(self, notes, wanted, tell):
        """Write one object, with the rows of each table as they are."""
        self.close()
        whole = self.folder / "whole.json"
        with whole.open("wb") as into:
            head = {"format": FORMAT, "asked": wanted.asked, "notes": [list(note) for note in notes]}
            into.write(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "tables": {{'.encode())
            for number, (table, columns) in enumerate(self.columns.items()):
                names = json.dumps([column.name for column in columns])
                into.write(f'{", " if number else ""}"{table}": {{"columns": {names}, "rows": ['.encode())
                with self.path(table).open("rb") as file:
                    file.read(1)  # the comma before the first row
                    _copy(file, into, tell)
                into.write(b"\n]}")
            into.write(b"}}\n")
        return whole


class _Counted:
    """Rows that are counted as they are read."""

    def __init__(self, rows):
        self.rows, self.count = rows, 0

    def __iter__(self):
        for row in self.rows:
            self.count += 1
            yield row


def _copy(file, into, tell):
    while piece := file.read(PIECE):
        into.write(piece)
        tell()
