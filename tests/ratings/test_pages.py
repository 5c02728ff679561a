"""The pages about figures: who may see them, that they show what Annex 2 says, and how current they say they are."""

import pytest
from django.urls import reverse

from cases.actions import exclude_case, record_answer
from cases.answers import Given
from inspections.actions import archive_inspection
from inspections.models import Inspection
from ratings import actions
from ratings.annex import build_annex, discretion_note
from ratings.exports.printed import NO_CASE, NOT_RATED
from ratings.models import Result
from ratings.views import figures
from tests.ratings.tables import table, tables
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db

LABELS = {
    "inadequate": "Inadequate",
    "requires_improvement": "Requires improvement",
    "good": "Good",
    "outstanding": "Outstanding",
    None: NOT_RATED,
}
PAGES = {
    "ratings:inspection": (),
    "ratings:annex": (),
    "ratings:results": (),
    "ratings:question": ("2.1.1",),
    "ratings:export": ("json",),
}
SCREENS = [name for name in PAGES if name != "ratings:export"]


def address(name, inspection):
    return reverse(name, args=[inspection.public_id, *PAGES[name]])


def shown(client, name, inspection):
    response = client.get(address(name, inspection))
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def nottingham(make_example):
    """Return Nottingham City's inspection, which has a discretion on 2.4."""
    return make_example("nottingham-city-2020")


@pytest.fixture
def asked_for(monkeypatch):
    """Keep recomputation from happening, as when the worker is away; return the inspections it was asked for."""
    asked = []

    class Waiting:
        def __init__(self, inspection_id):
            self.inspection_id = inspection_id

        def __call__(self):
            asked.append(self.inspection_id)

    monkeypatch.setattr(figures, "Recompute", Waiting)
    return asked


def turn_one(inspection, by, question, value):
    """Turn one answer to a key question around, from its other value, and recompute nothing."""
    other = "yes" if value == "no" else "no"
    case = inspection.cases.filter(answers__question=question, answers__value=other).first()
    answer = case.answers.get(question=question)
    return record_answer(case=case, by=by, given=Given(question, value, note=answer.note, base=answer.version))


class TestAccess:
    def test_everybody_with_a_role_sees_every_page(self, client, sefton, inspector, lead, manager, administrator):
        for person in (inspector, lead, manager, administrator):
            client.force_login(person)
            for name in PAGES:
                wanted = 403 if (name, person) == ("ratings:export", administrator) else 200
                assert client.get(address(name, sefton)).status_code == wanted, (name, person)

    @pytest.mark.parametrize("name", PAGES)
    def test_strangers_find_nothing(self, client, inspection, stranger, name):
        client.force_login(stranger)
        assert client.get(address(name, inspection)).status_code == 404

    @pytest.mark.parametrize("name", PAGES)
    def test_signed_out_the_way_leads_to_signing_in_and_back(self, client, inspection, name):
        response = client.get(address(name, inspection))
        assert response.status_code == 302
        assert response.url == f"{reverse('account_login')}?next={address(name, inspection)}"

    @pytest.mark.parametrize("name", PAGES)
    def test_nothing_is_sent_to_these_pages(self, client, inspection, lead, name):
        client.force_login(lead)
        assert client.post(address(name, inspection)).status_code == 405

    @pytest.mark.parametrize("code", ["9.9.9", "1.1.1", "2.1", "2.1.1.zz", "safety_factors"])
    def test_only_what_has_a_percentage_has_a_page(self, client, inspection, lead, code):
        client.force_login(lead)
        assert client.get(reverse("ratings:question", args=[inspection.public_id, code])).status_code == 404

    def test_case_answers_are_kept_from_those_who_may_not_read_cases(self, client, sefton, manager, administrator):
        reference = sefton.cases.first().reference
        client.force_login(manager)
        assert f">{reference}<" in shown(client, "ratings:question", sefton)
        client.force_login(administrator)
        html = shown(client, "ratings:question", sefton)
        assert f">{reference}<" not in html
        assert f'"{reverse("cases:list", args=[sefton.public_id])}"' not in html

    def test_the_front_door_leads_to_the_inspections(self, client, lead):
        client.force_login(lead)
        assert client.get("/").url == reverse("ratings:inspections")


