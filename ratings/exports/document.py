"""Annex 2 as a document: what stands in it, in order and in named styles. `docx` and `odt` write this down, and nothing else.

The words of the preamble are those of HM Inspectorate of Probation's reports (Open Government Licence v3.0), with the figures
and names of the standards document; docs/annex-2-beside-print.md holds the result against five of them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateformat import format as dated

from audit.export import shown
from ratings.annex import discretion_note
from ratings.exports.printed import MARK, NOT_RATED, percent_text, printed_tables

LANGUAGE = "en-GB"
FONT = "Arial"
# In millimetres: A4, and the text between its margins.
PAGE = (210, 297)
MARGIN = 22.5
TEXT_WIDTH = PAGE[0] - 2 * MARGIN
# The colours of letters, of borders, of the lines between rows, and behind rows that head others.
INK, QUIET, BORDER, LINE, SHADE = "0B0C0C", "434A4A", "0F3D46", "B9C9CB", "EDF4F4"
INVENTED = "Case answers in this inspection are invented to fit published percentages."
NOTHING = "–"  # what a cell says that print leaves empty
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Style:
    """A named style of paragraphs. Sizes and spaces are in points, `hanging` in millimetres, colours in hexadecimal.

    `level` counts headings from 1. With `keep` a paragraph stays on the page of the next one.
    """

    name: str
    size: float = 11
    bold: bool = False
    before: float = 0
    after: float = 0
    level: int = 0
    keep: bool = False
    hanging: float = 0
    colour: str = INK
    boxed: bool = False
    right: bool = False


TITLE = Style("Title", 22, bold=True, after=2)
SUBTITLE = Style("Subtitle", 14, after=10, colour=QUIET)
HEADING_1 = Style("Heading 1", 18, bold=True, before=12, after=8, level=1, keep=True)
HEADING_2 = Style("Heading 2", 14, bold=True, before=18, after=6, level=2, keep=True)
HEADING_3 = Style("Heading 3", 12, bold=True, before=14, after=4, level=3, keep=True)
BODY = Style("Body Text", after=8)
LEAD_IN = Style("Annex Lead-in", after=6, keep=True)
AFTER_TABLE = Style("Annex After Table", before=12, after=6, keep=True)
BULLET = Style("List Bullet", after=3)
NOTICE = Style("Annex Notice", bold=True, before=2, after=10, boxed=True)
COLUMN = Style("Annex Column", 10, bold=True, keep=True)
FIGURE_COLUMN = Style("Annex Figure Column", 10, bold=True, keep=True, right=True)
STANDARD = Style("Annex Standard", bold=True, after=2, keep=True)
STATEMENT = Style("Annex Statement", keep=True)
RATING = Style("Annex Rating", bold=True, keep=True)
QUESTION = Style("Annex Key Question", hanging=13)
ASKED = Style("Annex Chapter Question")
PERCENTAGE = Style("Annex Percentage")
CELL = Style("Annex Cell")
COUNTED = Style("Annex Count Label", 10)
FIGURE = Style("Annex Count", 10, right=True)
NOTE = Style("Annex Note", 9.5, before=4, after=6)
FOOTNOTE = Style("Footnote Text", 9)
FOOTER = Style("Footer", 8, colour=QUIET)
STYLES = (
    TITLE, SUBTITLE, HEADING_1, HEADING_2, HEADING_3, BODY, LEAD_IN, AFTER_TABLE, BULLET, NOTICE, COLUMN, FIGURE_COLUMN, STANDARD,
    STATEMENT, RATING, QUESTION, ASKED, PERCENTAGE, CELL, COUNTED, FIGURE, NOTE, FOOTNOTE, FOOTER,
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Text, which may hold tabs and line breaks. `strong` text stands out."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Footnote:
    """The mark of a note at the foot of the page, numbered by the reader's program."""

    text: str


@dataclass(frozen=True)
class PageNumber:
    """The number of the page, or with `total` that of all pages."""

    total: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or heading; with `new_page` it begins one."""

    style: Style
    parts: tuple[Run | Footnote | PageNumber, ...]
    new_page: bool = False

    @property
    def text(self):
        """What can be read in it, without the marks of footnotes."""
        return "".join(part.text for part in self.parts if isinstance(part, Run))


@dataclass(frozen=True)
class Row:
    """A row of as many cells as the table has columns, each of at least one paragraph that says something."""

    cells: tuple[tuple[Paragraph, ...], ...]
    shaded: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose `header` is repeated on each page. `widths` are in millimetres; `title` is read aloud.

    With `whole` it is not broken between pages.
    """

    title: str
    widths: tuple[float, ...]
    header: Row
    rows: tuple[Row, ...]
    whole: bool = False


