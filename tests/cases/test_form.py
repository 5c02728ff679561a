"""The case form: what it asks, and that it saves what was given and nothing else."""

import re

import pytest
from django.urls import reverse

from cases.actions import exclude_case, set_imported_state
from cases.models import AnswerRevision
from cases.pages import pages_of
from inspections.models import State
from tests.cases.posting import change, fields_of, said, send

WELSH = "Mae’r asesiad yn gryf: ŵyr, tŷ, llŷn."
PUNJABI = "ਮੁਲਾਂਕਣ ਚੰਗਾ ਹੈ।"
EMOJI = "👩🏽‍👧 family, 🏴󠁧󠁢󠁷󠁬󠁳󠁿"


def messages_of(response):
    return [str(message) for message in response.wsgi_request._messages]


def revisions(case):
    return AnswerRevision.objects.filter(case=case).count()


class TestWhatItAsks:
    def test_prompts_in_order_and_then_the_key_question(self, signed_in, inspector, case, page_of):
        html = signed_in(inspector).get(page_of(case, "2.2")).content.decode()
        order = re.findall(r'data-question="([^"]+)"', html)
        assert order[:8] == ["2.2.1.a", "2.2.1.b", "2.2.1.c", "2.2.1.d", "2.2.1.e", "2.2.1.f", "2.2.1", "2.2.2.a"]
        assert order[-3:] == ["SUP4.plan.desistance", "SUP4.plan.safety_wellbeing", "SUP4.plan.risk_of_harm"]

    def test_facts_first(self, signed_in, inspector, case, page_of):
        html = signed_in(inspector).get(page_of(case, "2.4")).content.decode()
        assert re.findall(r'data-question="([^"]+)"', html)[:4] == [
            "review_required",
            "safety_changes",
            "harm_changes",
            "2.4.1.a",
        ]

    def test_a_fieldset_and_a_legend_for_each_question(self, signed_in, inspector, case, page_of):
        html = signed_in(inspector).get(page_of(case, "2.2")).content.decode()
        assert html.count("<legend") == html.count("<fieldset") == len(re.findall(r'data-question="', html))

    def test_every_kind_of_question(self, signed_in, inspector, case, page_of):
        fields = fields_of(signed_in(inspector).get(page_of(case, "2.1")))
        assert {name for name in fields if name.endswith("-SUP9.why_not")} == {
            "version-SUP9.why_not",
            "answer-SUP9.why_not",
        }
        html = signed_in(inspector).get(page_of(case, "2.1")).content.decode()
        assert 'type="checkbox" value="family"' in html
        assert 'name="answer-SUP8" type="radio" value="not_eligible"' in html

    def test_the_reasons_of_the_document_under_key_questions_alone(self, signed_in, inspector, case, page_of):
        html = signed_in(inspector).get(page_of(case, "2.2")).content.decode()
        assert html.count("order or disposal ended early") == 3

    def test_nothing_is_chosen_beforehand(self, signed_in, inspector, case, page_of):
        assert " checked" not in signed_in(inspector).get(page_of(case, "2.2")).content.decode()

    def test_no_inline_script_or_style(self, signed_in, inspector, case, page_of):
        html = signed_in(inspector).get(page_of(case, "2.1")).content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)

    def test_every_choice_of_one_can_be_cleared(self, signed_in, inspector, case, page_of):
        html = signed_in(inspector).get(page_of(case, "2.2")).content.decode()
        page = pages_of(case.document, case.sample)["2.2"]
        assert html.count("Clear this answer") == sum(
            question.kind not in ("text", "choices") for question in page.questions.values()
        )


