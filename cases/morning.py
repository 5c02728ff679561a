"""What the morning page tells: what needs somebody today. Read only, and as many queries however many cases there are.

Days are those of the clock on the wall. "Since yesterday" goes back to the beginning of the last working day before
today, so that Monday's page has Friday and the weekend.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.models import Answer, AnswerRevision, Case, CaseRevision, CaseState, Kind
from cases.policies import FINISHED
from cases.workdays import working_day_before, working_days
from standards.document import NO, NOT_APPLICABLE

# The order in which an inspector takes up cases.
NEXT = (CaseState.RETURNED, CaseState.IN_PROGRESS, CaseState.ALLOCATED)


@dataclass(frozen=True)
class Blocked:
    """A case that cannot be read on, and why."""

    case: Case
    why: str


@dataclass(frozen=True)
class StandardProgress:
    """How many cases of a sample have come how far with one standard: nothing answered, something, all that is asked."""

    code: str
    title: str
    sample: str
    untouched: int
    begun: int
    answered: int


def since(now):
    """Return the beginning of the last working day before the day of `now`, as a moment."""
    day = working_day_before(timezone.localtime(now).date())
    return timezone.make_aware(datetime.combine(day, time()))


def counted_cases(inspection):
    """Return the cases of an inspection that count, in the order of their references, with whoever reads them. One query."""
    cases = Case.objects.filter(inspection=inspection, excluded_reason="").select_related("allocated_to")
    found = list(cases.defer("profile").order_by("reference", "pk"))
    for case in found:
        case.inspection = inspection
    return found


def interviews_on(day, cases):
    """Return the interviews of a day as [(name of who reads the case, cases)]: by name, those of each by time."""
    found = [case for case in cases if is_on(day, case)]
    found.sort(key=lambda case: (*_reader(case), case.interview_at, case.reference))
    return [(name, list(held)) for (_, name, _), held in groupby(found, key=_reader)]


def _reader(case):
    """Return what sorts cases by who reads them: by name, and those of nobody last."""
    return (case.allocated_to is None, case.allocated_to.name if case.allocated_to else "Nobody", case.allocated_to_id)


def is_on(day, case):
    """Return whether the interview of a case is on a day."""
    return case.interview_at is not None and timezone.localtime(case.interview_at).date() == day


def interviews_recorded(inspection):
    """Return what the cases say of whether the case manager was interviewed: the answer by primary key of the case."""
    codes = [question.code for question in inspection.document.case_questions if question.about == "interview"]
    answers = Answer.objects.filter(case__inspection=inspection, question__in=codes).exclude(value=None)
    return dict(answers.values_list("case", "value"))


def blocked(cases, recorded):
    """Return the cases that are not finished and blocked, as [(reason in words, [Blocked])], without empty groups.

    There is no file, or the interview was not held, or none is arranged and none was. A case stands once, for the first of
    these.
    """
    groups = {"No file": [], "Interview not held": [], "No interview arranged": []}
    for case in cases:
        if case.state in FINISHED:
            continue
        if case.no_file_because:
            groups["No file"].append(Blocked(case, case.no_file_because))
        elif recorded.get(case.pk) == NO:
            groups["Interview not held"].append(Blocked(case, ""))
        elif case.interview_at is None and case.pk not in recorded:
            groups["No interview arranged"].append(Blocked(case, ""))
    return [(words, found) for words, found in groups.items() if found]


def not_started(cases):
    """Return the cases in which nothing is answered yet."""
    return [case for case in cases if case.state == CaseState.ALLOCATED]


def days_left(inspection, today):
    """Return in a sentence how much of fieldwork is left on a day."""
    starts, ends = inspection.fieldwork_started, inspection.fieldwork_ends
    if ends is None:
        return "No last day of fieldwork is set."
    if today > ends:
        return f"Fieldwork ended on {in_words(ends)}."
    if starts and today < starts:
        return f"Fieldwork is from {in_words(starts)} to {in_words(ends)}: {_days(working_days(starts, ends))}."
    left = working_days(today, ends)
    included = ", today included" if working_days(today, today) else ""
    return f"{_days(left)} of fieldwork {'is' if left == 1 else 'are'} left{included}: it ends on {in_words(ends)}."


def in_words(day):
    """Return a day as people read it: "Friday 27 November 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def _days(number):
    return "1 working day" if number == 1 else f"{number or 'No'} working days"