@dataclass(frozen=True)
class PrintedDocument:
    """A whole document. `moment` is when its figures were computed, or locked; `footer` stands on each page."""

    title: str
    subject: str
    moment: datetime
    footer: tuple[Paragraph, ...]
    blocks: tuple[Paragraph | Table, ...]


def printed_document(annex, *, preamble):
    """Return Annex 2 as a document: the ratings page, the tables of the chapters, Annex 2, and the counts behind it.

    With `preamble` Annex 2 begins with the sizes of the samples and the rules, as newer reports print it.
    """
    tables = printed_tables(annex)
    heading = f"{annex.heading}: Inspection results"
    blocks = (
        *_front(annex, heading),
        *_ratings(annex, tables),
        *_chapters(annex, tables),
        paragraph(HEADING_1, heading, new_page=True),
        *(_preamble(annex) if preamble else ()),
        *_annex(annex, tables),
        *_behind(annex),
        paragraph(NOTE, annex.licence),
    )
    title = shown(f"{annex.service}: {heading}")
    return PrintedDocument(title, shown(annex.inspection), _moment(annex), _footer(annex), blocks)


def paragraph(style, *parts, new_page=False):
    """Return a paragraph of texts, runs, footnotes and page numbers; what no file can hold is shown as such."""
    made = (Run(part) if isinstance(part, str) else part for part in parts)
    # Nothing that somebody wrote reaches a renderer but through here.
    return Paragraph(
        style,
        tuple(part if isinstance(part, PageNumber) else _shown(part) for part in made),
        new_page,
    )


def _shown(part):
    text = shown(part.text)
    return Footnote(text) if isinstance(part, Footnote) else Run(text, part.strong)


def table_of(title, widths, header, rows, *, whole=False):
    """Return a table (see `Table`)."""
    return Table(shown(title), widths, header, rows, whole)


def row_of(*cells, shaded=False):
    """Return a row of cells, each one paragraph or several."""
    return Row(tuple(cell if isinstance(cell, tuple) else (cell,) for cell in cells), shaded)


def _moment(annex):
    return datetime.fromisoformat(annex.locked.at if annex.locked else annex.computed_at)


def moment_in_words(moment):
    """Return a moment as documents say it: "14:02 on 3 May 2026"."""
    return dated(moment, r"H:i \o\n j F Y")


# The first page


def _front(annex, heading):
    yield paragraph(TITLE, annex.service)
    yield paragraph(SUBTITLE, heading)
    if annex.invented_answers:
        yield paragraph(NOTICE, INVENTED)
    if annex.locked:
        yield paragraph(BODY, f"The ratings were locked by {annex.locked.by} at {moment_in_words(_moment(annex))}.")
    else:
        yield paragraph(
            NOTICE,
            f"Provisional: as computed at {moment_in_words(_moment(annex))}, with every change up to number {annex.sequence}. "
            "The ratings are not locked, and may change.",
        )


def _ratings(annex, tables):
    score = "Score: not yet rated" if annex.score is None else f"Score {annex.score}/{annex.maximum}"
    yield paragraph(HEADING_1, "Ratings")
    yield table_of(
        "Score and overall rating",
        (110, 55),
        row_of(paragraph(COLUMN, annex.service), paragraph(COLUMN, score)),
        (
            row_of(
                paragraph(CELL, "Overall rating"),
                paragraph(CELL, Run(annex.labels.get(annex.overall, NOT_RATED), strong=True)),
            ),
        ),
    )
    for table in tables:
        yield paragraph(HEADING_3, table.heading)
        yield table_of(
            f"Ratings: {table.heading}",
            (110, 55),
            row_of(paragraph(COLUMN, "Standard"), paragraph(COLUMN, "Rating")),
            tuple(
                row_of(
                    paragraph(CELL, f"{held.code} {held.title}"),
                    paragraph(CELL, held.rating, *_footnotes(table, held)),
                )
                for held in table.standards
            ),
            whole=True,
        )


def _footnotes(table, standard):
    return tuple(Footnote(text) for code, text in table.notes if code == standard.code)


# The small tables of the chapters


def _chapters(annex, tables):
    # The wording of the mark is that of the record, wherever it stands.
    yield paragraph(HEADING_1, "Tables for the chapters", new_page=True)
    yield paragraph(
        BODY,
        "The rating of a standard is driven by the lowest score on each of its key questions, which is placed in a rating "
        f"band, indicated in bold in the table. See {annex.heading} for a more detailed explanation.",
    )
    for domain, table in zip(annex.domains, tables, strict=True):
        if not domain.sample:
            continue
        yield paragraph(HEADING_2, table.heading)
        for held, printed in zip(domain.standards, table.standards, strict=True):
            yield from _chapter(annex, held, printed)


