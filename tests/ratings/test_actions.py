"""Recomputing, discretion and locking, through the actions."""

import hashlib
import json

import pytest
from django.db import transaction

from audit.models import Event
from cases.actions import exclude_case, record_answer
from cases.answers import Given
from inspections.actions import move_on, record_judgement
from inspections.errors import InspectionLocked, Refused
from inspections.lifecycle import Step
from inspections.models import Inspection, Sequence, State
from ratings.actions import decide_discretion, lock_ratings, recompute
from ratings.annex import build_annex
from ratings.freshness import behind
from ratings.models import DiscretionDecision, FrozenAnnex, Result
from ratings.recount import differences
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db

CASES = 20


def give(case, by, question, value, **parts):
    return record_answer(case=case, by=by, given=Given(question=question, value=value, **parts))


def decide(inspection, by, **parts):
    whole = {
        "standard": "2.4",
        "to_rating": "requires_improvement",
        "reason": "One case.",
        "decided_by": "A",
        "ratified_by": "B",
    }
    return decide_discretion(inspection=inspection, by=by, **{**whole, **parts})


def result(inspection):
    return Result.objects.get(inspection=inspection)


def turn(inspection, by, reference, question, value):
    case = inspection.cases.get(reference=reference)
    return give(case, by, question, value, base=case.answers.get(question=question).version)


class TestRecompute:
    def test_the_result_reflects_the_sequence(self, rated):
        assert result(rated).sequence == Sequence.objects.get(inspection=rated).value
        assert result(rated).tallies["2.4.3"] == [9, 11, 0, 0, 0]
        assert result(rated).standards["2.4"] == ["inadequate", "inadequate", "none"]
        assert (result(rated).score, result(rated).overall) == (7 * 3 + 4 * 2, "good")
        assert differences(rated) == []

    def test_twice_changes_nothing(self, rated):
        before = result(rated)
        recompute(inspection_id=rated.pk)
        recompute(inspection_id=rated.pk)
        assert result(rated).computed_at == before.computed_at

    def test_an_answer_moves_percentage_band_standard_and_score(self, rated, inspector):
        turn(rated, inspector, "court19", "2.4.3", "yes")
        assert behind() == [rated.pk]
        recompute(inspection_id=rated.pk)
        assert behind() == []
        assert result(rated).standards["2.4"] == ["requires_improvement", "requires_improvement", "none"]
        assert result(rated).score == 7 * 3 + 4 * 2 + 1

    def test_a_reason_awaited_counts_as_unanswered(self, rated, inspector):
        turn(rated, inspector, "court0", "2.1.1", "not_applicable")
        recompute(inspection_id=rated.pk)
        assert result(rated).tallies["2.1.1"] == [CASES - 1, 0, 0, 0, 1]
        assert differences(rated) == []

    def test_an_excluded_case_counts_nowhere(self, rated, inspector):
        exclude_case(case=rated.cases.get(reference="court0"), reason="not eligible", by=inspector)
        recompute(inspection_id=rated.pk)
        assert result(rated).tallies["2.1.1"] == [CASES - 1, 0, 0, 0, 0]
        assert differences(rated) == []

    def test_a_fact_takes_its_question_out_of_the_denominator(self, rated, inspector):
        give(rated.cases.get(reference="court19"), inspector, "harm_changes", "false")
        recompute(inspection_id=rated.pk)
        assert result(rated).tallies["2.4.3"] == [9, 10, 0, 1, 0]
        assert differences(rated) == []

    def test_recount_names_what_differs(self, rated):
        stored = result(rated)
        stored.tallies["2.1.1"] = [1, 2, 3, 4, 5]
        stored.standards["2.1"] = ["good", "good", "none"]
        stored.score = 1
        stored.save()
        assert [sentence.split(":")[0] for sentence in differences(rated)] == ["2.1.1", "standard 2.1", "score"]