class TestList:
    def test_it_has_score_and_overall_rating(self, client, sefton, nottingham, lead):
        client.force_login(lead)
        html = client.get(reverse("ratings:inspections")).content.decode()
        aside = " Case answers are invented"
        assert table(html, "Inspections")[1:] == [
            [f"{nottingham.service.name}{aside}", "4 November 2019", "Fieldwork", "15/36", "Requires improvement"],
            [f"{sefton.service.name}{aside}", "4 February 2019", "Fieldwork", "12/36", "Requires improvement"],
        ]

    def test_it_says_when_figures_are_awaited(self, client, sefton, lead, make_inspection):
        make_inspection(service_name="A service without results")
        turn_one(sefton, lead, "2.1.1", "no")
        client.force_login(lead)
        rows = table(client.get(reverse("ratings:inspections")).content.decode(), "Inspections")[1:]
        assert rows[0][3:] == ["None yet", "Not computed yet"]
        assert rows[1][3] == "12/36 Being recomputed"

    def test_archived_inspections_are_left_out_and_say_so_themselves(self, client, sefton, lead):
        archive_inspection(inspection=sefton, by=lead)
        client.force_login(lead)
        assert sefton.service.name not in client.get(reverse("ratings:inspections")).content.decode()
        assert "another took its place" in shown(client, "ratings:inspection", sefton)

    def test_who_is_in_no_team_is_told_what_to_do(self, client, sefton, stranger):
        client.force_login(stranger)
        html = client.get(reverse("ratings:inspections")).content.decode()
        assert "You are not in the team of any inspection yet" in html
        assert sefton.service.name not in html

    def test_a_long_list_comes_in_pages(self, client, make_inspection, manager, monkeypatch):
        monkeypatch.setattr("ratings.views.inspections.PER_PAGE", 2)
        names = [make_inspection().service.name for _ in range(5)]
        client.force_login(manager)
        first, last = (
            client.get(reverse("ratings:inspections"), {"page": page}).content.decode() for page in ("1", "3")
        )
        assert [name for name in names if name in first] == names[:2]
        assert [name for name in names if name in last] == names[4:]
        assert 'aria-label="Pagination"' in first
        assert client.get(reverse("ratings:inspections"), {"page": "no number"}).status_code == 200


