"""The tables of the programme: their columns, and the rows that one inspection gives."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.lookups import Exact

from cases.models import Answer, Case, Kind
from inspections.models import Inspection, PinnedStandards
from ratings.annex import build_annex
from ratings.policies import hidden_domains, progress_of, what_is_awaited
from ratings.scoring import percentage
from ratings.tallies import state_of

INSPECTIONS, KEY_QUESTIONS, PROMPTS, ANSWERS = TABLES = ("inspections", "key_questions", "prompts", "answers")
FIGURES = (INSPECTIONS, KEY_QUESTIONS, PROMPTS)
TITLES = {
    INSPECTIONS: "Inspections",
    KEY_QUESTIONS: "Key questions",
    PROMPTS: "Prompts",
    ANSWERS: "Case answers",
}
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Column:
    """A column: its `name` in files for machines, its `title` for people, and what it holds.

    `kind` is "text", "number", "percent" (whole, 0-100), "date", "moment", "flag", "state", the code of a
    state of an inspection, or "rating", that of a band.
    """

    name: str
    title: str
    kind: str = "text"


ABOUT = (
    Column("inspection", "Inspection"),
    Column("service", "Service"),
    Column("standards", "Standards"),
    Column("version", "Version", "number"),
    Column("state", "State", "state"),
    Column("year", "Year", "number"),
)
COUNTS = (
    Column("yes", "Yes", "number"),
    Column("no", "No", "number"),
    Column("not_applicable", "Not applicable", "number"),
    Column("not_asked", "Not asked", "number"),
    Column("unanswered", "Unanswered", "number"),
    Column("percent", "Percentage", "percent"),
)
NOT_SHOWN = Column("not_shown", "Not shown because")


def columns_of(table, codes=()):
    """Return the columns of a table. `codes` are the standards that its inspections are rated by (see `standards_of`)."""
    return {
        INSPECTIONS: (
            *ABOUT,
            Column("fieldwork_started", "Fieldwork started", "date"),
            Column("invented_answers", "Case answers are invented", "flag"),
            Column("cases", "Cases counted", "number"),
            *(Column(f"rating.{code}", f"{code} rating", "rating") for code in codes),
            Column("discretion", "Standards moved by discretion"),
            Column("score", "Score", "number"),
            Column("maximum", "Highest score", "number"),
            Column("overall", "Overall rating", "rating"),
            Column("sequence", "Last change", "number"),
            Column("computed_at", "Computed at", "moment"),
            Column("locked_at", "Agreed at", "moment"),
            Column("checksum", "Checksum"),
            NOT_SHOWN,
        ),
        KEY_QUESTIONS: (
            *ABOUT,
            Column("domain", "Domain"),
            Column("standard", "Standard"),
            Column("standard_title", "Title"),
            Column("rating", "Rating", "rating"),
            Column("calculated", "Calculated rating", "rating"),
            Column("key_question", "Key question"),
            Column("text", "Text"),
            *COUNTS,
            Column("band", "Band", "rating"),
            NOT_SHOWN,
        ),
        PROMPTS: (
            *ABOUT,
            Column("domain", "Domain"),
            Column("standard", "Standard"),
            Column("key_question", "Key question"),
            Column("prompt", "Prompt"),
            Column("text", "Text"),
            *COUNTS,
            NOT_SHOWN,
        ),
        ANSWERS: (
            Column("inspection", "Inspection"),
            Column("standards", "Standards"),
            Column("version", "Version", "number"),
            Column("sequence", "Last change", "number"),
            Column("case", "Case"),
            Column("sample", "Sample"),
            Column("disposal", "Disposal"),
            Column("case_state", "State of the case"),
            Column("counted", "Counted", "flag"),
            Column("standard", "Standard"),
            Column("question", "Question"),
            Column("role", "Kind of question"),
            Column("asked", "Asked", "flag"),
            Column("answer", "Answer"),
            Column("counts_as", "Counts as"),
        ),
    }[table]


def standards_of(inspections):
    """Return (codes of standards, words for ratings by code) of all documents that these inspections are rated by."""
    codes, labels = {}, {}
    for pinned in (
        PinnedStandards.objects.filter(pk__in=inspections.order_by().values("standards"))
        .defer("content")
        .order_by("code", "version")
    ):
        codes |= dict.fromkeys(pinned.document.standards)
        labels |= {band.code: band.label for band in pinned.document.bands}
    return tuple(codes), labels


@dataclass(frozen=True)
class Part:
    """What one inspection gives, as at one moment: `rows` by table, in the order of the columns.

    `not_shown` says why its figures are not there, "" where they are.
    """

    name: str
    rows: dict[str, Iterator[tuple]]
    not_shown: str


def part_of(inspection_id, tables, codes, cell=lambda value: value):
    """Return the `Part` of an inspection, each value as `cell` gives it.

    The caller holds a `snapshot`, and reads the rows inside it.
    """
    inspection = (
        Inspection.objects.select_related("service", "standards", "lifecycle", "sequence", "result")
        .defer("standards__content")
        .get(pk=inspection_id)
    )
    progress = progress_of(inspection)
    hidden = hidden_domains(inspection, progress)
    # As with Annex 2: nothing that comes from cases is taken out before all of it may be.
    not_shown = " ".join(
        what_is_awaited(inspection, progress[domain.sample])
        for domain in inspection.document.domains
        if domain.code in hidden
    )
    value = build_annex(inspection, inspection.result)
    about = _about(inspection)
    rows = {
        INSPECTIONS: lambda: _inspection(inspection, value, about, codes, not_shown),
        KEY_QUESTIONS: lambda: _key_questions(value, about, not_shown),
        PROMPTS: lambda: _prompts(inspection, about, not_shown),
    }
    given = {table: (tuple(map(cell, row)) for row in rows[table]()) for table in tables if table in rows}
    if ANSWERS in tables:
        given[ANSWERS] = () if not_shown else answers_of(inspection, cell)
    return Part(inspection.slug, given, not_shown)


def rows_of(inspections, tables):
    """Return how many rows these inspections give, as far as is known beforehand: what is hidden counts as if it were not."""
    figures = 0
    for pinned, count in inspections.order_by().values_list("standards").annotate(count=Count("*")):
        document = PinnedStandards.objects.defer("content").get(pk=pinned).document
        asked = [
            held
            for standard in document.standards.values()
            if standard.method == "percentage"
            for held in standard.key_questions
        ]
        each = {
            INSPECTIONS: 1,
            KEY_QUESTIONS: len(asked),
            PROMPTS: sum(len(held.prompts) for held in asked),
        }
        figures += count * sum(each.get(table, 0) for table in tables)
    return figures + (_ANSWERS.filter(case__inspection__in=inspections.order_by()).count() if ANSWERS in tables else 0)


def _about(inspection):
    started = inspection.fieldwork_started
    return (
        inspection.slug,
        inspection.service.name,
        inspection.standards.code,
        inspection.standards.version,
        inspection.lifecycle.state,
        started.year if started else None,
    )


def _inspection(inspection, value, about, codes, not_shown):
    standards = {held.code: held for domain in value.domains for held in domain.standards}
    shown = {code: held for code, held in standards.items() if held.judged or not not_shown}
    yield (
        *about,
        inspection.fieldwork_started.isoformat() if inspection.fieldwork_started else None,
        inspection.invented_answers,
        sum(domain.cases for domain in value.domains),
        *(shown[code].rating if code in shown else None for code in codes),
        ", ".join(code for code, held in shown.items() if held.discretion),
        None if not_shown else value.score,
        value.maximum,
        None if not_shown else value.overall,
        value.sequence,
        value.computed_at,
        value.locked.at if value.locked else None,
        value.locked.checksum if value.locked else "",
        not_shown,
    )


def _key_questions(value, about, not_shown):
    for domain in value.domains:
        for held in domain.standards:
            for asked in held.key_questions:
                counts = (asked.yes, asked.no, asked.not_applicable, asked.not_asked, asked.unanswered)
                yield (
                    *about,
                    domain.code,
                    held.code,
                    held.title,
                    *((None, None) if not_shown else (held.rating, held.calculated)),
                    asked.code,
                    asked.text,
                    *((None,) * 7 if not_shown else (*counts, asked.percent, asked.band)),
                    not_shown,
                )


def _prompts(inspection, about, not_shown):
    tallies = inspection.result.tallies
    for domain in inspection.document.domains:
        for standard in domain.standards:
            if standard.method != "percentage":
                continue
            for held in standard.key_questions:
                for prompt in held.prompts:
                    code = f"{held.code}.{prompt.code}"
                    yes, no, *_ = counts = tallies[code]
                    yield (
                        *about,
                        domain.code,
                        standard.code,
                        held.code,
                        code,
                        inspection.worded(prompt.text),
                        *((None,) * 6 if not_shown else (*counts, percentage(yes, yes + no))),
                        not_shown,
                    )


# Texts that people write are not taken out: they may name somebody.
_ANSWERS = Answer.objects.exclude(kind=Kind.TEXT)


def answers_of(inspection, cell=lambda value: value):
    """Yield the rows of the case answers of an inspection, a row for each rated question, fact and choice of each case.

    Read in pieces, so that it does not matter how many there are. What comes again and again is put together once.
    """
    document = inspection.document
    about = (inspection.slug, inspection.standards.code, inspection.standards.version, inspection.sequence.value)
    known = {held.sample: (document.questions(held.sample), {}) for held in document.domains if held.sample}
    cases = {
        pk: (tuple(map(cell, (*about, reference, sample, disposal, state, not excluded))), *known[sample])
        for pk, reference, sample, disposal, state, excluded in Case.objects.filter(inspection=inspection).values_list(
            "pk", "reference", "sample", "disposal", "state", "excluded_reason"
        )
    }
    found = (
        _ANSWERS.filter(case__inspection=inspection)
        .order_by("case", "question")
        .values_list("case", "question", "asked", "value", Exact("reason", ""))
    )
    for case, *answer in found.iterator(ROWS_AT_ONCE):
        first, questions, ends = cases[case]
        key = tuple(answer)
        end = ends.get(key)
        if end is None:
            end = ends[key] = _end(document, questions, cell, *answer)
        if end:
            yield first + end


def _end(document, questions, cell, code, asked, value, bare):
    """Return what an answer is in its row, after the case; nothing for a question that its sample is not asked."""
    question = questions.get(code)
    if question is None:
        return ()
    counts_as = state_of(document, code, asked, value, bare) if question.kind == "rated" else ""
    return tuple(map(cell, (question.standard, code, question.role, asked, value, counts_as)))
