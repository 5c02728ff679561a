"""The plan of an inspection's sample and its draw: the writers, what is stored and recorded, and the command."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from audit.models import Event
from cases.actions import NewCase, create_cases
from cases.drawing import adjust_sample, draw_sample, drawn_again, mark_of, references_of
from cases.models import Answer, Case, Caseload, CaseRevision, Draw, DrawnCandidate, SampleAdjustment
from cases.plans import document_of, plan_of
from inspections.errors import Refused, StalePlan, Unfit
from inspections.models import Inspection, Lifecycle, Sequence, State
from tests.cases.caseloads import FIELDWORK, caseload, eligible, import_rows
from tests.cases.draws import SEED, planned, with_list
from tests.cases.test_saving_at_once import somebody_waits
from tests.servers import wait_for

# Eligible cases of each kind, and the two sizes that the five reports print.
PUBLISHED = [
    ((30, 20), (24, 15)),
    ((97, 64), (50, 32)),
    ((43, 28), (30, 20)),
    ((25, 17), (21, 13)),
    ((74, 49), (43, 28)),
]


@pytest.fixture
def inspection(make_inspection):
    return planned(make_inspection)


@pytest.fixture
def listed(inspection, lead):
    return with_list(inspection, lead)


def drawn(inspection):
    return set(inspection.cases.values_list("reference", flat=True))


@pytest.mark.django_db
class TestTheDraw:
    @pytest.mark.parametrize(("sides", "sizes"), PUBLISHED, ids=lambda held: "+".join(map(str, held)))
    def test_the_samples_of_the_five_reports(self, inspection, lead, sides, sizes):
        import_rows(inspection, eligible(*sides), lead)
        draw_sample(inspection=inspection, by=lead)
        assert tuple(inspection.cases.filter(sample=code).count() for code in ("court", "out_of_court")) == sizes

    def test_a_short_side_is_taken_whole_and_the_other_fills(self, inspection, lead):
        import_rows(inspection, eligible(20, 51), lead)
        draw = draw_sample(inspection=inspection, by=lead)
        court, out_of_court = draw.plan["sides"]
        assert (court["wanted"], court["size"], court["taken_whole"]) == (30, 20, True)
        assert (out_of_court["wanted"], out_of_court["size"], out_of_court["taken_whole"]) == (20, 30, False)
        assert not DrawnCandidate.objects.filter(candidate__sample="court", drawn=False).exists()

    def test_everybody_on_the_list_has_a_place_and_those_drawn_have_a_case(self, listed, lead):
        draw = draw_sample(inspection=listed, by=lead)
        assert draw.places.count() == 71
        assert drawn(listed) == set(draw.places.filter(drawn=True).values_list("candidate__reference", flat=True))
        for number, stratum in enumerate(draw.strata):
            places = list(draw.places.filter(stratum=number).select_related("candidate"))
            assert [place.position for place in places] == list(range(1, len(places) + 1))
            assert [place.drawn for place in places] == sorted((place.drawn for place in places), reverse=True)
            assert {place.candidate.sample for place in places} == {stratum["sample"]}

    def test_a_case_is_what_the_list_says_and_asks_what_its_disposal_asks(self, listed, lead, make_case, inspection):
        draw_sample(inspection=listed, by=lead)
        case = listed.cases.filter(disposal="youth_conditional_caution").first()
        candidate = case.candidate
        assert (case.reference, case.sample, case.disposal, case.profile) == (
            candidate.reference,
            candidate.sample,
            candidate.disposal,
            candidate.profile | {"disposal_date": candidate.disposal_date.isoformat()},
        )
        assert case.state == "allocated"
        alone = make_case(inspection, sample="out_of_court", disposal="youth_conditional_caution")
        same = [
            list(held.answers.order_by("question").values_list("question", "kind", "asked")) for held in (case, alone)
        ]
        assert same[0] == same[1]
        assert len(same[0]) == len(case.questions)

    def test_the_cases_come_with_one_step_of_the_sequence(self, listed, lead):
        before = Sequence.objects.get(inspection=listed).value
        draw_sample(inspection=listed, by=lead)
        assert Sequence.objects.get(inspection=listed).value == before + 1
        assert set(CaseRevision.objects.values_list("sequence", flat=True)) == {before + 1}
        assert CaseRevision.objects.count() == Case.objects.count() == 50

    def test_the_plan_is_kept_as_it_stood(self, listed, lead):
        adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="A closer look.", by=lead)
        draw = draw_sample(inspection=listed, by=lead)
        assert (draw.seed, draw.checksum) == (SEED, Caseload.objects.get().checksum)
        plan = draw.plan
        assert (plan["confidence"], plan["z"], plan["margin_of_error"], plan["population"]) == (0.9, 1.6449, 5, 71)
        assert (plan["adjusted"], plan["adjusted_because"]) == ({"confidence": 90}, "A closer look.")
        assert plan["fieldwork"] == "2026-11-02"
        assert [side["window"] for side in plan["sides"]] == [
            ["2026-02-02", "2026-05-02"],
            ["2026-06-02", "2026-08-02"],
        ]
        assert [side["eligible"] for side in plan["sides"]] == [43, 28]
        assert sum(side["size"] for side in plan["sides"]) == plan["total"] == 57

    def test_what_is_recorded_counts_and_names_no_case(self, listed, lead):
        draw_sample(inspection=listed, by=lead)
        event = Event.objects.get(action="sample.drawn")
        assert event.summary == "Drew a sample of 50 cases, 30 court and 20 out-of-court, from 71 that are eligible."
        assert event.detail["seed"] == SEED
        assert event.detail["checksum"] == Caseload.objects.get().checksum
        assert event.detail["eligible"] == {"court": 43, "out_of_court": 28}
        assert "C-00" not in json.dumps(event.detail)
        assert Event.objects.filter(action="case.created").count() == 50


@pytest.mark.django_db
class TestTheSameAgain:
    def test_the_seed_and_the_list_decide_whatever_its_order_and_database(self, make_inspection, lead):
        samples = []
        for turned in (False, True):
            inspection = make_inspection(state=State.PLANNED, fieldwork_started=FIELDWORK)
            header, *rows = eligible(43, 28)
            import_rows(inspection, [header, *(reversed(rows) if turned else rows)], lead)
            Caseload.objects.update(seed=SEED)
            draw_sample(inspection=inspection, by=lead)
            samples.append(drawn(inspection))
        assert samples[0] == samples[1]
        # Worked out once, and the same on PostgreSQL, SQLite and any machine.
        assert hashlib.sha256("\n".join(sorted(samples[0])).encode()).hexdigest()[:16] == "9aae17f023b9882f"

    def test_what_is_stored_comes_out_again(self, listed, lead):
        adjust_sample(inspection=listed, adjusted={"sizes": {"court": 7}}, reason="Few readers.", by=lead)
        draw = draw_sample(inspection=listed, by=lead)
        assert drawn_again(draw) == references_of(draw)
        assert sum(len(drawn) for drawn, _ in references_of(draw)) == 27

    def test_the_seed_is_nobodys_choice(self, inspection, lead):
        import_rows(inspection, eligible(43, 28), lead)
        seed = Caseload.objects.get().seed
        import_rows(inspection, eligible(40, 28), lead)
        assert Caseload.objects.get().seed == seed
        assert draw_sample(inspection=inspection, by=lead).seed == seed


@pytest.mark.django_db
class TestRefusals:
    def refused(self, inspection, lead, words):
        with pytest.raises(Refused, match=words):
            draw_sample(inspection=inspection, by=lead)
        assert not Draw.objects.exists()
        assert not Event.objects.filter(action="sample.drawn").exists()

    def test_without_a_list(self, inspection, lead):
        self.refused(inspection, lead, "is not imported yet")

    def test_with_cases_that_were_added_already(self, listed, lead, make_case):
        make_case(listed)
        self.refused(listed, lead, "are in the sample already")

    @pytest.mark.parametrize("state", [State.FIELDWORK, State.LOCKED])
    def test_once_fieldwork_has_begun(self, listed, lead, state):
        Lifecycle.objects.filter(inspection=listed).update(state=state)
        self.refused(listed, lead, "has begun")

    def test_for_what_was_put_aside(self, listed, lead):
        Inspection.objects.filter(pk=listed.pk).update(archived_at="2026-11-01T00:00Z")
        self.refused(listed, lead, "put aside")

    def test_without_a_day_of_fieldwork(self, listed, lead):
        Inspection.objects.filter(pk=listed.pk).update(fieldwork_started=None)
        self.refused(listed, lead, "No day is planned yet")

    def test_after_fieldwork_was_moved_away_from_the_list(self, listed, lead):
        Inspection.objects.filter(pk=listed.pk).update(fieldwork_started="2027-02-02")
        self.refused(listed, lead, "71 of the 71 cases in the list have a disposal outside the windows")

    def test_after_the_windows_were_moved_away_from_it(self, listed, lead):
        moved = {"windows": {"out_of_court": [4, 6]}}
        adjust_sample(inspection=listed, adjusted=moved, reason="Fewer open cases.", by=lead)
        self.refused(listed, lead, "28 of the 71 cases .*out-of-court cases from 2 May 2026 to 2 July 2026.*again")

    @pytest.mark.parametrize("moved", ["window", "fieldwork"])
    def test_after_the_windows_were_moved_so_that_other_cases_may_be_eligible(self, listed, lead, moved):
        if moved == "window":
            wider = {"windows": {"court": [6, 12]}}
            adjust_sample(inspection=listed, adjusted=wider, reason="Few disposals.", by=lead)
        else:
            Inspection.objects.filter(pk=listed.pk).update(fieldwork_started=FIELDWORK + timedelta(days=1))
        self.refused(listed, lead, "was checked for other windows than those of now")
        assert import_rows(Inspection.objects.get(pk=listed.pk), eligible(43, 28), lead).seed == SEED
        assert draw_sample(inspection=listed, by=lead).plan["population"] == 71

    def test_with_nothing_to_draw(self, listed, lead):
        nothing = {"sizes": {"court": 0, "out_of_court": 0}}
        adjust_sample(inspection=listed, adjusted=nothing, reason="None.", by=lead)
        self.refused(listed, lead, "no case is drawn")

    def test_with_a_final_size_that_another_list_cannot_give(self, listed, lead):
        adjust_sample(inspection=listed, adjusted={"sizes": {"court": 43}}, reason="All of them.", by=lead)
        import_rows(listed, eligible(40, 28), lead)
        self.refused(listed, lead, "43 court cases cannot be drawn from 40")

    def test_a_second_time(self, listed, lead):
        draw_sample(inspection=listed, by=lead)
        before = drawn(listed)
        with pytest.raises(Refused, match=f"{lead.name} drew this sample at .* a draw is final"):
            draw_sample(inspection=listed, by=lead)
        assert drawn(listed) == before

    def test_on_another_plan_than_was_seen(self, listed, lead):
        seen = mark_of(plan_of(listed), listed.caseload)
        adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Closer.", by=lead)
        with pytest.raises(
            Refused, match="The list or the plan changed after you opened this page, and nothing was drawn"
        ):
            draw_sample(inspection=listed, by=lead, seen=seen)
        assert draw_sample(inspection=listed, by=lead, seen=mark_of(plan_of(listed), listed.caseload))

    def test_the_list_stays_when_it_is_drawn(self, listed, lead):
        draw_sample(inspection=listed, by=lead)
        with pytest.raises(Refused):
            import_rows(listed, eligible(40, 28), lead)
        assert listed.candidates.count() == 71


@pytest.mark.django_db
class TestAdjusting:
    def test_plan_windows_and_the_check_of_a_list_read_the_same(self, inspection, lead):
        adjusted = {"margin_of_error": 10, "shares": {"court": 50}, "windows": {"out_of_court": [4, 5]}}
        adjust_sample(inspection=inspection, adjusted=adjusted, reason="A small service.", by=lead)
        with pytest.raises(Unfit):  # July is less than four months before fieldwork
            import_rows(inspection, caseload(4), lead)
        import_rows(inspection, eligible(40, 0), lead)
        planned = plan_of(inspection)
        assert planned.by_rule.total == 21
        assert [side.wanted for side in planned.by_rule.sides] == [11, 10]
        assert planned.windows["out_of_court"][1].isoformat() == "2026-07-02"
        assert document_of(inspection).samples[1].window_months == (4, 5)

    def test_the_newest_counts_and_the_document_comes_back(self, listed, lead):
        adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Closer.", by=lead)
        adjust_sample(inspection=listed, adjusted={"margin_of_error": 4}, reason="Closer still.", by=lead)
        assert plan_of(listed).adjusted == {"margin_of_error": 4}
        adjust_sample(inspection=listed, adjusted={}, reason="Not after all.", by=lead)
        assert document_of(listed) is listed.document
        assert plan_of(listed).total == 50
        assert SampleAdjustment.objects.count() == 3

    def test_what_changes_nothing_is_not_kept(self, listed, lead):
        assert adjust_sample(inspection=listed, adjusted={"confidence": 80}, reason="The same.", by=lead) is None
        assert not SampleAdjustment.objects.exists()

    def test_it_is_recorded_with_what_was(self, listed, lead):
        adjust_sample(inspection=listed, adjusted={"sizes": {"court": 10}}, reason=" Few readers. ", by=lead)
        event = Event.objects.get(action="sample.adjusted")
        assert (event.reason, event.detail) == ("Few readers.", {"was": {}, "now": {"sizes": {"court": 10}}})

    def test_final_sizes_take_the_place_of_the_rule(self, listed, lead):
        adjust_sample(inspection=listed, adjusted={"sizes": {"court": 10}}, reason="Few readers.", by=lead)
        planned = plan_of(listed)
        assert (planned.sizes, planned.total, planned.by_rule.total) == ({"court": 10, "out_of_court": 20}, 30, 50)

    @pytest.mark.parametrize(
        ("adjusted", "reason", "fields"),
        [
            ({"confidence": 90}, "  ", ["reason"]),
            ({"confidence": 20}, "", ["confidence", "reason"]),
            ({"sizes": {"court": 44}}, "More.", ["size_court"]),
        ],
    )
    def test_what_does_not_fit_is_refused_by_field(self, listed, lead, adjusted, reason, fields):
        with pytest.raises(Unfit) as unfit:
            adjust_sample(inspection=listed, adjusted=adjusted, reason=reason, by=lead)
        assert list(unfit.value.faults) == fields
        assert not SampleAdjustment.objects.exists()

    def test_what_is_nothing_to_adjust_is_refused(self, listed, lead):
        with pytest.raises(Refused, match="seed is nothing that may be adjusted"):
            adjust_sample(inspection=listed, adjusted={"seed": "mine"}, reason="Luck.", by=lead)

    def test_not_once_it_is_drawn_or_fieldwork_has_begun(self, listed, lead):
        Lifecycle.objects.filter(inspection=listed).update(state=State.FIELDWORK)
        with pytest.raises(Refused, match="has begun"):
            adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Late.", by=lead)
        Lifecycle.objects.filter(inspection=listed).update(state=State.PLANNED)
        draw_sample(inspection=listed, by=lead)
        with pytest.raises(Refused, match="a draw is final"):
            adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Late.", by=lead)

    def test_two_who_opened_the_same_plan_do_not_overwrite_each_other(self, listed, lead):
        first = adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Closer.", by=lead, base=0)
        with pytest.raises(StalePlan):
            adjust_sample(inspection=listed, adjusted={"confidence": 95}, reason="Closer.", by=lead, base=0)
        assert adjust_sample(inspection=listed, adjusted={}, reason="Back.", by=lead, base=first.pk)


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def attempt(self, inspection, by):
        try:
            return draw_sample(inspection=inspection, by=by)
        except Refused as refusal:
            return str(refusal)
        finally:
            connections.close_all()

    def test_of_several_one_draws_and_the_others_are_told(self, listed, lead, manager):
        people = [lead, manager] * 2
        with ThreadPoolExecutor(len(people)) as threads:
            done = list(threads.map(lambda by: self.attempt(listed, by), people))
        (draw,) = [held for held in done if isinstance(held, Draw)]
        assert all(f"{draw.by.name} drew this sample" in held for held in done if held is not draw)
        assert Case.objects.count() == 50
        assert DrawnCandidate.objects.count() == 71

    @pytest.mark.postgresql
    def test_it_waits_for_a_list_that_is_being_imported(self, listed, lead):
        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic():
                import_rows(listed, eligible(30, 20), lead)
                waiting = threads.submit(self.attempt, listed, lead)
                wait_for(somebody_waits, "The draw did not wait.")
            draw = waiting.result(timeout=30)
        assert draw.plan["population"] == 50
        assert Answer.objects.values("case").distinct().count() == 39


@pytest.mark.django_db
class TestCreatingSeveralCases:
    @pytest.mark.parametrize(
        ("second", "words"),
        [
            (NewCase("C1", "court", "referral_order"), "already a case C1"),
            (NewCase("C2", "elsewhere", "referral_order"), "not a sample"),
            (NewCase("C2", "court", "youth_caution"), "not a disposal"),
            (NewCase(" ", "court", "referral_order"), "needs a reference"),
        ],
    )
    def test_all_or_none(self, inspection, lead, second, words):
        with pytest.raises(Refused, match=words):
            create_cases(inspection=inspection, cases=[NewCase("C1", "court", "referral_order"), second], by=lead)
        assert not Case.objects.exists()


@pytest.mark.django_db
class TestTheCommand:
    def run(self, capsys, *arguments):
        call_command("draw_sample", *arguments)
        return json.loads(capsys.readouterr().out)

    def test_a_dry_run_tells_sizes_and_neither_cases_nor_the_seed(self, listed, capsys):
        printed = self.run(capsys, listed.slug, "--dry-run")
        assert [printed[name] for name in ("total", "court", "out_of_court", "dry_run")] == [50, 30, 20, True]
        assert sum(stratum["size"] for stratum in printed["strata"]) == 50
        assert "C-00" not in json.dumps(printed)
        assert SEED not in json.dumps(printed)
        assert not Draw.objects.exists()

    def test_it_draws_and_says_which(self, listed, capsys):
        printed = self.run(capsys, listed.slug)
        assert sorted(held for stratum in printed["strata"] for held in stratum["drawn"]) == sorted(drawn(listed))
        assert printed["seed"] == SEED
        again = self.run(capsys, listed.slug, "--dry-run")
        assert again["same_again"] is True
        assert again["strata"] == printed["strata"]

    def test_what_is_refused_is_told(self, listed):
        with pytest.raises(CommandError, match="There is no inspection nowhere"):
            call_command("draw_sample", "nowhere")
        call_command("draw_sample", listed.slug)
        with pytest.raises(CommandError, match="a draw is final"):
            call_command("draw_sample", listed.slug)