class TestFigures:
    def test_annex_2_is_what_its_json_says_cell_by_cell(self, client, nottingham, annex_of, lead):
        client.force_login(lead)
        html = shown(client, "ratings:annex", nottingham)
        data = annex_of(nottingham)
        assert [caption for caption, _ in tables(html)] == [
            f"{domain['code']}. {domain['title']}" for domain in data["domains"]
        ]
        document = nottingham.document
        for (_, rows), domain in zip(tables(html), data["domains"], strict=True):
            wanted = [
                ["Standards and key questions", "Rating" if domain["code"] == "1" else "Rating and % yes"],
            ]
            for standard in domain["standards"]:
                mark = " *" if standard["discretion"] else ""
                wanted.append(
                    [
                        f"{standard['code']}. {standard['title']} {standard['statement']}",
                        f"{LABELS[standard['rating']]}{mark}",
                    ]
                )
                for question in document.standards[standard["code"]].key_questions:
                    text = nottingham.wording.get(question.code, question.text)
                    wanted.append([f"{question.code}. {nottingham.worded(text)}"])
                for row, question in zip(
                    wanted[len(wanted) - len(standard["key_questions"]) :], standard["key_questions"], strict=True
                ):
                    assert row == [f"{question['code']}. {question['text']}"]
                    row.append(f"{question['percent']}%")
            assert rows == wanted

    def test_the_working_view_is_what_the_json_says_cell_by_cell(self, client, nottingham, annex_of, lead):
        client.force_login(lead)
        html = shown(client, "ratings:results", nottingham)
        for domain in annex_of(nottingham)["domains"]:
            rows = iter(table(html, f"{domain['code']}. {domain['title']}")[1:])
            for standard in domain["standards"]:
                name = f"{standard['code']} {standard['title']}"
                if not standard["key_questions"]:
                    assert next(rows) == [name, LABELS[standard["rating"]]]
                    continue
                rating = (
                    f"Calculated {LABELS[standard['calculated']]} Decided {LABELS[standard['rating']]}"
                    if standard["discretion"]
                    else f"Rating, as calculated {LABELS[standard['rating']]}"
                )
                assert next(rows) == [name, rating]
                for question in standard["key_questions"]:
                    assert next(rows) == [
                        f"{question['code']} {question['text']}",
                        f"{question['percent']}%",
                        LABELS[question["band"]],
                        *(str(question[state]) for state in ("yes", "no", "not_applicable", "not_asked", "unanswered")),
                    ]
            assert list(rows) == []

    def test_the_front_page_has_every_rating_and_the_score(self, client, nottingham, annex_of, lead):
        client.force_login(lead)
        html = shown(client, "ratings:inspection", nottingham)
        wanted = []
        for domain in annex_of(nottingham)["domains"]:
            wanted.append([f"{domain['code']}. {domain['title']}"])
            for standard in domain["standards"]:
                mark = " *" if standard["discretion"] else ""
                wanted.append(
                    [f"{standard['code']} {standard['title']}", f"{LABELS[standard['rating']]}{mark}"],
                )
        assert table(html, "Ratings of the standards")[1:] == wanted
        assert "15/36" in html
        assert table(html, "Cases")[1:] == [
            ["Court cases", "30 of 30", "None"],
            ["Out-of-court cases", "20 of 20", "None"],
        ]

    def test_behind_a_percentage_are_its_prompts_and_cases(self, client, nottingham, lead):
        client.force_login(lead)
        html = client.get(reverse("ratings:question", args=[nottingham.public_id, "2.4.3"])).content.decode()
        tallies = Result.objects.get(inspection=nottingham).tallies
        prompts = nottingham.document.key_questions["2.4.3"].prompts
        assert [row[2:] for row in table(html, "Prompts")[1:]] == [
            [str(count) for count in tallies[f"2.4.3.{prompt.code}"]] for prompt in prompts
        ]
        assert "5 of 11 relevant cases" in html
        assert {caption: len(rows) - 1 for caption, rows in tables(html) if caption in ("Yes", "No", "Not asked")} == {
            "Yes": 5,
            "No": 6,
            "Not asked": 19,
        }

    def test_rounding_that_decides_a_band_is_told(self, client, make_example, lead):
        oxfordshire = make_example("oxfordshire-2020")
        client.force_login(lead)
        html = client.get(reverse("ratings:question", args=[oxfordshire.public_id, "2.2.2"])).content.decode()
        assert "Rounding decides the band: 11 of 17 is 64.71%, which is 65% as a whole number, and so Good." in html
        assert "Rounding decides" not in shown(client, "ratings:question", oxfordshire)

    def test_the_note_on_a_discretion_comes_from_the_record_in_one_wording(self, client, nottingham, lead):
        annex = build_annex(nottingham, nottingham.result)
        (moved,) = [held for domain in annex.domains for held in domain.standards if held.discretion]
        note = discretion_note(annex, moved)
        for part in ("Inadequate", "2.4.3 at 45%", "Requires improvement", moved.discretion.reason):
            assert part in note
        client.force_login(lead)
        for name in ("ratings:annex", "ratings:results"):
            assert note.replace("'", "&#x27;") in " ".join(shown(client, name, nottingham).split())
        assert "Decided by Lead inspector at 14:30 on 2 December 2019, ratified by Ratifying manager." in shown(
            client, "ratings:results", nottingham
        )

    def test_a_question_without_a_relevant_case_has_no_percentage(self, client, inspection, make_case, lead, settle):
        make_case(inspection)
        settle()
        client.force_login(lead)
        assert [row[1] for row in tables(shown(client, "ratings:annex", inspection))[1][1][2:5]] == [NO_CASE] * 3
        assert "0%" not in " ".join(
            row[1] for _, rows in tables(shown(client, "ratings:annex", inspection)) for row in rows if len(row) > 1
        )

    def test_exclusions_stand_beside_the_results_by_reason(self, client, sefton, lead, settle):
        court = list(sefton.cases.filter(sample="court")[:3])
        for case, reason in zip(court, ("not eligible", "file cannot be had", "not eligible"), strict=True):
            exclude_case(case=case, reason=reason, by=lead)
        settle()
        client.force_login(lead)
        for name in ("ratings:inspection", "ratings:results"):
            assert table(shown(client, name, sefton), "Cases")[1] == [
                "Court cases",
                "21 of 21",
                "1: file cannot be had 2: not eligible",
            ]

    def test_words_are_the_inspections_own(self, client, nottingham, sefton, lead):
        client.force_login(lead)
        assert "Annexe 2" in shown(client, "ratings:annex", nottingham)
        html = shown(client, "ratings:annex", sefton)
        assert "Annexe 2" not in html
        assert "Annex 2: Inspection results" in html

    def test_every_page_says_that_answers_are_invented(self, client, sefton, inspection, lead, settle):
        sentence = "Case answers in this inspection are invented to fit published percentages."
        settle()
        client.force_login(lead)
        for name in SCREENS:
            assert sentence in shown(client, name, sefton)
            assert sentence not in shown(client, name, inspection)


