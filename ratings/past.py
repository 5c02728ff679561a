"""An inspection as it was at a moment, rebuilt from its revisions: settings, state, cases, answers, figures.

What was asked follows from the facts, reasons and settings of that moment (rules page, "Which questions are asked"): a
question is left out of a case whose fact was answered with "no", unless there was a reason to ask it all the same.
"""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from cases.asked import applicability_of, asked_questions
from cases.models import Answer, AnswerRevision, Case, CaseRevision, Kind
from inspections.lifecycle import TABLE
from inspections.models import Inspection, InspectionRevision, Lifecycle
from ratings.actions import figures_at
from ratings.models import Result
from ratings.moments import Moment
from ratings.policies import Progress, progress_from
from ratings.scoring import Tally
from standards.document import NOT_APPLICABLE

# The newest revision of each case, and of each of its questions, up to a sequence. Versions follow one another in
# the order of their sequences.
CASES = """
    SELECT case_id, sample, state, excluded_reason, excluded_as
    FROM (
        SELECT revision.case_id, revision.sample, revision.state, revision.excluded_reason, revision.excluded_as,
            ROW_NUMBER() OVER (PARTITION BY revision.case_id ORDER BY revision.sequence DESC) AS place
        FROM cases_caserevision revision JOIN cases_case held ON held.id = revision.case_id
        WHERE held.inspection_id = %s AND revision.sequence <= %s
    ) placed
    WHERE place = 1
"""
PROGRESS = f"""
    SELECT sample, state, excluded_reason, excluded_as, COUNT(*)
    FROM ({CASES}) known GROUP BY sample, state, excluded_reason, excluded_as
"""  # noqa: S608 - our own words
# NOT IN, whose list is looked up in a hash however few rows the planner expects; a join would go through them all.
COUNTED = """
    WITH rule (question, key_question, fact, sample) AS (VALUES {rules}),
    counted AS (SELECT case_id, sample FROM ({cases}) known WHERE excluded_reason = ''),
    newest AS (
        SELECT case_id, sample, question, value, reason, asked_because
        FROM (
            SELECT counted.case_id, counted.sample, revision.question, revision.value, revision.reason,
                revision.asked_because,
                ROW_NUMBER() OVER (PARTITION BY revision.case_id, revision.question ORDER BY revision.version DESC) AS place
            FROM counted JOIN cases_answerrevision revision ON revision.case_id = counted.case_id
            WHERE revision.sequence <= %s
        ) placed
        WHERE place = 1
    ),
    left_out AS (
        SELECT fact.case_id, rule.key_question
        FROM newest fact
        JOIN rule ON rule.fact = fact.question AND rule.sample = fact.sample AND rule.question = rule.key_question
        WHERE fact.value = 'false'
            AND (fact.case_id, rule.key_question) NOT IN (SELECT case_id, question FROM newest WHERE asked_because <> '')
    )
    SELECT newest.question, newest.value, newest.reason = '', COUNT(*)
    FROM newest
    LEFT JOIN rule ON rule.question = newest.question
    WHERE newest.value IN ('yes', 'no', 'not_applicable')
        AND (newest.case_id, COALESCE(rule.key_question, '')) NOT IN (SELECT case_id, key_question FROM left_out)
    GROUP BY newest.question, newest.value, newest.reason = ''
    UNION ALL
    SELECT key_question, 'not_asked', TRUE, COUNT(*) FROM left_out GROUP BY key_question
"""


@dataclass(frozen=True)
class Past:
    """An inspection at a moment. `inspection` has the settings and the state that it had then; it is never saved."""

    moment: Moment
    inspection: Inspection

    @cached_property
    def progress(self) -> dict[str, Progress]:
        """How far the cases of each sample had come."""
        return progress_from(self.inspection.document, _rows(PROGRESS, self.inspection.pk, self.moment.sequence))

    @cached_property
    def result(self) -> Result:
        """The figures as a result, which is never stored."""
        figures = figures_at(self.inspection, self.moment.sequence, self.tallies)
        return Result(inspection=self.inspection, computed_at=self.moment.changed_at, **figures.stored)

    @cached_property
    def tallies(self) -> dict[str, Tally]:
        """A tally for every key question and prompt, by code, as `ratings.tallies.count_answers` gives it for now."""
        return count_answers_at(self.inspection, self.moment.sequence, self.progress)

    @cached_property
    def cases(self) -> list[Case]:
        """The cases that were there, by reference, each with what was known of it then. They are never saved."""
        return _cases(self)

    def excluded(self, sample: str) -> list[Case]:
        """Return the cases of a sample that were left out of every count."""
        return [case for case in self.cases if case.sample == sample and case.excluded_reason]

    def answers(self, sample: str, questions: set[str]) -> list[Answer]:
        """Return the answers to these questions in every case of a sample that counted, by reference. They are never saved.

        Where a rated question is among them, so are its key question and the fact that decides whether it is asked.
        """
        counted = [case for case in self.cases if case.sample == sample and not case.excluded_reason]
        return _answers(self, counted, questions)


