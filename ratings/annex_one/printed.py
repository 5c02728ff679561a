"""Annex 1 as a document: its sentences as a report has them, and after them the counts they rest on."""

from datetime import datetime

from ratings.annex_one.counted import counts_of
from ratings.annex_one.figures import AnnexOne
from ratings.annex_one.sentences import sections
from ratings.exports.document import (
    BODY,
    COLUMN,
    COUNTED,
    FIGURE,
    FIGURE_COLUMN,
    FOOTER,
    HEADING_1,
    HEADING_2,
    INVENTED,
    NOTICE,
    SUBTITLE,
    TITLE,
    PageNumber,
    PrintedDocument,
    moment_in_words,
    paragraph,
    row_of,
    table_of,
)
from ratings.exports.sheets.described import shown


def printed_document(figures: AnnexOne) -> PrintedDocument:
    """Return Annex 1 as a document, in the styles of Annex 2."""
    heading = f"{figures.heading}: Methodology"
    moment = datetime.fromisoformat(figures.at)
    about = f"{figures.service}. Inspection {figures.inspection}, standards {figures.standards}"
    invented = " Invented case answers." if figures.invented_answers else ""
    counted = f"Counted at {moment_in_words(moment)}, change {figures.sequence}."
    return PrintedDocument(
        title=shown(f"{figures.service}: {heading}"),
        subject=shown(figures.inspection),
        moment=moment,
        footer=(
            paragraph(FOOTER, f"{about}, version {figures.standards_version}.{invented}"),
            paragraph(FOOTER, f"{counted}\tPage ", PageNumber(), " of ", PageNumber(total=True)),
        ),
        blocks=(*_said(figures, heading, counted), *_counts(figures)),
    )


def _said(figures, heading, counted):
    yield paragraph(TITLE, figures.service)
    yield paragraph(SUBTITLE, heading)
    if figures.invented_answers:
        yield paragraph(NOTICE, INVENTED)
    yield paragraph(NOTICE, " ".join(filter(None, [counted, figures.unread])))
    for section in sections(figures):
        if section.sentences:
            yield paragraph(HEADING_2, section.title)
            yield paragraph(BODY, " ".join(sentence.text for sentence in section.sentences))


def _counts(figures):
    yield paragraph(HEADING_1, "Counts behind the sentences", new_page=True)
    yield paragraph(
        BODY,
        "This part is not printed in reports. Counts are numbers of cases that are not excluded, unless they say so. Those by "
        "disposal and profile, and of facts that hold or do not, could tell who children are where they are of fewer than 5, "
        "and are then marked with *. Dates, interviews, files, exclusions and what is not answered are never marked.",
    )
    for sample in figures.samples:
        yield paragraph(HEADING_2, sample.title)
        yield table_of(
            sample.title,
            (75, 65, 25),
            row_of(paragraph(COLUMN, "What is counted"), paragraph(COLUMN, "Value"), paragraph(FIGURE_COLUMN, "Cases")),
            tuple(
                row_of(
                    paragraph(COUNTED, what),
                    paragraph(COUNTED, value),
                    paragraph(FIGURE, f"{cases}{'*' if few else ''}"),
                )
                for what, rows in counts_of(sample)
                for value, cases, few in rows
            ),
        )
