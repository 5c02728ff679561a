"""Annex 2 as a workbook for analysts: a cover, what is where, one table to a sheet, and a data dictionary."""

from datetime import datetime
from io import BytesIO

from ratings.exports.cases import NOTE_COLUMNS
from ratings.exports.printed import NOT_RATED
from ratings.exports.sheets import NOT_APPLICABLE, NOT_AVAILABLE, Column, Link, Sheet, write_ods, write_xlsx
from ratings.scoring import percentage

PROVISIONAL = "Provisional: the ratings are not locked and may still change."
INVENTED = "Case answers in this inspection are invented to fit published percentages."
CONFIDENTIAL = (
    "This workbook holds what inspectors answered and wrote about each case. That is evidence about children: pass it on to "
    "nobody who may not read it in the system."
)

COUNTS = (
    Column("Yes", meaning="Cases in which the answer is yes."),
    Column("No", meaning="Cases in which the answer is no."),
    Column("Not applicable", meaning="Cases in which the question does not apply, with the inspector's reason."),
    Column("Not asked", meaning="Cases whose facts leave the question out."),
    Column("Unanswered", meaning="Cases in which the question is not answered yet."),
    Column(
        "Percentage yes",
        meaning="Of the cases answered yes or no, the share of yes: a whole number from 0 to 100, a half rounded up. It stays "
        f"{NOT_APPLICABLE} without a relevant case.",
    ),
)
STANDARD_COLUMNS = (
    Column("Domain", 10, meaning="The number of the domain."),
    Column("Domain title", 24, meaning="The domain."),
    Column("Standard", 10, meaning="The number of the standard."),
    Column("Title", 30, meaning="The title of the standard."),
    Column("Statement", 60, meaning="What the standard requires."),
    Column("Rated by", 14, meaning="How the rating comes about.", values="percentages; judgement"),
    Column("Rating", 22, NOT_AVAILABLE, "The rating that is given, see the sheet Rating scale."),
    Column("Score", 8, NOT_AVAILABLE, "What the rating adds to the total score."),
    Column("Calculated rating", 22, meaning="The rating of the lowest key question, before professional discretion."),
    Column("Discretion", 12, meaning="Whether professional discretion was used.", values="yes; no"),
)
QUESTION_COLUMNS = (
    Column("Domain", 10, meaning="The number of the domain."),
    Column("Standard", 10, meaning="The number of the standard."),
    Column("Standard title", 30, meaning="The title of the standard."),
    Column("Key question", 10, meaning="The number of the key question."),
    Column("Text", 60, meaning="The key question."),
    *COUNTS,
    Column("Band", 22, meaning="The rating that the percentage stands for, see the sheet Rating scale."),
)
PROMPT_COLUMNS = (
    Column("Standard", 10, meaning="The number of the standard."),
    Column("Key question", 10, meaning="The number of the key question that the prompt leads up to."),
    Column("Prompt", 10, meaning="The number and letter of the prompt."),
    Column("Text", 60, meaning="The prompt."),
    *COUNTS,
)
DISCRETION_COLUMNS = (
    Column("Standard", 10, meaning="The number of the standard whose rating was moved."),
    Column("From", 22, meaning="The calculated rating."),
    Column("To", 22, meaning="The rating that is given."),
    Column("Key question", 10, meaning="The lowest key question."),
    Column("Percentage yes", 12, meaning="The percentage of that key question when this was decided."),
    Column("Reason", 60, meaning="Why."),
    Column("Decided by", 24, meaning="Who decided."),
    Column("Ratified by", 24, meaning="Who ratified it."),
    Column("Decided at", 27, meaning="When: date, time and offset from UTC, as in ISO 8601."),
)
SCALE_COLUMNS = (
    Column("Rating", 22, meaning="The rating in words."),
    Column("Code", 22, meaning="The rating as other files of Annex 2 have it."),
    Column("Score", 8, meaning="What it adds to the total score."),
    Column("Lowest percentage", 12, meaning="The lowest percentage that gives this rating."),
    Column("Highest percentage", 12, meaning="The highest percentage that gives this rating."),
    Column("Lowest total score", 12, meaning="The lowest total score that gives this overall rating."),
    Column("Highest total score", 12, meaning="The highest total score that gives this overall rating."),
)
DICTIONARY_COLUMNS = (Column("Sheet", 24), Column("Column", 24), Column("What it means", 90), Column("Values", 60))


