"""What is behind a percentage: every case in its one state and why, who sees what, and the way to the case and back."""

import re
from dataclasses import astuple

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import exclude_case, record_answer
from cases.answers import Given
from ratings.actions import lock_ratings
from ratings.behind import OTHER_REASON, look_behind
from ratings.exports.printed import percent_text
from ratings.scoring import Tally, percentage
from ratings.tallies import count_answers
from tests.ratings.tables import tables
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db

HARM, ASKED_OF_HARM = "harm_factors", "2.2.3"


def give(case, by, question, value, **more):
    answer = case.answers.get(question=question)
    return record_answer(case=case, by=by, given=Given(question, value, base=answer.version, **more))


@pytest.fixture
def mixed(inspection, make_case, inspector, other_inspector, lead, settle):
    """Return an inspection with one court case in every state of 2.2.3, by state, and one that is excluded."""
    names = ("yes", "no", "not_applicable", "own_words", "not_asked", "kept", "anyway", "awaited", "unanswered", "out")
    cases = {name: make_case(inspection, reference=f"R-{name}") for name in names}
    for name in ("yes", "no", "not_applicable", "own_words", "awaited", "unanswered"):
        give(cases[name], inspector, HARM, "true")
    give(cases["yes"], inspector, ASKED_OF_HARM, "yes", note="The plan names who checks.", source="file")
    give(cases["no"], other_inspector, ASKED_OF_HARM, "no", note="No plan for the victim.")
    known = inspection.worded(inspection.document.not_applicable_reasons[0])
    give(cases["not_applicable"], inspector, ASKED_OF_HARM, "not_applicable", reason=known)
    give(cases["own_words"], inspector, ASKED_OF_HARM, "not_applicable", reason="He moved to Brighton on day two.")
    give(cases["awaited"], inspector, ASKED_OF_HARM, "not_applicable")
    give(cases["kept"], inspector, ASKED_OF_HARM, "yes")
    give(cases["kept"], other_inspector, HARM, "false", change_reason="No incident on file.")
    give(cases["not_asked"], inspector, HARM, "false")
    give(cases["anyway"], inspector, HARM, "false")
    give(cases["anyway"], inspector, ASKED_OF_HARM, "no", asked_because="A caution came to light.")
    exclude_case(case=cases["out"], reason="file cannot be had", by=lead)
    settle()
    return inspection


def question_of(inspection, code, sample="court"):
    return inspection.document.questions(sample)[code]


def references(standings):
    return [held.case.reference for held in standings]


def cases_in(html, caption):
    """Return the rows of the one table of that caption, without its head."""
    (rows,) = [rows for name, rows in tables(html) if name == caption]
    return rows[1:]


def shown(client, inspection, code=ASKED_OF_HARM):
    response = client.get(reverse("ratings:question", args=[inspection.public_id, code]))
    assert response.status_code == 200
    return response.content.decode()


class TestCounting:
    def test_every_case_is_in_one_state_with_its_reason(self, mixed):
        behind = look_behind(mixed, question_of(mixed, ASKED_OF_HARM), "court")
        assert {state: references(held) for state, held in behind.states.items()} == {
            "yes": ["R-yes"],
            "no": ["R-anyway", "R-no"],
            "not_applicable": ["R-not_applicable", "R-own_words"],
            "not_asked": ["R-kept", "R-not_asked"],
            "unanswered": ["R-awaited", "R-unanswered"],
        }
        assert [(held.case.reference, held.asked_because) for held in behind.asked_anyway] == [
            ("R-anyway", "A caution came to light.")
        ]
        assert [held.kept for held in behind.states["not_asked"]] == ["Yes", ""]
        assert {held.fact.answered_by.name for held in behind.states["not_asked"]} == {"Ines Archer", "Omar Brandt"}
        assert {reason: [case.reference for case in cases] for reason, cases in behind.excluded.items()} == {
            "file cannot be had": ["R-out"]
        }

    def test_a_reason_to_ask_what_the_facts_propose_is_no_asking_anyway(self, mixed, inspector):
        case = mixed.cases.get(reference="R-anyway")
        give(case, inspector, HARM, "true", change_reason="The caution was for violence.")
        assert look_behind(mixed, question_of(mixed, ASKED_OF_HARM), "court").asked_anyway == []

    def test_prompts_follow_their_key_question(self, mixed):
        behind = look_behind(mixed, question_of(mixed, f"{ASKED_OF_HARM}.a"), "court")
        assert references(behind.states["not_asked"]) == ["R-kept", "R-not_asked"]
        assert references(behind.asked_anyway) == ["R-anyway"]

    @pytest.mark.parametrize("slug", ["sefton-2019", "nottingham-city-2020"])
    def test_the_cases_add_up_to_every_figure(self, make_example, slug):
        inspection = make_example(slug)
        document = inspection.document
        counted = count_answers(document, inspection.pk)
        for domain in document.domains:
            for code, question in document.questions(domain.sample).items() if domain.sample else ():
                if question.kind == "rated":
                    assert look_behind(inspection, question, domain.sample).tally == counted[code], code


