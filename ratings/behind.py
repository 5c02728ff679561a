"""What is behind one percentage: every case of its sample, in the one state that it counts in, and why. Read only.

What counts how is the rules page's, "The five states of an answer"; figures and lists so add up to the same cases.
"""

from dataclasses import dataclass, field

from cases.answers import shown_value
from cases.asked import applicability_of, proposed
from cases.exclusions import by_label
from cases.models import Answer, Case
from ratings.scoring import Tally
from ratings.tallies import state_of

OTHER_REASON = "A reason in the inspector's own words"


@dataclass(frozen=True)
class Standing:
    """One case at the question: its answer, and why it is asked in spite of the facts ("" where they propose it).

    `kept` is what was answered before the facts left the question out, in words, or "".
    """

    answer: Answer
    state: str
    asked_because: str
    kept: str
    fact: Answer | None

    @property
    def case(self):
        """The case."""
        return self.answer.case


@dataclass(frozen=True)
class Behind:
    """The cases of one question by state, and the cases left out of every count by reason.

    `rule` says when the question is asked ("where there are …") and `fact` is the text of the fact that decides it; both
    are "" where it is asked in every case. `states` holds every state, in the order of `Tally`.
    """

    rule: str
    fact: str
    states: dict[str, list[Standing]]
    excluded: dict[str, list[Case]] = field(default_factory=dict)

    @property
    def tally(self):
        """The counts of these cases."""
        return Tally(*(len(held) for held in self.states.values()))

    @property
    def asked_anyway(self):
        """The cases in which the inspector asks what the facts leave out."""
        return [held for state in self.states.values() for held in state if held.asked_because]

    def reasons(self, known=None):
        """Return the "not applicable" cases by reason, most first. With `known` every other reason is merged into one."""
        found = {}
        for held in self.states["not_applicable"]:
            reason = held.answer.reason
            if known is not None and reason not in known:
                reason = OTHER_REASON
            found.setdefault(reason, []).append(held)
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def look_behind(inspection, question, sample, *, past=None):
    """Return the `Behind` of a rated question (see `standards.document.Question`) of the sample. Two queries.

    With a `ratings.past.Past`, as it was then, and `inspection` is that of the past.
    """
    document = inspection.document
    key_question = document.key_questions[question.key_question]
    rule = applicability_of(document, inspection.applicability, key_question)
    wanted = {question.code, key_question.code} | ({rule.fact} if rule.fact else set())
    rows = {}
    for row in past.answers(sample, wanted) if past else _answers(inspection, sample, wanted):
        rows.setdefault(row.case_id, {})[row.question] = row
    states = {state: [] for state in Tally.__dataclass_fields__}
    for held in rows.values():
        row, fact = held[question.code], held.get(rule.fact)
        state = state_of(document, row.question, row.asked, row.value, not row.reason)
        facts = {fact.question: fact.value} if fact else {}
        anyway = held[key_question.code].asked_because
        if anyway and proposed(document, inspection.applicability, key_question, facts, row.case.disposal):
            anyway = ""
        hidden = state == "not_asked" and row.value is not None
        kept = inspection.worded(shown_value(question, row.value)) if hidden else ""
        states[state].append(Standing(row, state, anyway if row.asked else "", kept, fact))
    return Behind(
        rule=inspection.worded(rule.meaning) if rule.fact else "",
        fact=inspection.worded(next(fact.text for fact in document.facts if fact.code == rule.fact))
        if rule.fact
        else "",
        states=states,
        excluded=by_label(past.excluded(sample) if past else _excluded(inspection, sample)),
    )


def _answers(inspection, sample, questions):
    """Return the answers to these questions in every case of a sample that counts, by reference of the case."""
    return (
        Answer.objects.filter(
            case__inspection=inspection, case__sample=sample, case__excluded_reason="", question__in=questions
        )
        .select_related("case", "answered_by")
        .order_by("case__reference")
    )


def _excluded(inspection, sample):
    return Case.objects.filter(inspection=inspection, sample=sample).exclude(excluded_reason="")
