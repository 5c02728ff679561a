"""What can be made in the background. A kind says who may have it, what it is in words, and writes it."""

from collections.abc import Callable
from dataclasses import dataclass

from ratings.programme.chosen import Chosen, check_may_see, programme_of
from ratings.programme.tables import ANSWERS, TITLES, rows_of
from ratings.programme.writing import FORMATS, Wanted, check_wanted, write_programme

PROGRAMME = "programme"


@dataclass(frozen=True)
class Kind:
    """One kind of export.

    `check(person)` raises Refused unless a person may have it. `words(export)` says what it holds, `title` what it is.
    `ending(export)` is the end of its file's name and `name` the beginning. `count(export)` is how many rows it will have, as
    far as is known. `write(export, folder, tell)` returns (file, what was written) as `ratings.programme.writing` does.
    """

    title: str
    name: str
    check: Callable
    words: Callable
    ending: Callable
    count: Callable
    write: Callable


def _chosen(export):
    return Chosen(**{name: value for name, value in export.asked.items() if name != "tables"})


def _tables(export):
    return tuple(export.asked["tables"])


def _words(export):
    return f"{_chosen(export).words}: {', '.join(TITLES[table].lower() for table in _tables(export))}"


def _inspections(export):
    return _chosen(export).among(programme_of(export.by))


def _write(export, folder, tell):
    tables = _tables(export)
    wanted = Wanted(tables, export.format, _chosen(export).words, export.asked)
    return write_programme(_inspections(export), wanted, folder, tell)


KINDS = {
    PROGRAMME: Kind(
        "Programme",
        "evenhand-programme",
        check_may_see,
        _words,
        lambda export: check_wanted(_tables(export), export.format).ending(_tables(export)),
        lambda export: rows_of(_inspections(export), _tables(export)),
        _write,
    )
}


def kind_of(export):
    """Return the `Kind` of an export."""
    return KINDS[export.kind]


def has_cases(asked):
    """Return whether what is asked for holds case answers."""
    return ANSWERS in asked["tables"]


def format_label(export):
    """Return the format of an export as people read it."""
    return FORMATS[export.format].label
