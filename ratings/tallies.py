"""Counting the answers of an inspection: one grouped query."""

from collections import defaultdict

from django.db.models import Count, F
from django.db.models.lookups import Exact

from cases.models import Answer, Kind
from ratings.scoring import Tally
from standards.document import NO, NOT_APPLICABLE, YES

# Made once: putting the query together takes as long as a tenth of its answer.
_GROUPED = (
    Answer.objects.filter(case__excluded_reason="", kind=Kind.RATED)
    .values_list("question", "asked", "value", Exact(F("reason"), ""))
    .annotate(cases=Count("*"))
    .order_by()
)


def grouped_answers(inspection_id):
    """Return the rated answers of cases that are not excluded, counted by question, asked, value and reason awaited."""
    return _GROUPED.filter(case__inspection_id=inspection_id)


def count_answers(document, inspection_id, *, states=None):
    """Return a `Tally` for every key question and prompt of the document that cases are asked, by question code.

    With `states`, only cases in one of them are counted.

    A key question that is "not applicable, reason awaited" counts as unanswered (rules page, "The five states of an
    answer").
    """
    answers = grouped_answers(inspection_id)
    if states is not None:
        answers = answers.filter(case__state__in=states)
    counts = defaultdict(lambda: dict.fromkeys(("yes", "no", "not_applicable", "not_asked", "unanswered"), 0))
    for question, asked, value, bare, cases in answers:
        counts[question][state_of(document, question, asked, value, bare)] += cases
    return {code: Tally(**counts[code]) for code in rated_codes(document)}


def state_of(document, question, asked, value, bare):
    """Return the state that an answer counts in, as a field of `Tally`. `bare` says that it gives no reason."""
    if not asked:
        return "not_asked"
    if value in (YES, NO):
        return value
    if value == NOT_APPLICABLE and not (bare and question in document.key_questions):
        return "not_applicable"
    return "unanswered"


def rated_codes(document):
    """Return the codes of every question that is rated in cases, in printed order: each key question, then its prompts."""
    return [
        code
        for standard in document.standards.values()
        if standard.method == "percentage"
        for held in standard.key_questions
        for code in (held.code, *(f"{held.code}.{prompt.code}" for prompt in held.prompts))
    ]