class TestDiscretion:
    def test_it_moves_the_rating_and_the_score_and_never_the_percentage(self, rated, lead):
        decision = decide(rated, lead)
        recompute(inspection_id=rated.pk)
        assert (decision.percent, decision.yes, decision.relevant, decision.key_question) == (45, 9, 20, "2.4.3")
        assert result(rated).standards["2.4"] == ["inadequate", "requires_improvement", "applied"]
        assert result(rated).tallies["2.4.3"] == [9, 11, 0, 0, 0]
        assert result(rated).score == 7 * 3 + 4 * 2 + 1
        assert differences(rated) == []

    @pytest.mark.parametrize(
        ("parts", "sentence"),
        [
            ({"to_rating": "good"}, "2 bands away"),
            ({"to_rating": "inadequate"}, "already"),
            ({"to_rating": "splendid"}, "not one of the ratings"),
            ({"standard": "1.1"}, "judged"),
            ({"standard": "9.9"}, "no standard 9.9"),
            ({"standard": "2.1", "to_rating": "good"}, "may not lower"),
            ({"reason": " \n"}, "needs a reason"),
            ({"ratified_by": "  a "}, "two people"),
            ({"decided_by": ""}, "two people"),
        ],
    )
    def test_outside_the_rules_it_is_refused_with_the_rule(self, rated, lead, parts, sentence):
        with pytest.raises(Refused, match=sentence):
            decide(rated, lead, **parts)
        assert not DiscretionDecision.objects.exists()

    def test_it_lapses_visibly_when_the_figures_move_away_and_does_not_come_back_by_itself(
        self, rated, lead, inspector
    ):
        decide(rated, lead)
        turn(rated, inspector, "court0", "2.4.3", "no")
        recompute(inspection_id=rated.pk)
        assert result(rated).standards["2.4"] == ["inadequate", "inadequate", "none"]
        lapse = DiscretionDecision.objects.latest("id")
        assert (lapse.event, lapse.percent, lapse.reason) == ("lapsed", 45, "One case.")
        assert Event.objects.filter(action="discretion.lapsed").count() == 1
        assert behind() == []
        annex = build_annex(rated, result(rated))
        assert [held.lapsed for domain in annex.domains for held in domain.standards if held.code == "2.4"] == [True]

        turn(rated, inspector, "court0", "2.4.3", "yes")
        recompute(inspection_id=rated.pk)
        assert result(rated).standards["2.4"] == ["inadequate", "inadequate", "none"]

    def test_a_lapsed_decision_keeps_the_ratings_from_being_locked_until_it_is_made_again(self, rated, lead, inspector):
        decide(rated, lead)
        turn(rated, inspector, "court0", "2.4.3", "no")
        recompute(inspection_id=rated.pk)
        turn(rated, inspector, "court0", "2.4.3", "yes")
        make_ready(rated, lead)
        with pytest.raises(Refused, match="no longer applies"), transaction.atomic():
            lock_ratings(inspection=rated, by=lead)
        decide(rated, lead, reason="Looked at again.")
        assert lock_ratings(inspection=rated, by=lead)


@pytest.fixture
def moderated(rated, lead):
    """Return `rated` in moderation with every case agreed, so that the ratings can be."""
    return make_ready(rated, lead)


class TestLock:
    def test_it_freezes_the_annex_with_a_checksum(self, moderated, lead):
        frozen = lock_ratings(inspection=moderated, by=lead)
        assert frozen.checksum == hashlib.sha256(frozen.content.encode()).hexdigest()
        content = json.loads(frozen.content)
        assert content["sequence"] == frozen.sequence == Sequence.objects.get(inspection=moderated).value
        assert content["score"] == result(moderated).score
        assert moderated.lifecycle.__class__.objects.get(inspection=moderated).state == State.LOCKED
        annex = build_annex(Inspection.objects.get(pk=moderated.pk), result(moderated))
        assert annex.locked.checksum == frozen.checksum

    def test_it_includes_what_was_saved_but_not_yet_computed(self, rated, lead, inspector):
        turn(rated, inspector, "court19", "2.4.3", "yes")
        content = json.loads(lock_ratings(inspection=make_ready(rated, lead), by=lead).content)
        question = content["domains"][1]["standards"][3]["key_questions"][2]
        assert (question["code"], question["yes"]) == ("2.4.3", 10)

    def test_once_locked_it_is_not_locked_again_and_takes_nothing(self, moderated, lead):
        lock_ratings(inspection=moderated, by=lead)
        for attempt in (
            lambda: lock_ratings(inspection=moderated, by=lead),
            lambda: decide(moderated, lead),
            lambda: record_judgement(inspection=moderated, standard="1.1", rating="good", rationale="Again.", by=lead),
        ):
            with pytest.raises(InspectionLocked), transaction.atomic():
                attempt()
        assert FrozenAnnex.objects.count() == 1

    def test_it_waits_for_moderation(self, rated, lead):
        with pytest.raises(Refused, match="is taken from moderation"), transaction.atomic():
            lock_ratings(inspection=rated, by=lead)
        assert not FrozenAnnex.objects.exists()

    def test_it_waits_for_every_rating(self, inspection, lead):
        move_on(inspection=inspection, step=Step.BEGIN_MODERATION, by=lead)
        with pytest.raises(Refused, match=r"1\.1, 1\.2"), transaction.atomic():
            lock_ratings(inspection=inspection, by=lead)