def look_back(inspection, moment):
    """Return the `Past` of an inspection at a moment. Two small queries, and more for what is asked of it."""
    then = copy(inspection)
    revision = InspectionRevision.objects.filter(inspection=inspection, sequence__lte=moment.sequence)
    settings = revision.order_by("-sequence").first()
    for name in ("terms", "wording", "applicability", "figures_open"):
        setattr(then, name, getattr(settings, name))
    then.lifecycle = Lifecycle(inspection_id=inspection.pk, state=state_at(inspection, moment))
    return Past(moment, then)


def state_at(inspection, moment):
    """Return the state that an inspection was in at a moment. After a change it is that before the next one."""
    steps = list(inspection.lifecycle_steps.order_by("id").values_list("step", "state", "sequence", "at"))
    taken = [
        state
        for _, state, sequence, at in steps
        if sequence <= moment.sequence and (moment.until is None or at < moment.until)
    ]
    if taken:
        return taken[-1]
    # Where an inspection began is where its first step did.
    return TABLE[steps[0][0]].begins[0] if steps else inspection.lifecycle.state


def count_answers_at(inspection, sequence, progress):
    """Return a `Tally` for every rated question as at a sequence. One grouped query. `progress` is that of the moment."""
    document = inspection.document
    rules, parameters = _rules(inspection)
    counts = defaultdict(lambda: dict.fromkeys(("yes", "no", "not_applicable", "not_asked"), 0))
    sql = COUNTED.format(rules=rules, cases=CASES)
    for question, value, bare, count in _rows(sql, *parameters, inspection.pk, sequence, sequence):
        if value != NOT_APPLICABLE or not bare or question not in document.key_questions:
            counts[question][value] += count
    return {
        code: _tally(counts[code], counts[key_question]["not_asked"], progress[sample].cases)
        for sample, key_question, code in _codes(document)
    }


def _tally(answered, not_asked, cases):
    held = answered | {"not_asked": not_asked}
    return Tally(**held, unanswered=cases - sum(held.values()))


def _codes(document):
    """Yield (sample, key question, code) of every rated question, in printed order."""
    for domain in document.domains:
        for standard in domain.standards:
            if standard.method == "percentage":
                for held in standard.key_questions:
                    for code in (held.code, *(f"{held.code}.{prompt.code}" for prompt in held.prompts)):
                        yield domain.sample, held.code, code


def _rules(inspection):
    """Return the rows (question, key question, fact, sample) of what a fact can leave out, as places and parameters."""
    rows = [("", "", "", "")]  # a table of no rows cannot be written down
    document = inspection.document
    for sample, key_question, code in _codes(document):
        fact = applicability_of(document, inspection.applicability, document.key_questions[key_question]).fact
        if fact:
            rows.append((code, key_question, fact, sample))
    return ", ".join(["(%s, %s, %s, %s)"] * len(rows)), [value for row in rows for value in row]


def _rows(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _cases(past):
    newest = (
        CaseRevision.objects.filter(case__inspection=past.inspection, sequence__lte=past.moment.sequence)
        .annotate(place=Window(RowNumber(), partition_by="case", order_by=F("sequence").desc()))
        .filter(place=1)
        .select_related("case")
    )
    cases = []
    for revision in newest:
        case = revision.case
        case.inspection = past.inspection
        for name in ("sample", "disposal", "profile", "state", "excluded_reason", "excluded_as"):
            setattr(case, name, getattr(revision, name))
        cases.append(case)
    return sorted(cases, key=lambda case: case.reference)


def _answers(past, cases, questions):
    newest = (
        AnswerRevision.objects.filter(case__in=cases, question__in=questions, sequence__lte=past.moment.sequence)
        .annotate(place=Window(RowNumber(), partition_by=["case", "question"], order_by=F("version").desc()))
        .filter(place=1)
        .select_related("by")
    )
    given = {case.pk: {} for case in cases}
    for revision in newest:
        given[revision.case_id][revision.question] = revision
    return [answer for case in cases for answer in _of_case(past.inspection, case, given[case.pk], questions)]


def _of_case(inspection, case, given, questions):
    known = case.questions
    asked = asked_questions(
        inspection.document,
        inspection.applicability,
        case.sample,
        {code: revision.value for code, revision in given.items() if known[code].role == "fact"},
        {code: revision.asked_because for code, revision in given.items()},
        case.disposal,
    )
    for code in sorted(questions):
        answer = Answer(case=case, question=code, kind=known[code].kind)
        answer.asked = answer.kind != Kind.RATED or code in asked
        if code in given:
            _fill(answer, given[code])
        yield answer


def _fill(answer, revision):
    for name in ("value", "reason", "note", "asked_because", "source", "at_interview", "version"):
        setattr(answer, name, getattr(revision, name))
    answer.last_command, answer.answered_by, answer.answered_at = revision.command_id, revision.by, revision.at
