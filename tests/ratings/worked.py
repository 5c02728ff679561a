"""The worked tables of docs/rules.md, and a document that shares nothing with youth-2018 but its shape.

The tests read their numbers from the page, so that the page and the code cannot drift apart.
"""

from __future__ import annotations

import re
from pathlib import Path

from ratings.scoring import InspectionResult, Tally, rate
from standards.document import (
    Applicability,
    Band,
    Discretion,
    Document,
    Domain,
    KeyQuestion,
    OverallBand,
    Prompt,
    Sampling,
    Standard,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
NO_CASE = "none"

Row = dict[str, str]


def all_tables() -> dict[str, list[list[Row]]]:
    """Return every table of the page, by the heading above it, each a list of rows by column."""
    found: dict[str, list[list[Row]]] = {}
    heading, columns = "", None
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            columns = None
            if line.startswith("#"):
                heading = line.lstrip("# ")
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if columns is None:
            columns = cells
            found.setdefault(heading, []).append([])
        elif not re.fullmatch(r"[-: |]+", line):
            found[heading][-1].append(dict(zip(columns, cells, strict=True)))
    return found


def table(heading: str, number: int = 0) -> list[Row]:
    """Return the rows of a table under `heading`, counting from 0."""
    return all_tables()[heading][number]


def percent(cell: str) -> int | None:
    """Read "65%", or "none"."""
    return None if cell == NO_CASE else int(cell.removesuffix("%"))


def tallies(cell: str) -> list[Tally]:
    """Read "73%, 5/11, none": a percentage alone stands for that many of 100 cases."""
    return [_tally(part) for part in cell.split(", ")]


def _tally(part: str) -> Tally:
    if part == NO_CASE:
        return Tally()
    yes, relevant = (int(number) for number in (part.split("/") if "/" in part else (part.rstrip("%"), "100")))
    return Tally(yes, relevant - yes)


def rating(document: Document, label: str) -> str | None:
    """Return the code of the band of that label; None for "Not rated"."""
    return {"Not rated": None, **{band.label: band.code for band in document.bands}}[label]


def give(document: Document, standard: str, counts: list[Tally]) -> dict[str, Tally]:
    """Return `counts` as tallies of the first key questions of `standard`."""
    questions = document.standards[standard].key_questions
    return {question.code: tally for question, tally in zip(questions, counts, strict=False)}


def rated_alike(document: Document, ratings: list[str]) -> InspectionResult:
    """Return an inspection whose standards have these ratings, in printed order."""
    judgements, counts = {}, {}
    for (code, standard), given in zip(document.standards.items(), ratings, strict=True):
        if standard.method == "judgement":
            judgements[code] = given
        else:
            least = document.bands_by_code[given].minimum
            counts |= {question.code: Tally(least, 100 - least) for question in standard.key_questions}
    return rate(document, counts, judgements)


def five_bands() -> Document:
    """Return a document of another sector: five uneven bands, one standard judged, one outside the total."""

    def asked(*codes: str) -> tuple[KeyQuestion, ...]:
        return tuple(
            KeyQuestion(code, f"Is {code} as it should be?", (Prompt("a", "Is it written down?"),)) for code in codes
        )

    return Document(
        format="evenhand-standards/1",
        code="harbours-1",
        version=1,
        title="Harbours",
        licence="",
        terms=(),
        bands=(
            Band("sunk", "Sunk", 0, 0, 29),
            Band("listing", "Listing", 1, 30, 44),
            Band("afloat", "Afloat", 2, 45, 69),
            Band("steady", "Steady", 3, 70, 89),
            Band("shipshape", "Shipshape", 4, 90, 100),
        ),
        overall_bands=(
            OverallBand("sunk", 0, 0),
            OverallBand("listing", 1, 2),
            OverallBand("afloat", 3, 4),
            OverallBand("steady", 5, 7),
            OverallBand("shipshape", 8, 8),
        ),
        discretion=Discretion(margin=3, directions=("raise", "lower"), one_case=True, few_cases=2),
        samples=(),
        sampling=Sampling(0.9, 10),
        applicability=(Applicability("always", "Every berth"),),
        facts=(),
        not_applicable_reasons=(),
        profile=(),
        case_questions=(),
        domains=(
            Domain(
                "B",
                "Berths",
                (
                    Standard("B1", "Moorings", "Moorings hold.", "percentage", asked("B1.1", "B1.2", "B1.3")),
                    Standard("B2", "Lights", "Lights burn.", "percentage", asked("B2.1"), counts_in_total=False),
                ),
                "berths",
            ),
            Domain("C", "Crew", (Standard("C1", "Leadership", "The crew is led.", "judgement", asked("C1.1")),)),
        ),
    )
