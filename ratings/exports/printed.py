"""Annex 2 laid out as the reports print it, for every renderer that prints: pages, and documents."""

from dataclasses import dataclass

from ratings.annex import discretion_note

NOT_RATED = "Not yet rated"
NOT_SHOWN = "Not shown yet"
NO_CASE = "No relevant case"
MARK = "*"


@dataclass(frozen=True)
class PrintedQuestion:
    """A key question: `percent` is as printed, "" where none is printed. `counts` says the cases behind it in words."""

    code: str
    text: str
    percent: str
    counts: str = ""


@dataclass(frozen=True)
class PrintedStandard:
    """A standard with its rating in words; `step` counts the ratings from 1, the lowest, and is None without one.

    `mark` stands after the rating where professional discretion was used, and refers to a note beneath the table.
    """

    code: str
    title: str
    statement: str
    rating: str
    step: int | None
    mark: str
    questions: tuple[PrintedQuestion, ...]


@dataclass(frozen=True)
class PrintedTable:
    """The table of one domain. `column` heads the ratings; `notes` are (standard's code, text)."""

    code: str
    heading: str
    column: str
    standards: tuple[PrintedStandard, ...]
    notes: tuple[tuple[str, str], ...]


def printed_tables(annex, hidden=frozenset()):
    """Return the tables of Annex 2 in printed order.

    In the domains whose codes are `hidden`, what comes from cases is left blank: ratings, marks, percentages and notes.
    """
    steps = {code: step for step, code in enumerate(annex.labels, 1)}
    return tuple(_table(annex, domain, steps, domain.code in hidden) for domain in annex.domains)


def _table(annex, domain, steps, hidden):
    from_cases = any(not held.judged for held in domain.standards)
    return PrintedTable(
        domain.code,
        f"{domain.code}. {domain.title}",
        "Rating and % yes" if from_cases else "Rating",
        tuple(_standard(annex, held, steps, hidden) for held in domain.standards),
        ()
        if hidden
        else tuple((held.code, discretion_note(annex, held)) for held in domain.standards if held.discretion),
    )


def _standard(annex, held, steps, hidden):
    blank = hidden and not held.judged
    return PrintedStandard(
        held.code,
        held.title,
        held.statement,
        NOT_SHOWN if blank else annex.labels.get(held.rating, NOT_RATED),
        None if blank else steps.get(held.rating),
        MARK if held.discretion and not blank else "",
        tuple(PrintedQuestion(code, text, "") for code, text in held.judged_questions)
        + tuple(
            PrintedQuestion(asked.code, asked.text, "")
            if blank
            else PrintedQuestion(asked.code, asked.text, percent_text(asked.percent), counts_text(asked))
            for asked in held.key_questions
        ),
    )


def counts_text(asked):
    """Return the counts of a key question: "5 yes, 6 no, 0 not applicable, 19 not asked, 0 unanswered"."""
    return (
        f"{asked.yes} yes, {asked.no} no, {asked.not_applicable} not applicable, {asked.not_asked} not asked, "
        f"{asked.unanswered} unanswered"
    )


def percent_text(percent):
    """Return a percentage as printed; where no case was relevant, that."""
    return NO_CASE if percent is None else f"{percent}%"