def _chapter(annex, held, printed):
    yield paragraph(HEADING_3, f"{held.code}. {held.title}")
    yield paragraph(LEAD_IN, held.statement)
    yield paragraph(LEAD_IN, "Rating: ", Run(printed.rating, strong=True))
    yield paragraph(LEAD_IN, f"Our rating for {_lower(held.title)} is based on the following key questions:")
    lowest = min((asked.percent for asked in held.key_questions if asked.percent is not None), default=None)
    marked = held.discretion.key_question if held.discretion else None
    yield table_of(
        f"{held.code}. {held.title}: key questions and % yes",
        (130, 35),
        row_of(paragraph(COLUMN, "Key questions"), paragraph(COLUMN, "% yes")),
        tuple(
            row_of(
                paragraph(ASKED, asked.text),
                paragraph(
                    PERCENTAGE,
                    Run(
                        percent_text(asked.percent) + (MARK if asked.code == marked else ""),
                        strong=asked.percent is not None and asked.percent == lowest,
                    ),
                ),
            )
            for asked in held.key_questions
        ),
        whole=True,
    )
    if held.discretion:
        yield paragraph(NOTE, f"{MARK} {discretion_note(annex, held)}")


# Annex 2


def _annex(annex, tables):
    for domain, table in zip(annex.domains, tables, strict=True):
        yield paragraph(HEADING_2, table.heading)
        rows = []
        for held, printed in zip(domain.standards, table.standards, strict=True):
            rows.append(
                row_of(
                    (
                        paragraph(STANDARD, f"{held.code}. {held.title}"),
                        paragraph(STATEMENT, held.statement),
                    ),
                    paragraph(RATING, printed.rating, *_footnotes(table, held)),
                    shaded=True,
                )
            )
            rows += [
                row_of(
                    paragraph(QUESTION, f"{asked.code}.\t{asked.text}"),
                    paragraph(PERCENTAGE, asked.percent or NOTHING),
                )
                for asked in printed.questions
            ]
        yield table_of(
            f"{annex.heading}: {table.heading}",
            (131, 34),
            row_of(paragraph(COLUMN, "Standards and key questions"), paragraph(COLUMN, table.column)),
            tuple(rows),
        )


def _preamble(annex):
    sampled = [domain for domain in annex.domains if domain.sample]
    kinds = [_lower(domain.title) for domain in sampled]
    labels = [f"‘{band.label}’" for band in annex.bands]
    if sampled:
        yield paragraph(BODY, " ".join(_examined(annex, sampled, kinds)))
    yield paragraph(BODY, " ".join(_banded(annex, kinds, labels)))
    lowest_rule = (
        "The rating at the standard level is aligned to the lowest banding at the key question level, recognising that each "
        "key question is an integral part of the standard."
    )
    if len(labels) > 1:
        lowest_rule += (
            f" Therefore, if we rate three key questions as {labels[-2]} and one as {labels[0]}, the overall rating for "
            f"that standard is {labels[0]}."
        )
    yield paragraph(BODY, lowest_rule)
    yield table_of(
        "Bands",
        (110, 55),
        row_of(paragraph(COLUMN, "Lowest banding (key question level)"), paragraph(COLUMN, "Rating (standard)")),
        tuple(row_of(paragraph(CELL, _range(annex, band)), paragraph(CELL, band.label)) for band in annex.bands),
        whole=True,
    )
    scores = [f"{label} = {band.score}" for label, band in zip(labels, annex.bands, strict=True)]
    top = annex.bands[-1].score
    word = f"{annex.service_word} " if annex.service_word else ""
    yield paragraph(
        AFTER_TABLE,
        f"Additional scoring rules are used to generate the overall {word}rating. Each of the {annex.maximum // top} "
        f"standards are scored on a {annex.bands[0].score}–{top} scale in which {_listed(scores, '; ', '; and ')}. Adding "
        f"these scores produces a total score ranging from 0 to {annex.maximum}, which is banded to produce the overall "
        "rating, as follows:",
    )
    for number, (minimum, maximum, label) in enumerate(annex.overall_scale, 1):
        end = "." if number == len(annex.overall_scale) else ""
        yield paragraph(BULLET, f"{minimum}–{maximum} = {label}{end}")


def _examined(annex, sampled, kinds):
    counted = [f"{domain.cases} {kind}" for domain, kind in zip(sampled, kinds, strict=True)]
    yield f"In this inspection, we conducted a detailed examination of a sample of {_listed(counted)}."
    titles = [[_lower(held.title) for held in domain.standards] for domain in sampled]
    shared = [title for title in titles[0] if all(title in others for others in titles)]
    numbers = {len(held) for held in titles}
    number = numbers.pop() if len(numbers) == 1 else None
    counted = "these standards" if number is None else f"{_number(number)} standard{'' if number == 1 else 's'}"
    own = [
        f"{'for' if place == 0 else 'in'} {kind}, we look at {_listed(rest)}"
        for place, (kind, held) in enumerate(zip(kinds, titles, strict=True))
        if (rest := [title for title in held if title not in shared])
    ]
    named = " – ".join(filter(None, [", ".join(shared), ", and ".join(own)])) if own else _listed(shared)
    yield f"In each of those cases, we inspect against {counted}: {named}."
    about = f", {annex.about_questions}" if annex.about_questions else ""
    yield f"Within each standard, inspectors answer a number of key questions about different aspects of quality{about}."


