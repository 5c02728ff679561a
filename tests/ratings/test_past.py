"""An inspection as it was: whatever happened since, each moment gives again the figures that were stored at it."""

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.append_only import door_open
from audit.models import AppendOnly
from cases.actions import create_case, exclude_case, record_answer, set_imported_state
from cases.answers import Given
from cases.excluding import restore_to_sample
from cases.models import AnswerRevision, Case, CaseRevision, CaseState, ExclusionStep
from inspections.actions import advance_sequence, move_on, record_judgement
from inspections.errors import Refused
from inspections.lifecycle import Step
from inspections.models import Inspection, InspectionRevision, LifecycleStep, State
from ratings.actions import decide_discretion, lock_ratings, recompute
from ratings.annex import build_annex
from ratings.behind import look_behind
from ratings.models import ChangeAgreement, FirmnessOpening, FrozenAnnex, ProvisionalOpening, Result
from ratings.moments import REVISIONS, NoSuchMoment, after_change, find_moment
from ratings.past import look_back, state_at
from ratings.policies import progress_of
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db

FIGURES = ("sequence", "score", "overall", "tallies", "standards")
SHOWN = ("asked", "value", "reason", "note", "version", "asked_because", "answered_by_id", "answered_at")
DISPOSALS = {"court": "referral_order", "out_of_court": "youth_caution"}


def fresh(inspection):
    return Inspection.objects.get(pk=inspection.pk)


def stored(inspection):
    result = Result.objects.get(inspection=inspection)
    return {name: getattr(result, name) for name in FIGURES}


def as_at(inspection, sequence):
    past = look_back(fresh(inspection), after_change(fresh(inspection), sequence))
    return {name: getattr(past.result, name) for name in FIGURES}


class History:
    """Does one thing after another to an inspection, as a seed has it, and notes what was stored after each."""

    def __init__(self, inspection, by, seed):
        self.inspection, self.by = inspection, by
        self.random = random.Random(seed)
        self.noted = {}
        for _ in range(3):
            self.add_case()

    def step(self):
        steps = [self.answer] * 8 + [self.fact] * 4 + [self.ask_anyway] * 2
        with suppress(Refused):  # whatever a case takes no more is no step
            self.random.choice([*steps, self.judge, self.add_case, *[self.exclude] * 2, self.restore, self.move])()
        result = recompute(inspection_id=self.inspection.pk)
        self.noted[result.sequence] = (stored(self.inspection), progress_of(self.inspection))

    @property
    def case(self):
        return self.random.choice(list(Case.objects.filter(inspection=self.inspection).order_by("pk")))

    def rows(self, **which):
        return list(self.case.answers.filter(**which).order_by("pk"))

    def give(self, row, **parts):
        given = Given(question=row.question, base=row.version, change_reason="Read again.", **parts)
        record_answer(case=row.case, by=self.by, given=given, hidden_too=True)

    def answer(self):
        row = self.random.choice(self.rows(kind="rated"))
        value = self.random.choice(["yes", "no", "not_applicable", None])
        reason = self.random.choice(["", "Not in this case."]) if value == "not_applicable" else ""
        self.give(row, value=value, reason=reason, asked_because=row.asked_because)

    def fact(self):
        row = self.random.choice(self.rows(kind="fact"))
        self.give(row, value=self.random.choice(["true", "false", "false", None]))

    def ask_anyway(self):
        row = self.random.choice(self.rows(question__in=self.inspection.document.key_questions))
        self.give(row, value=row.value, reason=row.reason, asked_because=self.random.choice(["", "It came up."]))

    def judge(self):
        rating = self.random.choice(list(self.inspection.document.bands_by_code))
        record_judgement(
            inspection=self.inspection, standard="1.1", rating=rating, rationale="As seen and heard.", by=self.by
        )

    def add_case(self):
        sample = self.random.choice(list(DISPOSALS))
        number = self.inspection.cases.count() + 1
        create_case(
            inspection=self.inspection, reference=f"C{number}", sample=sample, disposal=DISPOSALS[sample], by=self.by
        )

    def exclude(self):
        reason, code = self.random.choice(
            [("not eligible", ""), ("no file", ""), ("The file cannot be had: x", "no_file")]
        )
        exclude_case(case=self.case, reason=reason, excluded_as=code, by=self.by)

    def restore(self):
        restore_to_sample(case=self.case, words="It was found.", by=self.by)

    def move(self):
        set_imported_state(case=self.case, state=self.random.choice(CaseState.values), by=self.by)