class TestFreshness:
    def test_current_figures_say_when_they_were_computed(self, client, sefton, lead, asked_for):
        Result.objects.filter(inspection=sefton).update(computed_at="2026-07-01T13:02:00Z")
        client.force_login(lead)
        for name in SCREENS:
            html = " ".join(shown(client, name, sefton).split())
            assert "Computed at 14:02 on 1 July 2026 · reflects every answer up to now" in html
        assert asked_for == []

    @pytest.mark.parametrize(
        ("changes", "words"), [(1, "1 change has come in since"), (2, "2 changes have come in since")]
    )
    def test_figures_that_are_behind_say_so_and_ask_for_newer_ones(
        self, client, sefton, lead, asked_for, changes, words
    ):
        for _ in range(changes):
            turn_one(sefton, lead, "2.1.1", "no")
        client.force_login(lead)
        assert f"{words}: figures are being recomputed" in shown(client, "ratings:results", sefton)
        assert asked_for == [sefton.pk]

    def test_where_the_web_process_computes_the_page_is_current_at_once(self, client, sefton, lead, monkeypatch):
        class AtOnce:
            def __init__(self, inspection_id):
                self.inspection_id = inspection_id

            def __call__(self):
                actions.recompute(inspection_id=self.inspection_id)

        monkeypatch.setattr(figures, "Recompute", AtOnce)
        before = Result.objects.get(inspection=sefton).tallies["2.1.1"]
        turn_one(sefton, lead, "2.1.1", "no")
        client.force_login(lead)
        html = shown(client, "ratings:results", sefton)
        assert "reflects every answer up to now" in html
        row = next(row for row in table(html, "2. Court disposals") if row[0].startswith("2.1.1 "))
        assert row[3:5] == [str(before[0] - 1), str(before[1] + 1)]

    @pytest.mark.parametrize("alive", [True, False])
    def test_a_worker_that_is_away_is_told_of(self, client, sefton, lead, asked_for, monkeypatch, alive):
        monkeypatch.setattr(figures, "worker_alive", lambda: alive)
        sentence = "The worker that computes figures is not running."
        client.force_login(lead)
        assert sentence not in shown(client, "ratings:results", sefton)
        turn_one(sefton, lead, "2.1.1", "no")
        assert (sentence in shown(client, "ratings:results", sefton)) == (not alive)

    def test_without_results_there_are_no_figures(self, client, sefton, lead, asked_for):
        Result.objects.all().delete()
        client.force_login(lead)
        for name in SCREENS:
            html = shown(client, name, sefton)
            assert "There are no figures yet" in html
            assert "%" not in html
            assert "/36" not in html

    def test_a_lapsed_discretion_asks_to_decide_again(self, client, nottingham, lead, settle):
        sentence = "The discretion used on 2.4 Reviewing no longer applies: decide again."
        client.force_login(lead)
        assert sentence not in shown(client, "ratings:results", nottingham)
        turn_one(nottingham, lead, "2.4.3", "no")
        settle()
        html = shown(client, "ratings:results", nottingham)
        assert sentence in html
        assert "14/36" in html
        assert "note-2.4" not in shown(client, "ratings:annex", nottingham)

    def test_locked_ratings_say_by_whom(self, client, sefton, lead):
        actions.lock_ratings(inspection=make_ready(sefton, lead), by=lead)
        client.force_login(lead)
        for name in ("ratings:inspection", "ratings:annex", "ratings:results"):
            assert "ratings locked by Leah Costa at" in shown(client, name, sefton)


class TestQueries:
    def test_pages_take_as_many_however_much_there_is(
        self, client, nottingham, lead, make_inspection, make_case, django_assert_num_queries, settle
    ):
        small = make_inspection()
        make_case(small)
        settle()
        client.force_login(lead)
        shown(client, "ratings:results", nottingham)  # The standards document is read once and kept.
        shown(client, "ratings:results", small)
        for name in SCREENS:
            for inspection in (nottingham, small):
                # One of them looks for individual alerts, for the lead alone.
                with django_assert_num_queries(10 if name == "ratings:question" else 8):
                    shown(client, name, inspection)

    def test_the_list_takes_as_many_however_long_it_is(
        self, client, sefton, lead, make_inspection, make_case, django_assert_num_queries, settle
    ):
        client.force_login(lead)
        make_case(make_inspection(figures_open=False))
        settle()
        client.get(reverse("ratings:inspections"))
        with django_assert_num_queries(6):
            client.get(reverse("ratings:inspections"))
        for _ in range(5):
            make_case(make_inspection(figures_open=False))
        settle()
        with django_assert_num_queries(6):
            client.get(reverse("ratings:inspections"))
        assert Inspection.objects.count() == 7