class TestSaving:
    def test_answers_notes_and_a_fact(self, save, case, inspector, answer_of):
        response = save(
            case,
            "2.1",
            {
                "answer-safety_factors": "true",
                "answer-2.1.1.a": "no",
                "answer-2.1.1": "yes",
                "note-2.1.1": "Seen in the file.",
                "answer-SUP1": "too_low",
                "answer-SUP5": ["family", "lifestyle"],
                "answer-SUP9.why_not": "On leave.\nAsked twice.",
            },
        )
        assert response.status_code == 302
        assert response["Location"] == reverse("cases:form", args=[case.public_id, "2.2"])
        assert answer_of(case, "safety_factors").value == "true"
        assert answer_of(case, "2.1.1.a").value == "no"
        held = answer_of(case, "2.1.1")
        assert (held.value, held.note, held.version, held.answered_by) == ("yes", "Seen in the file.", 1, inspector)
        assert answer_of(case, "SUP1").value == "too_low"
        assert answer_of(case, "SUP5").value == '["lifestyle", "family"]'
        assert answer_of(case, "SUP9.why_not").value == "On leave.\nAsked twice."
        assert re.fullmatch(r"Saved 6 answers at \d\d:\d\d\.", messages_of(response)[0])
        assert revisions(case) == 6

    def test_what_was_not_touched_is_not_written(self, save, sefton, answer_of):
        case = sefton.cases.get(reference="C01")
        before = revisions(case)
        for standard in ("2.1", "2.2", "2.3", "2.4"):
            response = save(case, standard, {})
            assert messages_of(response) == ["Nothing was changed, so there was nothing to save."]
        assert revisions(case) == before

    def test_a_change_keeps_the_rest_of_the_answer(self, save, case, give, answer_of):
        give(case, "2.1.1", "yes", note="Old", source="file", at_interview=True)
        save(case, "2.1", {"answer-2.1.1": "no"})
        held = answer_of(case, "2.1.1")
        assert (held.value, held.note, held.source, held.at_interview) == ("no", "Old", "file", True)

    def test_clearing(self, save, case, give, answer_of):
        give(case, "2.1.1", "not_applicable", reason="not yet due", note="Stays")
        save(case, "2.1", {"answer-2.1.1": ""})
        held = answer_of(case, "2.1.1")
        assert (held.value, held.reason, held.note) == (None, "", "Stays")

    def test_clearing_boxes_and_texts(self, save, case, give, answer_of):
        give(case, "SUP5", '["family"]')
        give(case, "SUP9.why_not", "Ill")
        save(case, "2.1", {"answer-SUP5": [], "answer-SUP9.why_not": "  \n"})
        assert answer_of(case, "SUP5").value is None
        assert answer_of(case, "SUP9.why_not").value is None

    def test_a_note_needs_no_answer(self, save, case, answer_of):
        response = save(case, "2.1", {"note-2.1.2.a": "Ask about this."})
        assert answer_of(case, "2.1.2.a").value is None
        assert answer_of(case, "2.1.2.a").note == "Ask about this."
        assert messages_of(response)[0].startswith("Saved 1 note at ")

    def test_a_long_note_in_many_scripts_comes_back_to_the_letter(
        self, save, signed_in, inspector, case, answer_of, page_of
    ):
        note = "\n  " + f"{WELSH} {PUNJABI} {EMOJI}\n\tLine\n".ljust(100, "x") * 400
        assert len(note) > 40_000
        save(case, "2.1", {"note-2.1.1": note.replace("\n", "\r\n")})
        assert answer_of(case, "2.1.1").note == note
        fields = fields_of(signed_in(inspector).get(page_of(case, "2.1")))
        assert fields["note-2.1.1"].replace("\r\n", "\n") == note
        assert messages_of(save(case, "2.1", {})) == ["Nothing was changed, so there was nothing to save."]

    def test_a_note_with_the_line_breaks_of_another_system_is_not_a_change(self, save, case, give):
        give(case, "2.1.1", "yes", note="One\r\nTwo\rThree")
        assert messages_of(save(case, "2.1", {})) == ["Nothing was changed, so there was nothing to save."]

    def test_returning_to_the_case(self, save, case):
        response = save(case, "2.1", {"return": "1"})
        assert response["Location"] == reverse("cases:case", args=[case.public_id])

    def test_the_last_page_leads_to_the_check(self, save, case):
        assert save(case, "2.4", {})["Location"] == reverse("cases:submit", args=[case.public_id])

    def test_the_first_answer_starts_the_case(self, save, case):
        save(case, "2.1", {"answer-2.1.1": "yes"})
        case.refresh_from_db()
        assert case.state == "in_progress"