@pytest.mark.parametrize("seed", range(4))
def test_every_moment_of_a_history_gives_again_what_was_stored_at_it(inspection, lead, seed):
    history = History(inspection, lead, seed)
    for _ in range(40):
        history.step()
    assert len(history.noted) > 20
    for sequence, (figures, progress) in history.noted.items():
        assert as_at(inspection, sequence) == figures
        assert look_back(fresh(inspection), after_change(fresh(inspection), sequence)).progress == progress


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("code", ["2.2.2", "2.2.2.a"])
def test_what_is_behind_a_percentage_is_that_of_the_moment(inspection, lead, seed, code):
    question = inspection.document.questions("court")[code]

    def shown(behind):
        held = {
            state: [(standing_of(standing.answer), standing.asked_because, standing.kept) for standing in standings]
            for state, standings in behind.states.items()
        }
        return held, {reason: [case.pk for case in cases] for reason, cases in behind.excluded.items()}

    def standing_of(answer):
        return [answer.case_id, answer.case.state, *(getattr(answer, name) for name in SHOWN)]

    history = History(inspection, lead, seed)
    noted = {}
    for _ in range(40):
        history.step()
        noted[max(history.noted)] = shown(look_behind(fresh(inspection), question, "court"))
    assert any(any(cases.values()) for _, cases in noted.values())
    for sequence, behind in noted.items():
        past = look_back(fresh(inspection), after_change(fresh(inspection), sequence))
        assert shown(look_behind(past.inspection, question, "court", past=past)) == behind


def sequence_of(inspection):
    return fresh(inspection).sequence.value


def give(case, by, question="2.1.1", value="yes", **parts):
    return record_answer(case=case, by=by, given=Given(question=question, value=value, **parts)).sequence


def set_clock(model, sequence, at):
    """Write when a change was stored, which takes the door in the guard over revisions."""
    with door_open("tests set the clock"):
        model.objects.filter(sequence=sequence).update(at=at)


class TestDiscretionAndLock:
    def test_discretion_counts_from_its_change_until_it_lapses(self, rated, lead):
        def standard(sequence):
            return look_back(fresh(rated), after_change(fresh(rated), sequence)).result.standards["2.4"]

        before = sequence_of(rated)
        decide_discretion(
            inspection=rated,
            standard="2.4",
            to_rating="requires_improvement",
            reason="One case.",
            decided_by="A",
            ratified_by="B",
            by=lead,
        )
        decided = sequence_of(rated)
        case = rated.cases.get(reference="court0")
        moved = give(case, lead, "2.4.3", "no", base=1)
        recompute(inspection_id=rated.pk)
        assert sequence_of(rated) == moved + 1  # the lapse is a change of its own
        assert [standard(held)[1:] for held in (before, decided, moved, moved + 1)] == [
            ["inadequate", "none"],
            ["requires_improvement", "applied"],
            ["inadequate", "lapsed"],
            ["inadequate", "none"],
        ]
        assert as_at(rated, moved + 1) == stored(rated)

    def test_the_state_is_that_of_the_moment(self, rated, lead):
        def state(name):
            return look_back(fresh(rated), find_moment(fresh(rated), name)).inspection.lifecycle.state

        assert state("1") == State.FIELDWORK
        make_ready(rated, lead)
        moderated = sequence_of(rated)
        record_judgement(inspection=rated, standard="1.1", rating="good", rationale="Seen again.", by=lead)
        frozen = lock_ratings(inspection=rated, by=lead)
        assert [state(str(moderated + more)) for more in (-1, 0, 1)] == [
            State.FIELDWORK,
            State.MODERATION,
            State.LOCKED,
        ]
        assert LifecycleStep.objects.latest("pk").at == frozen.at
        assert state(frozen.at.replace(microsecond=0).isoformat()) == State.LOCKED

    def test_what_was_planned_first_began_planned(self, make_inspection, lead):
        inspection = make_inspection(state=State.PLANNED)
        created = sequence_of(inspection)
        move_on(inspection=inspection, step=Step.BEGIN_FIELDWORK, by=lead)
        create_case(inspection=inspection, reference="C1", sample="court", disposal="referral_order", by=lead)
        LifecycleStep.objects.get()  # at the sequence of the creation: it is what the next change came after
        assert state_at(fresh(inspection), after_change(fresh(inspection), created)) == State.FIELDWORK
        before = fresh(inspection).revisions.get().at - timedelta(seconds=1)
        set_clock(InspectionRevision, created, before)
        assert state_at(fresh(inspection), find_moment(fresh(inspection), before.isoformat())) == State.PLANNED


class TestTerms:
    def test_words_and_rules_are_those_of_the_moment(self, inspection, case, lead, inspector):
        give(case, inspector, "safety_factors", "false")
        before = sequence_of(inspection)
        after = advance_sequence(inspection.pk)
        revision = InspectionRevision(
            inspection=inspection,
            sequence=after,
            terms={"child": "young person"},
            wording={"2.1.1": "Is the {child} understood?"},
            applicability={"2.2.2": "always"},
            figures_open=True,
            by=lead,
        )
        revision.save()

        def past(sequence):
            return look_back(fresh(inspection), after_change(fresh(inspection), sequence))

        assert past(before).tallies["2.2.2"].not_asked == 1
        assert past(after).tallies["2.2.2"].unanswered == 1
        assert past(before).inspection.terms == {}
        assert past(after).inspection.terms == {"child": "young person"}
        assert past(before).inspection.wording == {}
        question = build_annex(past(after).inspection, past(after).result).domains[1].standards[0].key_questions[0]
        assert question.text == "Is the young person understood?"