class TestPage:
    def test_it_says_what_counts_how_and_why(self, signed_in, mixed, lead):
        html = shown(signed_in(lead), mixed)
        text = " ".join(html.split())
        assert "33% 1 of 3 relevant cases" in re.sub(r"<[^>]+>", "", text)
        for words in (
            "Yes: 1 case",
            "No: 2 cases",
            "Not applicable: 2 cases",
            "Not asked: 2 cases",
            "Unanswered: 2 cases",
            "Asked anyway: 1 case",
            "Excluded from every count: 1 case",
            "It is asked where there are factors related to keeping other people safe.",
            "Asked anyway: A caution came to light.",
            "The fact was set by Omar Brandt",
            "“Yes” is kept and counts nowhere",
            "Not applicable, and the reason is still awaited",
            "He moved to Brighton on day two.: 1 case",
        ):
            assert words in text, words
        assert cases_in(html, "Yes")[0][:2] == ["R-yes", "The plan names who checks. Evidence from: The case file"]
        assert cases_in(html, "No")[1][2].startswith("Omar Brandt ")

    def test_who_may_not_read_cases_sees_counts_and_no_word_of_a_case(self, signed_in, mixed, administrator):
        html = shown(signed_in(administrator), mixed)
        text = " ".join(html.split())
        assert "2 no 2 not applicable 2 not asked 2 unanswered 1 asked anyway 1 excluded" in re.sub(
            r"\s+", " ", re.sub(r"<[^>]+>", " ", html)
        )
        assert f"{OTHER_REASON}: 1 case".replace("'", "&#x27;") in text
        assert f"{mixed.worded(mixed.document.not_applicable_reasons[0])}: 1 case" in text
        assert "file cannot be had: 1 case" in text
        for secret in ("R-", "Brighton", "caution came", "No plan for", "Omar Brandt", "Ines Archer"):
            assert secret not in html, secret
        beneath_navigation = html.rpartition("</nav>")[2]  # which has the way to allocation
        assert "/cases/" not in beneath_navigation
        assert [caption for caption, _ in tables(html)] == ["Prompts"]

    def test_every_percentage_leads_to_what_is_behind_it(self, client, sefton, lead):
        client.force_login(lead)
        pages = {
            name: client.get(reverse(name, args=[sefton.public_id])).content.decode()
            for name in ("ratings:results", "ratings:annex")
        }
        address = reverse("ratings:question", args=[sefton.public_id, "2.1.1"])
        pages["prompts"] = client.get(address).content.decode()
        tallies = {code: Tally(*counts) for code, counts in sefton.result.tallies.items()}
        prompts = [code for code in tallies if code.startswith("2.1.1.")]
        keys = [code for code in tallies if code.count(".") == 2]
        assert len(keys) == 23
        for name, codes in {"ratings:results": keys, "ratings:annex": keys, "prompts": prompts}.items():
            linked = dict(re.findall(r'href="[^"]*/results/([\d.a-z]+)/">([^<]+)<span', pages[name]))
            assert linked == {
                code: percent_text(percentage(tallies[code].yes, tallies[code].relevant)) for code in codes
            }, name

    def test_a_prompt_has_no_band_and_leads_back_to_its_key_question(self, client, sefton, lead):
        client.force_login(lead)
        html = shown(client, sefton, "2.1.1.a")
        assert "<dt>Band</dt>" not in html
        assert "Back to 2.1.1" in html
        assert 'id="prompts"' not in html

    def test_sections_fold_without_a_script_and_are_open(self, signed_in, mixed, lead):
        html = shown(signed_in(lead), mixed)
        assert len(re.findall(r'<details class="govuk-details eh-behind" id="[a-z-]+" open>', html)) == 7

    def test_changes_that_are_not_yet_counted_are_told(self, signed_in, mixed, inspector, lead):
        sentence = "Answers have changed since"
        assert sentence not in shown(signed_in(lead), mixed)
        mixed.result.__class__.objects.filter(pk=mixed.pk).update(
            tallies={code: [0, 0, 0, 0, 0] for code in mixed.result.tallies}
        )
        assert sentence in shown(signed_in(lead), mixed)

    def test_it_is_there_after_the_lock(self, signed_in, sefton, lead):
        lock_ratings(inspection=make_ready(sefton, lead), by=lead)
        html = shown(signed_in(lead), sefton, "2.1.1")
        tally = Tally(*sefton.result.tallies["2.1.1"])
        assert len(cases_in(html, "Yes")) == astuple(tally)[0]

    def test_queries_do_not_grow_with_the_cases(self, client, sefton, mixed, lead, django_assert_num_queries):
        client.force_login(lead)
        for inspection in (sefton, mixed):
            shown(client, inspection)
            for code in (ASKED_OF_HARM, "2.1.1", f"{ASKED_OF_HARM}.a"):
                with django_assert_num_queries(10):
                    shown(client, inspection, code)