class TestNotApplicable:
    def test_without_a_reason_a_key_question_awaits_it(self, save, signed_in, inspector, case, answer_of, page_of):
        response = save(case, "2.1", {"answer-2.1.1": "not_applicable"})
        assert response.status_code == 302
        assert answer_of(case, "2.1.1").reason_awaited
        assert "2.1.1 still needs the reason why it is not applicable." in messages_of(response)[0]
        client = signed_in(inspector)
        assert "Reason awaited" in said(client.get(page_of(case, "2.1")))
        assert "say why 2.1.1 is not applicable" in said(client.get(reverse("cases:case", args=[case.public_id])))

    def test_with_a_reason(self, save, case, answer_of):
        save(case, "2.1", {"answer-2.1.1": "not_applicable", "reason-2.1.1": "not yet due"})
        assert answer_of(case, "2.1.1").reason == "not yet due"

    def test_another_answer_drops_the_reason(self, save, case, give, answer_of):
        give(case, "2.1.1", "not_applicable", reason="not yet due")
        assert save(case, "2.1", {"answer-2.1.1": "yes"}).status_code == 302
        assert (answer_of(case, "2.1.1").value, answer_of(case, "2.1.1").reason) == ("yes", "")

    def test_a_reason_typed_beside_another_answer_is_not_thrown_away(self, save, case, answer_of):
        response = save(case, "2.1", {"answer-2.1.1": "yes", "reason-2.1.1": "a long reason"})
        assert response.status_code == 400
        assert "did not choose “Not applicable”" in said(response)
        assert "a long reason" in response.content.decode()
        assert answer_of(case, "2.1.1").version == 0

    def test_a_prompt_needs_a_reason_only_after_its_key_question(self, save, case, give, answer_of):
        assert save(case, "2.1", {"answer-2.1.1.a": "not_applicable"}).status_code == 302
        give(case, "2.1.1.b", "yes")
        give(case, "2.1.1", "yes")
        response = save(case, "2.1", {"answer-2.1.1.b": "not_applicable"})
        assert response.status_code == 400
        assert 'href="#id_reason-2.1.1.b"' in response.content.decode()
        assert answer_of(case, "2.1.1.b").value == "yes"


class TestRefused:
    def test_the_others_are_saved_and_it_says_so(self, save, case, give, answer_of):
        give(case, "2.1.1.b", "yes")
        give(case, "2.1.1", "yes")
        response = save(
            case,
            "2.1",
            {
                "answer-2.1.1.a": "yes",
                "answer-2.1.1.b": "not_applicable",
                "note-2.1.1.b": "Kept on screen",
                "answer-2.1.2": "no",
            },
        )
        assert response.status_code == 400
        text = said(response)
        assert re.search(r"Saved 2 answers at \d\d:\d\d\. 1 answer was not saved\.", text)
        assert text.count("There is a problem") == 1
        assert "<title>Error: 2.1 Assessment" in response.content.decode()
        assert answer_of(case, "2.1.2").value == "no"
        assert answer_of(case, "2.1.1.b").note == ""
        fields = fields_of(response)
        assert fields["answer-2.1.1.b"] == "not_applicable"
        assert fields["note-2.1.1.b"] == "Kept on screen"
        assert fields["version-2.1.1.a"] == "1"

    def test_putting_it_right_saves_the_rest(self, save, client, case, give, page_of, answer_of):
        give(case, "2.1.1.b", "yes")
        give(case, "2.1.1", "yes")
        response = save(case, "2.1", {"answer-2.1.1.a": "yes", "answer-2.1.1.b": "not_applicable"})
        again = change(fields_of(response), {"reason-2.1.1.b": "No victim."})
        assert messages_of(send(client, page_of(case, "2.1"), again))[0].startswith("Saved 1 answer at ")
        assert answer_of(case, "2.1.1.b").reason == "No victim."

    def test_a_note_too_long_stays_on_the_screen(self, save, case, answer_of):
        response = save(case, "2.1", {"answer-2.1.1": "yes", "note-2.1.1": "x" * 100_001})
        assert response.status_code == 400
        assert "100,001 characters" in said(response)
        assert "x" * 100_001 in response.content.decode()
        assert answer_of(case, "2.1.1").version == 0

    @pytest.mark.parametrize(
        ("name", "value"), [("answer-2.1.1", "maybe"), ("answer-SUP1", "yes"), ("answer-safety_factors", "yes")]
    )
    def test_an_answer_that_is_not_offered(self, save, case, name, value):
        response = save(case, "2.1", {name: value})
        assert response.status_code == 400
        assert "takes one of" in said(response)
        assert revisions(case) == 0

    def test_boxes_that_are_not_offered(self, save, case):
        assert save(case, "2.1", {"answer-SUP5": ["family", "weather"]}).status_code == 400
        assert revisions(case) == 0