def as_xlsx(annex, cases=None):
    """Return the Annex as an Excel file; with `CaseAnswers`, those too."""
    return _written(write_xlsx, annex, cases)


def as_ods(annex, cases=None):
    """Return the Annex as an OpenDocument sheet; with `CaseAnswers`, those too."""
    return _written(write_ods, annex, cases)


def _written(write, annex, cases):
    file = BytesIO()
    write(file, annex_sheets(annex, cases), title=_title(annex), at=datetime.fromisoformat(annex.computed_at))
    return file.getvalue()


def _title(annex):
    return f"{annex.service}: {annex.heading}, inspection results"


def annex_sheets(annex, cases=None):
    """Return the sheets of the workbook, each with what it holds in its first note; with `CaseAnswers`, those too."""
    figures = [
        Sheet(
            "Standards",
            f"Ratings of the standards: {annex.service}",
            STANDARD_COLUMNS,
            _standards(annex),
            ("One row for each standard, with its rating.",),
        ),
        Sheet(
            "Key questions",
            f"Key questions: {annex.service}",
            QUESTION_COLUMNS,
            _questions(annex),
            ("One row for each key question, with its percentage and the cases behind it.",),
        ),
        Sheet(
            "Professional discretion",
            f"Professional discretion: {annex.service}",
            DISCRETION_COLUMNS,
            _discretion(annex),
            (f"One row for each standard whose rating was moved; {NOT_APPLICABLE} throughout where none was.",),
        ),
        Sheet(
            "Rating scale",
            "What the ratings mean",
            SCALE_COLUMNS,
            _scale(annex),
            ("One row for each rating, lowest first.",),
        ),
    ]
    evidence = _evidence(annex, cases) if cases else []
    dictionary = Sheet(
        "Data dictionary",
        "Data dictionary",
        DICTIONARY_COLUMNS,
        [
            [sheet.title, column.name, column.meaning, column.values]
            for sheet in (*figures, *evidence)
            for column in sheet.columns
        ],
        ("One row for each column of the other tables.",),
    )
    notes = Sheet(
        "Notes",
        "Notes",
        (Column("Note", 8), Column("What it says", 110)),
        list(enumerate(_notes(annex, cases), 1)),
        ("How to read this workbook.",),
    )
    listed = [notes, *figures, *evidence, dictionary]
    contents = Sheet(
        "Contents",
        "Contents",
        (Column("Sheet", 28), Column("What it holds", 90)),
        [[Link(sheet.title), sheet.notes[0]] for sheet in listed],
        ("The sheets of this workbook after this one, with links.",),
    )
    return [_cover(annex, cases), contents, *listed]


def _cover(annex, cases):
    held = "the ratings of every standard, the percentages of every key question and the cases behind them"
    about = [
        ("Service", annex.service),
        ("Inspection", annex.inspection),
        ("What this is", f"{annex.heading} of the inspection's report as data: {held}."),
        ("State", _state(annex)),
        ("Invented answers", INVENTED if annex.invented_answers else None),
        ("Confidential", CONFIDENTIAL if cases else None),
        ("Overall rating", annex.labels.get(annex.overall, NOT_RATED)),
        ("Score", NOT_AVAILABLE if annex.score is None else str(annex.score)),
        ("Maximum score", str(annex.maximum)),
        ("Cases", f"{annex.samples}." if annex.samples else None),
        ("Standards", annex.standards),
        ("Standards version", str(annex.standards_version)),
        ("Computed at", annex.computed_at),
        ("Sequence", str(annex.sequence)),
        ("Checksum", annex.locked.checksum if annex.locked else None),
        ("Licence", annex.licence),
    ]
    return Sheet(
        "Cover",
        _title(annex),
        (Column("About", 22), Column("What it says", 100)),
        [row for row in about if row[1] is not None],
        ("About this workbook. The sheet Contents leads to its tables; the sheet Notes says how to read them.",),
    )