class TestTheWayThereAndBack:
    @pytest.fixture
    def way(self, signed_in, mixed, inspector):
        """Return the client, the case that says yes, its address behind the percentage, and the address back to it."""
        client = signed_in(inspector)
        case = mixed.cases.get(reference="R-yes")
        (there,) = re.findall(rf'href="(/cases/{case.public_id}/[^"]+)"', shown(client, mixed))
        back = f"{reverse('ratings:question', args=[mixed.public_id, ASKED_OF_HARM])}#case-{case.public_id}"
        return client, case, there, back

    def test_it_leads_to_the_question_and_back_to_the_case_in_its_list(self, way, mixed):
        client, case, there, back = way
        assert there == f"/cases/{case.public_id}/standards/2.2/?from={ASKED_OF_HARM}#question-{ASKED_OF_HARM}"
        html = client.get(there).content.decode()
        assert f'id="question-{ASKED_OF_HARM}"' in html or f"question-{ASKED_OF_HARM}" in html
        assert f'<a href="{back}" class="govuk-back-link">Back to what is behind {ASKED_OF_HARM}</a>' in html
        assert f'id="case-{case.public_id}"' in shown(client, mixed)

    def test_what_is_not_asked_leads_to_its_key_question(self, signed_in, mixed, lead):
        html = shown(signed_in(lead), mixed, f"{ASKED_OF_HARM}.a")
        case = mixed.cases.get(reference="R-not_asked")
        assert f'/cases/{case.public_id}/standards/2.2/?from={ASKED_OF_HARM}.a#question-{ASKED_OF_HARM}"' in html

    def test_it_survives_saving_and_what_could_not_be_saved(self, way):
        client, case, there, back = way
        page = there.split("#")[0]
        form = re.search(r'action="(/cases/[^"]+/standards/[^"]+)"', client.get(page).content.decode())[1]
        assert form == page
        refused = client.post(page, {"command": "nonsense"})
        assert refused.status_code == 400
        fields = dict(
            re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', client.get(page).content.decode())
        )
        fields.pop("csrfmiddlewaretoken", None)
        saved = client.post(page, fields | {f"note-{ASKED_OF_HARM}": "Seen again."})
        assert saved.status_code == 302
        assert saved.url == f"/cases/{case.public_id}/standards/2.3/?from={ASKED_OF_HARM}"
        assert back in client.get(saved.url).content.decode()
        returned = client.post(page, fields | {"return": "1"})
        assert returned.url == f"/cases/{case.public_id}/?from={ASKED_OF_HARM}"
        task_list = client.get(returned.url).content.decode()
        assert back in task_list
        assert page in task_list

    @pytest.mark.parametrize("forged", ["9.9.9", "//example.org", "harm_factors", "<b>"])
    def test_nothing_else_can_be_carried(self, way, forged):
        client, case, there, _ = way
        html = client.get(there.split("?")[0], {"from": forged}).content.decode()
        assert f"Back to case {case.reference}" in html
        assert "from=" not in html

    def test_nobody_else_sees_a_way_back(self, way):
        client, _, there, _ = way
        assert "what is behind" not in client.get(there.split("?")[0]).content.decode()


def test_hidden_figures_say_what_is_awaited(make_inspection, make_case, lead, inspector, settle):
    inspection = make_inspection(figures_open=False)
    make_case(inspection)
    settle()
    for person in (lead, inspector):
        client = Client()
        client.force_login(person)
        for code in (ASKED_OF_HARM, f"{ASKED_OF_HARM}.a"):
            html = shown(client, inspection, code)
            assert "Figures are not shown until every case is submitted: 0 of 1 court cases are." in html
            assert "eh-behind" not in html
