"""What was changed after how firm the ratings are had been opened, and what each change raised or lowered. Read only.

Nothing is stored about such a change beyond the revisions themselves: they are replayed case by case, and the sequence of
the domain's first opening parts before from after. Source: the rules page, "How firm is it?".
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from django.db.models import Min, Q

from accounts.models import User
from cases.asked import asked_questions
from cases.models import AnswerRevision, Case, CaseRevision
from ratings.models import ChangeAgreement
from ratings.scoring import Tally
from ratings.tallies import count_answers
from standards.document import NO, YES


@dataclass(frozen=True)
class Effect:
    """What a change did to the percentage of one key question: yes and relevant cases before and after it."""

    question: str
    before: Tally
    after: Tally

    @property
    def direction(self):
        """1 where it raised the percentage, -1 where it lowered it, 0 where it left it, to the last fraction, or made one."""
        if not self.before.relevant or not self.after.relevant:
            return 0
        shares = [Fraction(held.yes, held.relevant) for held in (self.before, self.after)]
        return (shares[1] > shares[0]) - (shares[1] < shares[0])


@dataclass(frozen=True)
class Change:
    """What one person changed in one case at one sequence, and what it did to the percentages of its domain.

    `answers` and `cases` are (revision, the one before it or None). `agreement` is the second person's, or None.
    """

    sequence: int
    domain: str
    case: Case
    by: User
    at: datetime
    answers: tuple[tuple[AnswerRevision, AnswerRevision | None], ...]
    cases: tuple[tuple[CaseRevision, CaseRevision | None], ...]
    effects: tuple[Effect, ...]
    agreement: ChangeAgreement | None = None

    @property
    def raised(self):
        """The codes of the key questions whose percentage it raised."""
        return [held.question for held in self.effects if held.direction > 0]

    @property
    def lowered(self):
        """The codes of the key questions whose percentage it lowered."""
        return [held.question for held in self.effects if held.direction < 0]


def unconfirmed_changes(inspection):
    """Return the changes that no second person has agreed yet; ratings are locked only when there is none."""
    return [change for change in changes_after_opening(inspection) if change.agreement is None]


def changes_after_opening(inspection):
    """Return every `Change` that came after the first opening of its domain and moved one of its percentages, oldest first.

    Eight queries, or one where nothing was opened. The caller holds a snapshot where saves may come in meanwhile.
    """
    since = dict(inspection.firmness_openings.values_list("domain").annotate(first=Min("sequence")).order_by())
    if not since:
        return []
    document = inspection.document
    domains = {domain.sample: domain.code for domain in document.domains if domain.code in since}
    later = Q()
    for sample, domain in domains.items():
        later |= Q(case__sample=sample, sequence__gt=since[domain])
    touched = set()
    for model in (AnswerRevision, CaseRevision):
        touched |= set(model.objects.filter(later, case__inspection=inspection).values_list("case", flat=True))
    cases = {
        case.pk: case
        for case in Case.objects.filter(pk__in=touched)
        .select_related("inspection__service", "inspection__standards")
        .defer("inspection__standards__content")
    }
    deciding = {
        question.code
        for sample in domains
        for question in document.questions(sample).values()
        if question.role in ("fact", "key_question")
    }
    answers = AnswerRevision.objects.filter(case__in=touched, question__in=deciding).select_related("by")
    revisions = defaultdict(list)
    for revision in (*answers, *CaseRevision.objects.filter(case__in=touched).select_related("by")):
        revisions[revision.case_id].append(revision)
    agreements = {held.sequence: held for held in inspection.change_agreements.select_related("by")}
    found = []
    for pk, case in cases.items():
        domain = domains[case.sample]
        for change, moved in _replay(inspection, case, revisions[pk]):
            if change["sequence"] > since[domain]:
                agreement = agreements.get(change["sequence"])
                found.append((dict(change, domain=domain, case=case, agreement=agreement), moved))
    return _with_effects(count_answers(document, inspection.pk), sorted(found, key=lambda item: item[0]["sequence"]))


@dataclass
class _Standing:
    """What of one case decides how it counts."""

    values: dict = field(default_factory=dict)
    asked_because: dict = field(default_factory=dict)
    disposal: str = ""
    counted: bool = False

    def take(self, revision):
        """Take one revision in."""
        if isinstance(revision, CaseRevision):
            self.disposal, self.counted = revision.disposal, not revision.excluded_reason
        else:
            self.values[revision.question] = revision.value
            self.asked_because[revision.question] = revision.asked_because

    def counts(self, document, overrides, sample):
        """Return the key questions that count as yes (1) or no (0)."""
        if not self.counted:
            return {}
        asked = asked_questions(document, overrides, sample, self.values, self.asked_because, self.disposal)
        return {
            code: int(value == YES)
            for code, value in self.values.items()
            if code in asked and code in document.key_questions and value in (YES, NO)
        }


def _replay(inspection, case, revisions):
    """Yield (what a `Change` says of itself, {key question: (counted before, counted after)}) of each that moved something."""
    standing, newest, counted = _Standing(), {}, {}
    # A case is created before it is answered, also where both came at one sequence.
    revisions = sorted(revisions, key=lambda held: (held.sequence, isinstance(held, AnswerRevision), held.pk))
    for sequence, group in groupby(revisions, key=attrgetter("sequence")):
        parts = {AnswerRevision: [], CaseRevision: []}
        for revision in group:
            standing.take(revision)
            place = getattr(revision, "question", "")
            parts[type(revision)].append((revision, newest.get(place)))
            newest[place] = revision
        counts = standing.counts(inspection.document, inspection.applicability, case.sample)
        moved = {
            code: (counted.get(code), counts.get(code))
            for code in inspection.document.key_questions
            if counted.get(code) != counts.get(code)
        }
        counted = counts
        if moved:
            yield (
                {
                    "sequence": sequence,
                    "by": revision.by,
                    "at": revision.at,
                    "answers": tuple(parts[AnswerRevision]),
                    "cases": tuple(parts[CaseRevision]),
                },
                moved,
            )


def _with_effects(tallies, found):
    """Return the changes with their effects: from the counts of now, back through every change to those before it."""
    changes = []
    now = {code: (held.yes, held.no) for code, held in tallies.items()}
    for values, moved in reversed(found):
        effects = []
        for code, (was, became) in moved.items():
            yes, no = now[code]
            before = (yes - (became == 1) + (was == 1), no - (became == 0) + (was == 0))
            effects.append(Effect(code, Tally(*before), Tally(yes, no)))
            now[code] = before
        changes.append(Change(**values, effects=tuple(effects)))
    return changes[::-1]
