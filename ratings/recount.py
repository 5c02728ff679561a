"""Counting again from the answers themselves, one by one, by another road than the grouped query."""

from dataclasses import astuple

from cases.asked import asked_questions
from cases.models import Case
from inspections.actions import current_judgements
from ratings.actions import current_decisions
from ratings.annex import DamagedAnnex, check_frozen
from ratings.models import DiscretionDecision, Result
from ratings.scoring import Decision, Tally, rate
from ratings.tallies import rated_codes
from standards.document import NO, NOT_APPLICABLE, YES

STATES = ("yes", "no", "not_applicable", "not_asked", "unanswered")


def differences(inspection):
    """Return a sentence for each stored figure that a full recount does not give, an empty list if all agree.

    So is each Annex that was frozen and is not what its checksum says.
    """
    found = damaged(inspection)
    stored = Result.objects.filter(inspection=inspection).first()
    if stored is None:
        return [*found, "No results are stored. Run recompute."]
    tallies = recount(inspection)
    document = inspection.document
    found += [
        f"{code}: stored {_counts(stored.tallies.get(code))}, recounted {_counts(list(astuple(tally)))}."
        for code, tally in tallies.items()
        if stored.tallies.get(code) != list(astuple(tally))
    ]
    result = rate(
        document,
        {code: tally for code, tally in tallies.items() if code in document.key_questions},
        {code: judgement.rating for code, judgement in current_judgements(inspection).items()},
        [
            Decision(held.standard, held.from_rating, held.to_rating)
            for held in current_decisions(inspection).values()
            if held.event == DiscretionDecision.Event.APPLIED
        ],
    )
    for held in result.standards:
        recounted = [held.calculated, held.rating, held.discretion]
        if stored.standards.get(held.code) != recounted:
            found.append(f"standard {held.code}: stored {stored.standards.get(held.code)}, recounted {recounted}.")
    if (stored.score, stored.overall or None) != (result.score, result.overall):
        found.append(f"score: stored {stored.score} {stored.overall}, recounted {result.score} {result.overall}.")
    return found


def damaged(inspection):
    """Return a sentence for each frozen Annex of an inspection whose text was changed, those that were voided too."""
    found = []
    for frozen in inspection.frozen_annexes.order_by("id"):
        try:
            check_frozen(frozen)
        except DamagedAnnex as fault:
            found.append(str(fault))
    return found


def recount(inspection):
    """Return a `Tally` for every rated question, from each answer row and the facts of its case."""
    document = inspection.document
    counts = {code: dict.fromkeys(STATES, 0) for code in rated_codes(document)}
    for case in Case.objects.filter(inspection=inspection, excluded_reason="").prefetch_related("answers"):
        rows = {row.question: row for row in case.answers.all()}
        asked = asked_questions(
            document,
            inspection.applicability,
            case.sample,
            {code: row.value for code, row in rows.items() if row.kind == "fact"},
            {code: row.asked_because for code, row in rows.items() if row.asked_because},
            case.disposal,
        )
        for code, question in document.questions(case.sample).items():
            if question.kind == "rated":
                counts[code][_state(question, rows.get(code), code in asked)] += 1
    return {code: Tally(**held) for code, held in counts.items()}


def _state(question, row, asked):
    if not asked:
        return "not_asked"
    if row is None or row.value is None:
        return "unanswered"
    if row.value == NOT_APPLICABLE and question.role == "key_question" and not row.reason:
        return "unanswered"
    return {YES: "yes", NO: "no", NOT_APPLICABLE: "not_applicable"}[row.value]


def _counts(counts):
    if counts is None:
        return "nothing"
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in zip(STATES, counts, strict=True))