def progress_by_standard(inspection, cases):
    """Return the `StandardProgress` of every standard that cases are read on, in printed order. One query."""
    document = inspection.document
    standards = [(held.sample, standard) for held in document.domains if held.sample for standard in held.standards]
    codes = {standard.code: [] for _, standard in standards}
    for code, question in rated_questions(document).items():
        codes[question.standard].append(code)
    awaited = Q(value=NOT_APPLICABLE, reason="", question__in=document.key_questions)
    standard_of = models.Case(
        *(When(question__in=found, then=Value(code)) for code, found in codes.items()), output_field=models.CharField()
    )
    counts = (
        Answer.objects.filter(case__inspection=inspection, kind=Kind.RATED, asked=True)
        .annotate(standard=standard_of)
        .values_list("case", "standard")
        .annotate(all=Count("*"), answered=Count("pk", filter=Q(value__isnull=False) & ~awaited))
        .order_by()
    )
    reached = {(case, standard): (answered, every) for case, standard, every, answered in counts}
    rows = []
    for sample, standard in standards:
        steps = Counter(
            _step(*reached.get((case.pk, standard.code), (0, 0))) for case in cases if case.sample == sample
        )
        rows.append(
            StandardProgress(
                standard.code,
                inspection.worded(standard.title),
                sample,
                *(steps[step] for step in ("untouched", "begun", "answered")),
            )
        )
    return rows


def rated_questions(document):
    """Return the rated questions of every sample by code."""
    return {
        code: question
        for sample in document.samples
        for code, question in document.questions(sample.code).items()
        if question.kind == Kind.RATED
    }


def _step(answered, asked):
    """Return how far one case is with one standard. Where nothing is asked, nothing is left to answer."""
    if answered == asked:
        return "answered"
    return "begun" if answered else "untouched"


def not_applicable_since(inspection, moment):
    """Return the revisions that made a key question not applicable, newest first, and (case, number) of those of prompts.

    Those of cases that are excluded by now are left out.
    """
    stood = AnswerRevision.objects.filter(
        case=OuterRef("case"), question=OuterRef("question"), version=OuterRef("version") - 1, value=NOT_APPLICABLE
    )
    rated = rated_questions(inspection.document)
    found = AnswerRevision.objects.filter(
        ~Exists(stood),
        case__inspection=inspection,
        case__excluded_reason="",
        value=NOT_APPLICABLE,
        at__gte=moment,
    )
    key_questions, prompts = [], Counter()
    for revision in found.select_related("case", "by").defer("case__profile", "note").order_by("-pk"):
        if revision.question in inspection.document.key_questions:
            key_questions.append(revision)
        elif revision.question in rated:
            prompts[revision.case] += 1
    return key_questions, sorted(prompts.items(), key=lambda held: held[0].reference)


def facts_changed_since(inspection, moment):
    """Return the revisions that changed a fact of a case that counts, newest first, each with the value that stood `before`.

    One query.
    """
    before = AnswerRevision.objects.filter(
        case=OuterRef("case"), question=OuterRef("question"), version=OuterRef("version") - 1
    )
    facts = [fact.code for fact in inspection.document.facts]
    return list(
        AnswerRevision.objects.filter(
            case__inspection=inspection, case__excluded_reason="", question__in=facts, version__gt=1, at__gte=moment
        )
        .annotate(before=Subquery(before.values("value")))
        .filter(Q(value=None) | ~Q(before=F("value")), before__isnull=False)
        .select_related("case", "by")
        .defer("case__profile", "note")
        .order_by("-pk")
    )


def exclusions_since(inspection, moment):
    """Return the revisions that took a case out of the sample, changed why it is out, or brought it back, newest first.

    One query.
    """
    before = CaseRevision.objects.filter(case=OuterRef("case"), sequence__lt=OuterRef("sequence")).order_by("-sequence")
    return list(
        CaseRevision.objects.filter(case__inspection=inspection, at__gte=moment)
        .annotate(
            before=Coalesce(Subquery(before.values("excluded_reason")[:1]), Value(""), output_field=models.TextField())
        )
        .exclude(before=F("excluded_reason"))
        .select_related("case", "by")
        .defer("profile", "case__profile")
        .order_by("-pk")
    )


def next_case(cases):
    """Return the case to take up next of a person's cases, or None: one returned, one begun, one not started.

    Cases without a file are passed over. Among alike the one whose interview comes first goes first.
    """
    open_ones = [case for case in cases if case.state in NEXT and not case.no_file_because]
    never = datetime.max.replace(tzinfo=timezone.get_default_timezone())
    return min(
        open_ones,
        key=lambda case: (NEXT.index(case.state), case.interview_at or never, case.reference),
        default=None,
    )


def next_interview(cases, now):
    """Return the case whose interview comes next of a person's cases, or None."""
    coming = [case for case in cases if case.interview_at and case.interview_at >= now]
    return min(coming, key=lambda case: (case.interview_at, case.reference), default=None)