class TestFacts:
    def test_a_fact_hides_questions_and_brings_them_back(
        self, save, signed_in, inspector, case, give, page_of, answer_of
    ):
        give(case, "2.2.2", "no", note="Kept.")
        save(case, "2.1", {"answer-safety_factors": "false"})
        response = signed_in(inspector).get(page_of(case, "2.2"))
        text = said(response)
        assert "Not asked: Does planning focus sufficiently on keeping the child or young person safe?" in text
        assert (
            "It is asked where there are factors related to the child or young person's safety and wellbeing." in text
        )
        assert "1 answer kept" in text
        assert "answer-2.2.2" not in fields_of(response)
        assert answer_of(case, "2.2.2").value == "no"
        save(case, "2.1", {"answer-safety_factors": "true", "change_reason-safety_factors": "The interview showed it."})
        assert fields_of(signed_in(inspector).get(page_of(case, "2.2")))["answer-2.2.2"] == "no"

    def test_changing_one_after_its_question_was_answered_needs_a_reason(self, save, case, give, answer_of):
        give(case, "safety_factors", "true")
        give(case, "2.2.2", "no")
        response = save(case, "2.1", {"answer-safety_factors": "false", "answer-2.1.1": "yes"})
        assert response.status_code == 400
        assert "Say why you are changing this: 2.2.2 has been answered" in said(response)
        assert 'href="#id_change_reason-safety_factors"' in response.content.decode()
        assert answer_of(case, "safety_factors").value == "true"
        assert answer_of(case, "2.1.1").value == "yes"

    def test_a_reason_for_no_change_is_not_thrown_away(self, save, case, give):
        give(case, "safety_factors", "true")
        give(case, "2.2.2", "no")
        response = save(case, "2.1", {"change_reason-safety_factors": "Because."})
        assert response.status_code == 400
        assert fields_of(response)["change_reason-safety_factors"] == "Because."

    def test_answers_sent_with_a_fact_that_hides_them_are_kept(self, save, case, answer_of):
        response = save(
            case,
            "2.4",
            {
                "answer-harm_changes": "false",
                "change_reason-harm_changes": "",
                "answer-2.4.3.a": "no",
                "answer-2.4.3": "yes",
            },
        )
        # The fact is stored last, when its question is answered: still a first answer, so it needs no reason.
        assert response.status_code == 302
        held = answer_of(case, "2.4.3")
        assert (held.value, held.asked) == ("yes", False)

    def test_a_fact_that_asks_more_on_this_page_stays_on_it(self, save, case, give, page_of):
        give(case, "harm_changes", "false")
        response = save(case, "2.4", {"answer-harm_changes": "true"})
        assert response["Location"] == page_of(case, "2.4") + "#question-2.4.3.a"

    def test_a_question_that_ceased_to_be_asked_meanwhile_keeps_what_was_typed(
        self, signed_in, inspector, lead, case, give, page_of, answer_of
    ):
        client = signed_in(inspector)
        fields = fields_of(client.get(page_of(case, "2.2")))
        give(case, "safety_factors", "false", by=lead)
        changed = change(
            fields, {"answer-2.2.2": "yes", "note-2.2.2": "A long note", "answer-2.2.2.a": "yes", "answer-2.2.1": "no"}
        )
        response = send(client, page_of(case, "2.2"), changed)
        assert response.status_code == 400
        assert "Question 2.2.2 is not asked in this case" in said(response)
        again = fields_of(response)
        assert (again["answer-2.2.2"], again["note-2.2.2"], again["answer-2.2.2.a"]) == ("yes", "A long note", "yes")
        assert answer_of(case, "2.2.1").value == "no"
        response = send(client, page_of(case, "2.2"), change(again, {"asked_because-2.2.2": "The file shows factors."}))
        assert response.status_code == 302
        held = answer_of(case, "2.2.2")
        assert (held.value, held.note, held.asked, held.asked_because) == (
            "yes",
            "A long note",
            True,
            "The file shows factors.",
        )
        assert answer_of(case, "2.2.2.a").value == "yes"


