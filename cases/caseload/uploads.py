"""A file as somebody sends it for an inspection: what its columns are, and what its rows say. Stores nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cases.caseload.checking import Checked, check_table, checksum
from cases.caseload.columns import OWN_LABELS, Matching, identifying, match_columns, targets
from cases.caseload.identifiers import DATE, identifier_in
from cases.caseload.reading import Table, Unreadable, read_table
from cases.plans import document_of, windows_of, windows_told
from inspections.errors import Refused

NOTHING_KEPT = "Nothing of this file was kept."


@dataclass(frozen=True)
class Upload:
    """A file that was read and checked: `columns` says which column, by its place, was read as which target.

    `windows` are those by which it was checked, counted from the day on which `fieldwork` begins.
    """

    table: Table
    columns: Mapping[int, str]
    checked: Checked
    every_disposal: bool
    fieldwork: date
    windows: Mapping[str, tuple[date, date]]

    @property
    def stored(self):
        """The candidates as JSON takes them."""
        return self.checked.stored

    @property
    def checksum(self):
        """What two uploads share that say the same."""
        return checksum(self.stored)

    @property
    def told(self):
        """How the file was read, as JSON takes it. No values of cases."""
        return {
            "notes": list(self.table.notes),
            "columns": [[self.table.header[place], code] for place, code in self.columns.items()],
            "not_read": len(self.table.header) - len(self.columns),
            "every_disposal": self.every_disposal,
            "rows": self.checked.rows,
            "fieldwork": self.fieldwork.isoformat(),
            "windows": windows_told(self.windows),
            "unclassified": dict(self.checked.unclassified),
        }


def targets_of(inspection):
    """Return what a column may be read as in an inspection, in its own terms."""
    return targets(inspection.document, inspection.worded)


def opened(inspection, data):
    """Return (table, matching) of a file: its texts, and which columns are known by name.

    Raises Refused where it cannot be read, where its first row names no columns, and for columns that identify people.
    """
    try:
        table = read_table(data)
    except Unreadable as unreadable:
        raise Refused(f"{unreadable} {NOTHING_KEPT}") from None
    if any(DATE.fullmatch(name) or identifier_in(name) for name in table.header):
        raise Refused(f"The first row has to name the columns, and it holds values. Add their names. {NOTHING_KEPT}")
    matching = match_columns(table.header, inspection.document, inspection.worded)
    refused = identifying(table.header, matching)
    if refused:
        which = "; ".join(f"“{name[:60]}” ({about})" for name, about in refused.items())
        raise Refused(
            f"This file may hold what identifies people directly, by the names of its columns: {which}. A sample needs no such "
            "thing, and it may not be stored here. Take these columns out, put a reference of your own in place of any "
            f"name, and send the file again. {NOTHING_KEPT}"
        )
    return table, matching


def checked_upload(inspection, table, columns, *, every_disposal=False):
    """Return the `Upload` of a table whose columns are known. Raises Refused while no fieldwork is planned."""
    check_has_dates(inspection)
    document, fieldwork = document_of(inspection), inspection.fieldwork_started
    checked = check_table(
        table,
        columns,
        document,
        fieldwork,
        inspection.worded,
        every_disposal=every_disposal,
    )
    return Upload(table, columns, checked, every_disposal, fieldwork, windows_of(document, fieldwork))


def check_has_dates(inspection):
    """Raise Refused unless it is known when fieldwork begins, from which the windows of disposals follow."""
    if inspection.fieldwork_started is None:
        raise Refused("No day is planned yet on which fieldwork begins, so no case can be eligible. Plan it first.")


def by_labels(inspection, chosen, header):
    """Return a `Matching` of columns that somebody chose, from names of columns by target. Raises Refused.

    Targets are named by code or label.
    """
    known = {held.code: held.code for held in targets_of(inspection)}
    known |= {held.label.casefold(): held.code for held in targets_of(inspection)}
    columns = {}
    for target, name in chosen.items():
        code = known.get(target) or known.get(target.casefold())
        places = [place for place, held in enumerate(header) if held == name]
        if code is None:
            raise Refused(
                f"Nothing is called {target}. Columns can be read as {', '.join(sorted(set(known.values())))}."
            )
        if len(places) != 1:
            raise Refused(f"The file has {len(places)} columns called {name}, and one is needed for {target}.")
        columns[places[0]] = code
    return Matching(columns)


def chosen_over(matching, chosen):
    """Return a matching with what somebody chose laid over what is known by name."""
    taken = set(chosen.columns.values())
    columns = {place: code for place, code in matching.columns.items() if code not in taken} | dict(chosen.columns)
    return Matching(columns, tuple(code for code in matching.twice if code not in taken))


def sentence_of_missing(inspection, matching):
    """Return, as a sentence, what no column or more than one column could be read as; "" where all is settled."""
    labels = {held.code: held.label for held in targets_of(inspection)} | OWN_LABELS
    said = []
    if matching.missing:
        said.append(f"No column is known as {' or '.join(labels[code] for code in matching.missing)}.")
    if matching.twice:
        said.append(f"More than one column could be {' or '.join(labels[code] for code in matching.twice)}.")
    return " ".join(said)