def _state(annex):
    if annex.locked:
        return f"Ratings locked by {annex.locked.by} at {annex.locked.at}."
    return PROVISIONAL


def _notes(annex, cases):
    yield (
        "A percentage is the share of cases answered yes among those answered yes or no, as a whole number; a half is rounded "
        "up. A standard that is rated from cases has the rating of its lowest key question."
    )
    yield (
        "The five counts of a question add up to the cases of its sample: yes, no, not applicable (with the inspector's "
        "reason), not asked (left out by the facts of the case) and unanswered."
    )
    yield "Professional discretion moves the rating of a standard, never a percentage."
    yield (
        f"Shorthand: {NOT_APPLICABLE} is where nothing applies, such as the percentages of a standard that is rated by "
        f"judgement; {NOT_AVAILABLE} is where something is not known, or not there yet."
    )
    yield "Dates are year, month and day; moments have the offset from UTC with them, as in ISO 8601."
    yield (
        f"Sequence {annex.sequence} is the number of the last change to the inspection that these figures have in them. Files "
        "of one sequence agree with each other."
    )
    yield "Text is never a formula, whatever it begins with. Characters that no workbook can hold are shown by a picture or number."
    if cases:
        yield (
            "Cases stand under the service's pseudonymous references. Who answered is not in here. Cases that were excluded are "
            "among them, and no figure counts them."
        )
        yield (
            "In an Excel file, a text longer than a cell takes goes on in a last sheet, Long texts; its cell says as which text."
        )


def _standards(annex):
    scores = {band.code: band.score for band in annex.bands}
    for domain in annex.domains:
        for held in domain.standards:
            yield [
                domain.code,
                domain.title,
                held.code,
                held.title,
                held.statement,
                "judgement" if held.judged else "percentages",
                annex.labels.get(held.rating),
                scores.get(held.rating),
                annex.labels.get(held.calculated),
                "yes" if held.discretion else "no",
            ]


def _questions(annex):
    for domain in annex.domains:
        for held in domain.standards:
            begun = [domain.code, held.code, held.title]
            for code, text in held.judged_questions:
                yield [*begun, code, text, *[None] * 7]
            for asked in held.key_questions:
                yield [*begun, asked.code, asked.text, *_counted(asked), asked.percent, annex.labels.get(asked.band)]


def _counted(tally):
    return tally.yes, tally.no, tally.not_applicable, tally.not_asked, tally.unanswered


def _discretion(annex):
    for domain in annex.domains:
        for held in domain.standards:
            used = held.discretion
            if used:
                yield [
                    held.code,
                    annex.labels[used.from_],
                    annex.labels[used.to],
                    used.key_question,
                    used.percent,
                    used.reason,
                    used.decided_by,
                    used.ratified_by,
                    used.decided_at,
                ]


def _scale(annex):
    totals = {held.rating: (held.minimum, held.maximum) for held in annex.overall_bands}
    for band in annex.bands:
        yield [band.label, band.code, band.score, band.minimum, band.maximum, *totals.get(band.code, (None, None))]


def _evidence(annex, cases):
    return [
        Sheet(
            "Prompts",
            f"Prompts: {annex.service}",
            PROMPT_COLUMNS,
            _prompts(cases),
            ("One row for each prompt, with the cases by answer. Prompts lead up to a key question and rate nothing.",),
        ),
        Sheet(
            "Cases",
            f"Cases: {annex.service}",
            cases.columns,
            cases.rows(),
            ("One row for each case, one column for each question. The sheet Data dictionary says what they mean.",),
            fixed=1,
        ),
        Sheet(
            "Notes on cases",
            f"Notes on cases: {annex.service}",
            NOTE_COLUMNS,
            cases.note_rows(),
            ("One row for each answer that somebody wrote something about.",),
            fixed=2,
        ),
    ]


def _prompts(cases):
    tallies = cases.tallies()
    for code, question in cases.questions.items():
        if question.role == "prompt":
            tally = tallies[code]
            yield [
                question.standard,
                question.key_question,
                code,
                cases.worded(question.text),
                *_counted(tally),
                percentage(tally.yes, tally.relevant),
            ]