class TestAskAnyway:
    def test_a_reason_asks_it(self, save, case, give, page_of, answer_of):
        give(case, "2.2.2", "no", note="Kept.")
        give(case, "safety_factors", "false", change_reason="None found.")
        response = save(case, "2.2", {"asked_because-2.2.2": "The file speaks of self-harm."})
        assert response["Location"] == page_of(case, "2.2") + "#question-2.2.2.a"
        held = answer_of(case, "2.2.2")
        assert (held.value, held.note, held.asked) == ("no", "Kept.", True)
        assert answer_of(case, "2.2.2.a").asked

    def test_taking_the_reason_back_keeps_the_answer(self, save, case, give, answer_of):
        give(case, "safety_factors", "false")
        give(case, "2.2.2", "no", asked_because="The file speaks of self-harm.")
        response = save(case, "2.2", {"asked_because-2.2.2": ""})
        assert response.status_code == 302
        held = answer_of(case, "2.2.2")
        assert (held.value, held.asked, held.asked_because) == ("no", False, "")


class TestReadOnly:
    def read_only(self, response):
        assert response.status_code == 200
        assert not fields_of(response)
        return said(response)

    def test_a_manager_reads(self, signed_in, manager, case, give, page_of):
        give(case, "2.2.1", "not_applicable", reason="not yet due", note="Seen.")
        text = self.read_only(signed_in(manager).get(page_of(case, "2.2")))
        assert "2.2.1 Does planning focus sufficiently on supporting the child or young person's desistance?" in text
        assert "Reason: not yet due" in text
        assert "Note: Seen." in text
        assert "Ines Archer" in text

    def test_a_case_that_is_agreed(self, signed_in, inspector, lead, case, page_of):
        set_imported_state(case=case, state="agreed", by=lead)
        assert "This case is agreed" in self.read_only(signed_in(inspector).get(page_of(case, "2.2")))

    def test_an_excluded_case(self, signed_in, inspector, lead, case, page_of):
        exclude_case(case=case, reason="Conflict of interest", by=lead)
        text = self.read_only(signed_in(inspector).get(page_of(case, "2.2")))
        assert "Conflict of interest" in text

    def test_locked_ratings(self, signed_in, inspector, case, page_of):
        lock(case)
        assert "are locked" in self.read_only(signed_in(inspector).get(page_of(case, "2.2")))

    def test_what_is_sent_when_locked_stays_on_the_screen(self, signed_in, inspector, case, page_of, answer_of):
        client = signed_in(inspector)
        fields = fields_of(client.get(page_of(case, "2.2")))
        lock(case)
        changed = change(fields, {"answer-2.2.1": "yes", "note-2.2.1": "Two hours of work"})
        response = send(client, page_of(case, "2.2"), changed)
        assert response.status_code == 409
        assert "The ratings of this inspection are locked" in said(response)
        again = fields_of(response)
        assert (again["answer-2.2.1"], again["note-2.2.1"]) == ("yes", "Two hours of work")
        assert answer_of(case, "2.2.1").version == 0


def lock(case):
    """Lock the inspection, as far as cases see."""
    case.inspection.lifecycle.state = State.LOCKED
    case.inspection.lifecycle.save(update_fields=["state"])