class TestMoments:
    NOON = datetime(2026, 3, 3, 12, 0, 0, tzinfo=UTC)

    @pytest.fixture
    def timed(self, inspection, case, inspector):
        """Return an inspection whose changes 1 to 6 were stored at noon, :01, :02.1, :02.5, :02.9 and :05."""
        for question in ("2.1.1", "2.1.2", "2.1.3", "2.2.1"):
            give(case, inspector, question)
        for sequence, seconds in enumerate((0, 1, 2.1, 2.5, 2.9, 5), 1):
            for model in (InspectionRevision, CaseRevision, AnswerRevision):
                set_clock(model, sequence, self.NOON + timedelta(seconds=seconds))
        assert sequence_of(inspection) == 6
        return fresh(inspection)

    @pytest.mark.parametrize(
        ("name", "sequence", "together"),
        [
            ("2026-03-03T12:00:00", 1, (1,)),
            ("2026-03-03T12:00:01", 2, (2,)),
            ("2026-03-03T12:00:02", 5, (3, 4, 5)),
            ("2026-03-03T12:00:04", 5, ()),
            ("2026-03-03T12:00:05", 6, (6,)),
            ("2026-03-03T13:00:02+01:00", 5, (3, 4, 5)),
            ("2026-03-04", 6, ()),
            ("3", 3, (3, 4, 5)),
            ("6", 6, (6,)),
            ("now", 6, (6,)),
        ],
    )
    def test_a_time_stands_for_the_last_change_by_then(self, timed, name, sequence, together):
        moment = find_moment(timed, name)
        assert (moment.sequence, moment.together, moment.last) == (sequence, together, 6)

    def test_changes_of_one_second_are_spoken_of(self, timed):
        assert find_moment(timed, "2026-03-03T12:00:02").notes == [
            "3 changes were made in that second, numbers 3 to 5, and all of them are in this. Ask by number to see how "
            "things stood between them."
        ]
        assert "and 1 of them is in this." in find_moment(timed, "3").notes[0]
        assert find_moment(timed, "2026-03-03T12:00:05").notes == []

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("0", "numbered from 1 to 6"),
            ("7", "numbered from 1 to 6"),
            ("999999999999999999", "numbered from 1 to 6"),
            ("", "Say when"),
            ("yesterday", "Say when"),
            ("-1", "Say when"),
            ("٣", "Say when"),
            ("2026-03-03T11:59:59", "was created at 12:00:00 on 3 March 2026"),
            ("2999-01-01T00:00:00", "still to come"),
            ("9999-12-31T23:59:59", "still to come"),
            ("0001-01-01T00:00:00", "was created at"),
            ("2026-03-29T01:30:00", "clocks went forward"),
        ],
    )
    def test_what_is_no_moment_is_refused_with_a_sentence(self, timed, name, sentence):
        with pytest.raises(NoSuchMoment, match=sentence):
            find_moment(timed, name)

    def test_the_hour_that_comes_twice_is_the_second_unless_its_offset_is_said(self, inspection):
        set_clock(InspectionRevision, 1, datetime(2025, 10, 25, 12, tzinfo=UTC))
        second = find_moment(fresh(inspection), "2025-10-26T01:30:00")
        first = find_moment(fresh(inspection), "2025-10-26T01:30:00+01:00")
        assert second.asked_at - first.asked_at == timedelta(hours=1)
        assert "This is the second time." in second.notes[0]
        assert "This is the first time." in first.notes[0]
        for moment in (first, second):
            assert find_moment(fresh(inspection), moment.name) == moment

    def test_names_lead_back(self, timed):
        for name in ("2026-03-03T12:00:02", "3"):
            assert find_moment(timed, name).name == name

    def test_every_table_of_revisions_is_looked_at(self):
        held = {
            model
            for model in apps.get_models()
            if issubclass(model, AppendOnly) and "sequence" in {field.name for field in model._meta.fields}
        }
        # None of these is a change: they keep the sequence that they find.
        found = {FrozenAnnex, LifecycleStep, ProvisionalOpening, FirmnessOpening, ChangeAgreement, ExclusionStep}
        assert held == {*REVISIONS, *found}


def test_it_takes_as_many_queries_however_many_cases(inspection, make_case, inspector):
    def queries():
        past = look_back(fresh(inspection), find_moment(fresh(inspection), str(sequence_of(inspection))))
        with CaptureQueriesContext(connection) as sent:
            past.result, past.progress, past.answers("court", {"2.1.1"})
        return len(sent)

    give(make_case(inspection), inspector)
    few = queries()
    for _ in range(5):
        give(make_case(inspection), inspector)
    assert queries() == few
