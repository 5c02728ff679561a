"""The pages of the plan, of its adjustment, of the draw and of the balance."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.drawing import adjust_sample, draw_sample, references_of
from cases.excluding import exclude_at_once, restore_to_sample
from cases.models import Draw, SampleAdjustment
from cases.replacements import next_reserve
from cases.views import balance
from inspections.models import Inspection, Lifecycle, State
from tests.cases.caseloads import FIELDWORK, eligible, import_rows
from tests.cases.draws import SEED, planned, with_list
from tests.cases.test_drawing import PUBLISHED

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspection(make_inspection):
    return planned(make_inspection)


@pytest.fixture
def listed(inspection, lead):
    return with_list(inspection, lead)


@pytest.fixture
def page(signed_in, inspection, lead):
    """Return a function that gives a page of the sample to the lead inspector, or posts to it."""
    client = signed_in(lead)

    def ask(name, posted=None, **given):
        address = reverse(f"cases:{name}", args=[inspection.public_id])
        return client.get(address) if posted is None else client.post(address, posted, **given)

    return ask


def words(response):
    """Return the text of a page."""
    text = re.sub(r"<(script|style|head).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("&nbsp;", " ").split())


def seen_on(response):
    """Return the mark of the plan that a page of the draw was shown for."""
    return re.search(r'name="seen" value="([^"]+)"', response.content.decode())[1]


class TestThePlan:
    def test_without_a_list_there_are_the_rule_and_the_windows(self, page):
        text = words(page("plan"))
        assert "n₀ = 1.2816² × 0.25 ÷ 0.05² = 164.2" in text
        assert "2 February 2026 to 2 May 2026" in text
        assert "is not imported yet" in text
        assert "Go on to the draw" not in text

    @pytest.mark.parametrize(("sides", "sizes"), PUBLISHED, ids=lambda held: "+".join(map(str, held)))
    def test_the_samples_of_the_five_reports_are_planned_and_drawn(self, page, inspection, lead, sides, sizes):
        import_rows(inspection, eligible(*sides), lead)
        text = words(page("plan"))
        total = sum(sizes)
        assert f"{total} of the {sum(sides)} eligible cases are to be drawn." in text
        assert f"so {sizes[0]} cases" in text
        assert page("draw", {"seen": seen_on(page("draw"))}).status_code == 302
        text = words(page("plan"))
        assert f"Sample {total} of {sum(sides)} eligible cases" in text
        assert f"Court {sizes[0]} of {sides[0]} Out-of-court {sizes[1]} of {sides[1]}" in text
        assert inspection.cases.count() == total

    def test_the_arithmetic_step_by_step(self, page, listed):
        text = words(page("plan"))
        for step in (
            "80% confidence, for which z is 1.2816.",
            "How many cases are eligible: 43 court and 28 out-of-court. N = 71",
            "n = 164.2 ÷ (1 + (164.2 − 1) ÷ 71) = 49.8",
            "Rounded up to whole cases. 50 cases",
            "60% of 50 = 30.0, so 30 cases",
            "The rest are out-of-court cases. 20 cases",
        ):
            assert step in text

    def test_a_side_taken_whole_is_told_with_the_side_that_fills(self, page, inspection, lead):
        import_rows(inspection, eligible(20, 51), lead)
        text = words(page("plan"))
        assert "Only 20 court cases are eligible, so all are taken and the other cases fill. 20 in place of 30" in text
        assert "The out-of-court cases fill what is missing. 30 in place of 20" in text

    def test_adjustments_stand_beside_the_standards_with_reason_and_name(self, page, listed, lead):
        everything = {
            "confidence": 90,
            "margin_of_error": 6,
            "shares": {"court": 55},
            "windows": {"court": [6, 10]},
            "sizes": {"court": 31},
        }
        adjust_sample(inspection=listed, adjusted=everything, reason="So agreed.", by=lead)
        text = words(page("plan"))
        for said in (
            "Confidence: 90%, 80% in the standards",
            "Margin of error: 6 percentage points, 5 in the standards",
            "Court cases: 55% of the sample, 60% in the standards",
            "Window of court cases: 6 to 10 months before fieldwork, 6 to 9 in the standards",
            "Final number of court cases: 31, 29 by the rule",
            "The final number of court cases was adjusted. 31 in place of",
            "2 January 2026 to 2 May 2026",
            "So agreed.",
            lead.name,
        ):
            assert said in text
        adjust_sample(inspection=listed, adjusted={}, reason="Back.", by=lead)
        assert "As in the standards again" in words(page("plan"))

    def test_a_list_that_does_not_fit_the_windows_is_said(self, page, listed):
        Inspection.objects.filter(pk=listed.pk).update(fieldwork_started="2026-12-20")
        text = words(page("plan"))
        assert "71 of the 71 cases in the list have a disposal outside the windows as they are now" in text
        assert "Import the list again." in text

    def test_windows_that_were_moved_after_the_list_came_are_said_until_another_comes(self, page, listed, lead):
        told = "The list was checked for other windows than those of now"
        adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Closer.", by=lead)
        assert told not in words(page("plan"))
        adjust_sample(inspection=listed, adjusted={"windows": {"court": [6, 10]}}, reason="Few cases.", by=lead)
        assert told in words(page("plan"))
        import_rows(listed, eligible(50, 28), lead)
        assert told not in words(page("plan"))
        adjust_sample(inspection=listed, adjusted={}, reason="Back.", by=lead)
        assert told in words(page("plan"))

    def test_once_drawn_everybody_can_repeat_it(self, page, listed, lead):
        assert SEED not in page("plan").content.decode()
        assert SEED not in page("draw").content.decode()
        draw = draw_sample(inspection=listed, by=lead)
        text = words(page("plan"))
        assert f"{lead.name} drew the sample at" in text
        assert f"Seed: {SEED}" in text
        assert f"Checksum of the list: {draw.checksum}" in text
        assert "Adjust the plan" not in text

    def test_once_fieldwork_has_begun_it_says_so(self, page, listed):
        Lifecycle.objects.filter(inspection=listed).update(state=State.FIELDWORK)
        text = words(page("plan"))
        assert "Fieldwork of this inspection has begun" in text
        assert "Adjust the plan" not in text


USUAL = {
    "confidence": "80",
    "margin_of_error": "5",
    "share_court": "60",
    "nearest_court": "6",
    "farthest_court": "9",
    "nearest_out_of_court": "3",
    "farthest_out_of_court": "5",
    "size_court": "",
    "size_out_of_court": "",
    "reason": "So agreed.",
    "base": "0",
}


class TestAdjusting:
    def test_each_field_stands_beside_what_the_standards_say(self, page, listed, lead):
        adjust_sample(inspection=listed, adjusted={"confidence": 97.5}, reason="Closer.", by=lead)
        response = page("adjust")
        assert re.search(r'<input[^>]* name="confidence"[^>]* value="97.5"', response.content.decode())
        text = words(response)
        assert "Confidence, in per cent 80% in the standards." in text
        assert "Share of court cases, in per cent 60% in the standards. The other cases are the rest." in text
        assert "Leave it empty for what the rule gives, which is 20 now." not in text  # a larger sample, at 97.5%

    def test_it_is_kept_and_only_where_it_departs(self, page, listed):
        given = USUAL | {"confidence": "90", "nearest_out_of_court": "2", "size_court": "12", "farthest_court": ""}
        assert page("adjust", given).status_code == 302
        made = SampleAdjustment.objects.get()
        assert made.adjusted == {"confidence": 90, "windows": {"out_of_court": [2, 5]}, "sizes": {"court": 12}}
        assert made.reason == "So agreed."

    def test_what_changes_nothing_is_told(self, page, listed):
        response = page("adjust", USUAL, follow=True)
        assert "Nothing was changed: the plan says this already." in words(response)
        assert not SampleAdjustment.objects.exists()

    @pytest.mark.parametrize(
        ("given", "sentence", "field"),
        [
            ({"confidence": "high"}, "Confidence, in per cent: enter a number, such as 97.5.", "confidence"),
            ({"confidence": "101"}, "Enter a confidence from 50 to 99.9 per cent", "confidence"),
            ({"margin_of_error": "2.5"}, "enter a whole number, such as 6.", "margin_of_error"),
            ({"farthest_court": "5"}, "the window would end before it begins", "farthest_court"),
            ({"size_court": "44"}, "Enter 43 at most: so many court cases are eligible.", "size_court"),
            ({"confidence": "90", "reason": " "}, "Say why the plan is adjusted.", "reason"),
        ],
    )
    def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(self, page, listed, given, sentence, field):
        response = page("adjust", USUAL | {"margin_of_error": "7"} | given)
        text = response.content.decode()
        assert response.status_code == 400
        assert "<title>Error: " in re.sub(r"\s+", " ", text)
        assert sentence in words(response)
        assert f'href="#id_{field}"' in text
        for name, value in ({"margin_of_error": "7"} | given).items():
            assert name == "reason" or f'value="{value}"' in text
        assert not SampleAdjustment.objects.exists()

    def test_somebody_else_adjusted_it_meanwhile(self, page, listed, lead):
        adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Closer.", by=lead)
        response = page("adjust", USUAL | {"confidence": "95"})
        assert response.status_code == 409
        text = words(response)
        assert "Confidence 90%, 80% in the standards" in text
        assert 'value="95"' in response.content.decode()
        assert SampleAdjustment.objects.count() == 1

    def test_somebody_else_took_the_adjustment_back_meanwhile(self, page, listed, lead):
        stood = adjust_sample(inspection=listed, adjusted={"confidence": 90}, reason="Closer.", by=lead)
        adjust_sample(inspection=listed, adjusted={}, reason="Back.", by=lead)
        response = page("adjust", USUAL | {"confidence": "95", "base": str(stood.pk)})
        assert response.status_code == 409
        assert "The plan As in the standards again" in words(response)

    def test_not_once_it_is_drawn(self, page, listed, lead):
        draw_sample(inspection=listed, by=lead)
        response = page("adjust", USUAL | {"confidence": "90"})
        assert response.status_code == 400
        assert "a draw is final" in words(response)
        assert not SampleAdjustment.objects.exists()


class TestTheDraw:
    def test_the_preview_has_numbers_and_neither_cases_nor_the_seed(self, page, listed):
        response = page("draw")
        text = words(response)
        assert "The draw takes 50 of the 71 eligible cases." in text
        assert "The largest gap is" in text
        assert "Youth conditional caution" in text
        assert not re.search(r"[CP]-\d{4}", response.content.decode())
        assert not Draw.objects.exists()

    def test_it_is_drawn_as_it_was_shown(self, page, listed):
        response = page("draw", {"seen": seen_on(page("draw"))}, follow=True)
        assert "The sample is drawn: 50 cases." in words(response)
        assert listed.cases.count() == 50

    def test_another_plan_than_was_shown_draws_nothing(self, page, listed, lead):
        seen = seen_on(page("draw"))
        import_rows(listed, eligible(40, 28), lead)
        response = page("draw", {"seen": seen})
        assert response.status_code == 400
        assert "The list or the plan changed after you opened this page, and nothing was drawn." in words(response)
        assert "The draw takes 49 of the 68 eligible cases." in words(response)
        assert not Draw.objects.exists()

    def test_a_draw_whose_answer_was_lost_is_sent_again(self, page, listed):
        seen = seen_on(page("draw"))
        page("draw", {"seen": seen})
        response = page("draw", {"seen": seen})
        assert response["Location"] == reverse("cases:plan", args=[listed.public_id])
        assert Draw.objects.count() == 1

    def test_a_second_draw_is_refused(self, page, listed, manager):
        seen = seen_on(page("draw"))
        draw_sample(inspection=listed, by=manager)
        before = set(listed.cases.values_list("pk", flat=True))
        response = page("draw", {"seen": seen})
        assert response.status_code == 400
        assert "drew this sample at" in words(response)
        assert set(listed.cases.values_list("pk", flat=True)) == before

    @pytest.mark.parametrize("state", [State.FIELDWORK, State.PUBLISHED])
    def test_not_once_fieldwork_has_begun(self, page, listed, state):
        seen = seen_on(page("draw"))
        Lifecycle.objects.filter(inspection=listed).update(state=state)
        assert "has begun" in words(page("draw"))
        assert page("draw", {"seen": seen}).status_code == 400
        assert not Draw.objects.exists()

    def test_not_by_an_inspector_or_a_stranger(self, page, client, listed, inspector, stranger):
        seen = seen_on(page("draw"))
        for person, status in ((inspector, 403), (stranger, 404)):
            client.force_login(person)
            for name in ("plan", "adjust", "draw", "balance"):
                assert client.get(reverse(f"cases:{name}", args=[listed.public_id])).status_code == status
            assert client.post(reverse("cases:draw", args=[listed.public_id]), {"seen": seen}).status_code == status
        assert not Draw.objects.exists()


class TestTheBalance:
    def test_before_the_draw_there_is_nothing_to_hold_against_it(self, page, listed):
        assert "The sample is not drawn yet." in words(page("balance"))

    def test_shares_gaps_and_margins(self, page, listed, lead):
        draw_sample(inspection=listed, by=lead)
        text = words(page("balance"))
        assert "50 cases of the sample count." in text
        assert "The whole sample 71 50 ±5.0" in text
        assert "Court cases 43 30 ±6.5" in text
        assert "Out-of-court cases 28 20 ±7.8" in text
        girls = {code: listed.candidates.filter(sample=code, profile__sex="female").count() for code in ("court",)}
        drawn = listed.cases.filter(sample="court", profile__sex="female").count()
        shares = f"{100 * girls['court'] / 43:.1f}%", f"{100 * drawn / 30:.1f}%"
        assert f"Female {girls['court']} {shares[0]} {drawn} {shares[1]}" in text
        assert re.search(r"The largest gap is \d+\.\d percentage points: among [\w-]+ cases, ", text)
        assert "A part of the sample has a wider margin than the whole, unless more of its eligible" in text

    def test_not_classified_is_a_value(self, page, listed, lead):
        draw_sample(inspection=listed, by=lead)
        response = page("balance")
        unclassified = listed.candidates.exclude(profile__harm_classification__in=["low", "medium", "high"]).count()
        assert f"Not classified {unclassified} " in words(response)

    def test_every_chart_says_what_it_shows_and_is_drawn_without_styles(self, page, listed, lead):
        draw_sample(inspection=listed, by=lead)
        text = page("balance").content.decode()
        charts = re.findall(r'<svg class="eh-chart__bars".*?</svg>', text, re.DOTALL)
        assert len(charts) == 8  # four fields of two kinds of cases
        for chart in charts:
            title, says = re.search(r'aria-labelledby="(\S+) (\S+)"', chart).groups()
            assert f'<title id="{title}">' in chart
            described = re.search(rf'<desc id="{says}">(.*?)</desc>', chart, re.DOTALL)[1]
            assert described.count("eligible") == chart.count('class="eh-chart__eligible"') > 0
            assert all(float(width) <= 100 for width in re.findall(r'width="([\d.]+)%"', chart))
            assert "style=" not in chart

    @pytest.mark.parametrize("most", [0, 1_000])
    def test_every_stratum_is_there_and_those_put_together_are_marked(self, page, listed, lead, monkeypatch, most):
        monkeypatch.setattr(balance, "MANY_STRATA", most)
        draw = draw_sample(inspection=listed, by=lead)
        merged = [stratum for stratum in draw.strata if stratum["values"][-1] == "*"]
        assert merged
        text = page("balance").content.decode()
        (table,) = re.findall(r"<table(?:(?!<table).)*Drawn at the draw.*?</table>", text, re.DOTALL)
        assert ("See every stratum" in text) == (most == 0)
        _, *rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        assert sum("Put together" in row and ">Any<" in row for row in rows) == len(merged)
        counts = [re.findall(r"numeric\">(\d+)</td>", row) for row in rows]
        assert [int(drawn) for _, drawn in counts] == [len(drawn) for drawn, _ in references_of(draw)]
        assert sum(int(eligible) for eligible, _ in counts) == 71

    def test_a_case_that_is_restored_has_not_been_replaced_any_more(self, page, listed, lead):
        draw_sample(inspection=listed, by=lead)
        case = next(case for case in listed.cases.all() if next_reserve(case))
        reserve = next_reserve(case).candidate
        exclude_at_once(case=case, reason="not_eligible", words="Older.", by=lead, reserve=reserve)
        text = words(page("balance"))
        assert "1 is excluded, and 1 was taken" in text
        assert "1 of them turned out not to be eligible." in text
        restore_to_sample(case=case, words="It was.", by=lead)
        text = words(page("balance"))
        assert "51 cases of the sample count. 1 was restored after another case had taken its place." in text
        assert "excluded" not in text.split("Balance")[-1]
        assert "not to be eligible" not in text

    def test_it_is_of_the_cases_that_count(self, page, listed, lead):
        draw_sample(inspection=listed, by=lead)
        excluded = next(case for case in listed.cases.all() if next_reserve(case))
        reserve = next_reserve(excluded).candidate
        exclude_at_once(case=excluded, reason="no_file", words="Lost in a flood.", by=lead, reserve=reserve)
        text = words(page("balance"))
        assert (
            "50 cases of the sample count. 1 is excluded, and 1 was taken from the reserves in the place of one."
            in text
        )
        alone = listed.cases.filter(excluded_reason="").exclude(candidate=reserve).first()
        exclude_at_once(case=alone, reason="no_file", words="Lost too.", by=lead)
        text = words(page("balance"))
        assert "49 cases of the sample count. 2 are excluded, and 1 was taken" in text
        assert "The whole sample 71 49 ±" in text


class TestQueries:
    @pytest.mark.parametrize("name", ["plan", "draw", "adjust"])
    def test_a_long_list_takes_no_more_before_the_draw(self, page, listed, lead, name):
        assert self.counted(page, name) == self.after(lambda: import_rows(listed, eligible(150, 90), lead), page, name)

    @pytest.mark.parametrize("name", ["plan", "balance"])
    def test_a_long_list_takes_no_more_after_it(self, page, make_inspection, lead, client, name):
        counts = []
        for sides in ((20, 12), (150, 90)):
            inspection = make_inspection(state=State.PLANNED, fieldwork_started=FIELDWORK)
            import_rows(inspection, eligible(*sides), lead)
            draw_sample(inspection=inspection, by=lead)
            address = reverse(f"cases:{name}", args=[inspection.public_id])
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]

    def counted(self, page, name):
        page(name)
        with CaptureQueriesContext(connection) as queries:
            assert page(name).status_code == 200
        return len(queries)

    def after(self, change, page, name):
        change()
        return self.counted(page, name)