def _banded(annex, kinds, labels):
    *_, top = annex.bands
    sections = f" for the sections on {_listed(kinds, last=' or ')}" if kinds else ""
    yield (
        f"To score {'an' if top.label[0] in 'AEIOU' else 'a'} {labels[-1]} rating{sections}, {top.minimum} per cent or more of the cases we analyse have to be "
        "assessed as sufficient."
    )
    middle = [
        f"if between {band.minimum} per cent and {band.maximum} per cent are judged to be sufficient, then "
        + (f"the rating is {label}" if place == 0 else f"a rating of {label} is applied")
        for place, (band, label) in enumerate(list(zip(annex.bands, labels, strict=True))[-2:0:-1])
    ]
    if middle:
        said = ", and ".join(middle)
        yield f"{said[0].upper()}{said[1:]}."
    if len(annex.bands) > 1:
        yield f"Finally, if less than {annex.bands[1].minimum} per cent are sufficient, then we rate this as {labels[0]}."


def _range(annex, band):
    if band is annex.bands[0] and len(annex.bands) > 1:
        said = f"<{band.maximum + 1}%"
    elif band is annex.bands[-1]:
        said = f"{band.minimum}%+"
    else:
        said = f"{band.minimum}–{band.maximum}%"
    return f"{band.phrase}: {said}" if band.phrase else said


# What is not printed in reports


def _behind(annex):
    yield paragraph(HEADING_1, "Counts behind the percentages", new_page=True)
    yield paragraph(
        BODY,
        "This part is not printed in reports. Counts are numbers of cases; each row adds up to the cases of the sample that "
        "are not excluded. A percentage is the share of yes among yes and no, as a whole number; a half is rounded up.",
    )
    columns = ("Yes", "No", "Not applicable", "Not asked", "Unanswered", "% yes")
    for domain in annex.domains:
        if not domain.sample:
            continue
        title = f"{domain.code}. {domain.title}: {domain.cases} {domain.sample_label} cases"
        yield paragraph(HEADING_2, title)
        yield table_of(
            title,
            (20, 11, 11, 24, 15, 25, 15, 44),
            row_of(
                paragraph(COLUMN, "Key question"),
                *(paragraph(FIGURE_COLUMN, column) for column in columns),
                paragraph(COLUMN, "Band"),
            ),
            tuple(
                row_of(
                    paragraph(COUNTED, asked.code),
                    *(
                        paragraph(FIGURE, str(count))
                        for count in (asked.yes, asked.no, asked.not_applicable, asked.not_asked, asked.unanswered)
                    ),
                    paragraph(FIGURE, NOTHING if asked.percent is None else percent_text(asked.percent)),
                    paragraph(COUNTED, annex.labels.get(asked.band, percent_text(None))),
                )
                for held in domain.standards
                for asked in held.key_questions
            ),
        )
    used = [held for domain in annex.domains for held in domain.standards if held.discretion]
    if used:
        yield paragraph(HEADING_2, "Professional discretion")
        for held in used:
            decided = moment_in_words(datetime.fromisoformat(held.discretion.decided_at))
            yield paragraph(
                BODY,
                f"{discretion_note(annex, held)} Decided by {held.discretion.decided_by} at {decided}, and ratified by "
                f"{held.discretion.ratified_by}.",
            )


def _footer(annex):
    version = "" if annex.standards_version is None else f", version {annex.standards_version}"
    about = f"{annex.service}. Inspection {annex.inspection}, standards {annex.standards}{version}."
    if annex.locked:
        moment = f"Locked at {moment_in_words(_moment(annex))}. Checksum {annex.locked.checksum}."
    else:
        moment = f"Provisional: as at {moment_in_words(_moment(annex))}, change {annex.sequence}."
    return (
        paragraph(FOOTER, f"{about} {'Invented case answers.' if annex.invented_answers else ''}".strip()),
        paragraph(FOOTER, f"{moment}\tPage ", PageNumber(), " of ", PageNumber(total=True)),
    )


def _lower(title):
    return title[:1].lower() + title[1:]


def _listed(words, between=", ", last=" and "):
    *most, end = words
    return last.join(filter(None, [between.join(most), end]))


def _number(count):
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
