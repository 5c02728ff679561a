"""Agreeing and locking the ratings, unlocking them, publishing them: the actions and their pages."""

import json
import uuid
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.append_only import door_open
from audit.models import Event
from cases.actions import create_case, exclude_case, receive_answer, record_answer, set_imported_state
from cases.answers import Given
from cases.enquiries import add_enquiry, decide_enquiry
from cases.excluding import decline_exclusion, propose_exclusion
from cases.reviews import raise_query
from inspections.actions import add_member, archive_inspection, move_on, record_judgement
from inspections.errors import InspectionLocked, Refused
from inspections.lifecycle import Step
from inspections.models import Inspection, Lifecycle, LifecycleStep, State
from ratings.actions import compute, current_decisions, lock_ratings, publish_ratings, recompute
from ratings.agreement import what_is_missing
from ratings.annex import DamagedAnnex, build_annex, checksum, fresh_annex, read_frozen
from ratings.models import DiscretionDecision, FrozenAnnex, Result, UnlockDecision, UnlockRequest
from ratings.unlocking import ask_to_unlock, decline_unlock, grant_unlock, waiting_request
from tests.cases.posting import said
from tests.people import person, sign_in_freshly
from tests.signing_off import make_ready, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(inspection, lead):
    """Return an inspection in fieldwork with every standard rated, by one case of each sample."""
    for standard in inspection.document.standards.values():
        if standard.method == "judgement":
            record_judgement(inspection=inspection, standard=standard.code, rating="good", rationale="Seen.", by=lead)
    for sample, disposal in (("court", "referral_order"), ("out_of_court", "youth_caution")):
        case = create_case(inspection=inspection, reference=sample, sample=sample, disposal=disposal, by=lead)
        for question in case.questions.values():
            if question.role == "key_question":
                record_answer(case=case, by=lead, given=Given(question.code, "yes"))
    recompute(inspection_id=inspection.pk)
    return inspection


@pytest.fixture
def ready(small, lead):
    return make_ready(small, lead)


@pytest.fixture
def locked(ready, lead):
    lock_ratings(inspection=ready, by=lead)
    return Inspection.objects.get(pk=ready.pk)


@pytest.fixture
def published(small, lead, manager):
    return publish(small, lead=lead, manager=manager)


@pytest.fixture
def fresh(client):
    """Return a function that signs a person in afresh to the test client, and returns the client."""
    return lambda user: sign_in_freshly(client, user)


def state_of(inspection):
    return Lifecycle.objects.get(inspection=inspection).state


def address(name, inspection):
    return reverse(f"ratings:{name}", args=[inspection.public_id])


def result_of(inspection):
    return Result.objects.get(inspection=inspection)


def missing(inspection):
    return what_is_missing(inspection, compute(inspection).stored["standards"], current_decisions(inspection))


class TestWhatIsMissing:
    def test_nothing(self, ready):
        assert missing(ready) == []

    @pytest.mark.parametrize("state", ["allocated", "in_progress", "submitted", "returned"])
    def test_a_case_that_is_not_agreed(self, ready, lead, state):
        set_imported_state(case=ready.cases.get(reference="court"), state=state, by=lead)
        (held,) = missing(ready)
        assert held.sentence.startswith("1 case is neither agreed nor excluded: 1 ")
        assert [case.reference for case in held.cases] == ["court"]

    def test_an_excluded_case_is_not_missed(self, ready, lead):
        case = create_case(inspection=ready, reference="X", sample="court", disposal="referral_order", by=lead)
        assert [held.kind for held in missing(ready)] == ["cases"]
        exclude_case(case=case, reason="Not eligible.", by=lead)
        assert missing(ready) == []

    def test_a_standard_without_a_judgement_and_one_without_a_relevant_case(self, inspection, lead):
        ready = make_ready(inspection, lead)
        assert [held.sentence for held in missing(ready)] == [
            "Standards 1.1, 1.2, 1.3 and 1.4 are not judged yet.",
            "Standards 2.1, 2.2, 2.3, 2.4, 3.1, 3.2, 3.3 and 3.4 are not rated: no key question has a relevant case.",
        ]

    def test_an_open_query_a_held_answer_and_an_alert(self, ready, lead, inspector):
        case = ready.cases.get(reference="court")
        set_imported_state(case=case, state="submitted", by=lead)
        raise_query(case=case, by=lead, text="Why?")
        alert = next(held for held in ready.document.case_questions if held.about == "alert")
        record_answer(case=case, by=inspector, given=Given(alert.code, alert.alert_when[0]))
        set_imported_state(case=case, state="agreed", by=lead)
        held = receive_answer(case=case, by=inspector, given=Given("2.1.1", "no"), leads=False)
        assert held.why
        assert [found.kind for found in missing(ready)] == ["alerts", "held", "queries"]
        with pytest.raises(Refused, match="1 individual alert is not settled"), transaction.atomic():
            lock_ratings(inspection=ready, by=lead)
        assert state_of(ready) == State.MODERATION

    def test_a_proposal_that_nobody_decided(self, ready, lead):
        DiscretionDecision.objects.create(
            inspection=ready,
            standard="2.4",
            event="proposed",
            from_rating="inadequate",
            to_rating="requires_improvement",
            key_question="2.4.3",
            percent=45,
            yes=9,
            relevant=20,
            reason="One case.",
            decided_by=lead.name,
            decided_at=ready.created_at,
            sequence=1,
            by=lead,
        )
        assert [held.sentence for held in missing(ready)] == [
            "The discretion proposed on 2.4 is neither ratified, refused nor withdrawn."
        ]

    def test_a_further_enquiry_that_nobody_decided_on(self, fresh, ready, lead):
        case = ready.cases.get(reference="court")
        enquiries = [add_enquiry(case=case, line=None, text="The nurse was not told.", by=lead) for _ in range(2)]
        (held,) = missing(ready)
        assert held.sentence == "2 further enquiries wait for a decision."
        assert [case.reference for case in held.cases] == ["court"]
        with pytest.raises(Refused, match="2 further enquiries wait for a decision"), transaction.atomic():
            lock_ratings(inspection=ready, by=lead)
        html = fresh(lead).get(address("agree", ready)).content.decode()
        assert reverse("cases:enquiries", args=[case.public_id]) in html
        for enquiry in enquiries:
            decide_enquiry(enquiry=enquiry, changed=False, reason="Known.", by=lead, leads=True)
        assert missing(ready) == []

    def test_an_enquiry_on_a_case_excluded_since_is_not_missed(self, ready, lead):
        case = create_case(inspection=ready, reference="X", sample="court", disposal="referral_order", by=lead)
        add_enquiry(case=case, line=None, text="The nurse was not told.", by=lead)
        exclude_case(case=case, reason="Not eligible.", by=lead)
        assert missing(ready) == []

    def test_a_proposed_exclusion_that_nobody_decided(self, fresh, ready, inspector, lead):
        case = ready.cases.get(reference="court")
        proposal = propose_exclusion(case=case, reason="not_eligible", words="Lives elsewhere.", by=inspector)
        (held,) = missing(ready)
        assert (held.kind, held.sentence) == ("exclusions", "1 proposed exclusion waits for the lead inspector.")
        assert [case.reference for case in held.cases] == ["court"]
        with pytest.raises(Refused, match="1 proposed exclusion waits"), transaction.atomic():
            lock_ratings(inspection=ready, by=lead)
        html = fresh(lead).get(address("agree", ready)).content.decode()
        assert reverse("cases:exclusion", args=[case.public_id]) in html
        assert reverse("cases:exclusions", args=[ready.public_id]) in html
        decline_exclusion(proposal=proposal, words="Not then.", by=lead)
        assert missing(ready) == []

    def test_as_many_queries_for_many_cases_as_for_one(self, sefton, lead):
        with CaptureQueriesContext(connection) as few:
            missing(sefton)
        for number in range(30):
            create_case(inspection=sefton, reference=f"N{number}", sample="court", disposal="referral_order", by=lead)
        with CaptureQueriesContext(connection) as many:
            assert missing(sefton)
        assert len(many) == len(few)


class TestFrozen:
    def test_it_is_read_back_as_it_was_frozen(self, locked):
        annex = build_annex(locked, result_of(locked))
        assert annex.locked.by == "Leah Costa"
        assert replace(annex, locked=None) == fresh_annex(locked, result_of(locked))

    def test_examples_are_read_back_too(self, make_example, lead):
        ready = make_ready(make_example("nottingham-city-2020"), lead)
        frozen = lock_ratings(inspection=ready, by=lead)
        annex = read_frozen(frozen)
        assert replace(annex, locked=None) == fresh_annex(ready, result_of(ready))
        assert [held.code for domain in annex.domains for held in domain.standards if held.discretion] == ["2.4"]

    def test_one_frozen_before_there_was_more_to_say_is_read_back(self, locked):
        frozen = FrozenAnnex.objects.get()
        content = json.loads(frozen.content)
        for later in ("standards_version", "service_word", "about_questions"):
            assert content.pop(later) is not None
        frozen.content = json.dumps(content)
        frozen.checksum = checksum(frozen.content)
        annex = read_frozen(frozen)
        assert (annex.standards_version, annex.service_word, annex.about_questions) == (None, "", "")
        assert annex.domains == build_annex(locked, result_of(locked)).domains

    def test_pages_and_exports_show_what_was_frozen_and_nothing_built_since(self, signed_in, locked, lead):
        stored = result_of(locked)
        stored.tallies["2.1.1"] = [0, 1, 0, 0, 0]
        stored.standards["2.1"] = ["inadequate", "inadequate", "none"]
        stored.score = 0
        stored.save()
        client = signed_in(lead)
        locked.service.name = "Another name"
        locked.service.save()
        data = json.loads(client.get(reverse("ratings:export", args=[locked.public_id, "json"])).content)
        assert data["score"] == 4 * 2 + 8 * 3
        assert data["service"] != "Another name"
        assert data["locked"]["checksum"] == FrozenAnnex.objects.get().checksum
        assert "32/36" in said(client.get(address("inspection", locked)))
        for name in ("inspection", "annex", "results"):
            assert b"eh-rating--lowest" not in client.get(address(name, locked)).content

    def test_a_text_that_was_changed_is_not_shown(self, locked):
        with door_open("a test of tampering"):
            frozen = FrozenAnnex.objects.get()
            FrozenAnnex.objects.filter(pk=frozen.pk).update(content=frozen.content.replace('"good"', '"outstanding"'))
        with pytest.raises(DamagedAnnex, match="does not match its checksum"):
            build_annex(locked, result_of(locked))

    @pytest.mark.parametrize("voided", [False, True], ids=["in force", "voided"])
    def test_recount_names_a_text_that_was_changed(self, locked, lead, manager, voided):
        call_command("recount")
        if voided:
            grant_unlock(request=ask_to_unlock(inspection=locked, reason="Counted twice.", by=lead), by=manager)
        with door_open("a test of tampering"):
            frozen = FrozenAnnex.objects.get()
            FrozenAnnex.objects.filter(pk=frozen.pk).update(content=frozen.content.replace('"good"', '"outstanding"'))
        with pytest.raises(
            CommandError, match=f"{locked.slug}: The Annex that was frozen at .* does not match"
        ) as ended:
            call_command("recount")
        assert ended.value.returncode == 1

    def test_a_result_from_before_gives_the_annex_of_then(self, locked):
        earlier = result_of(locked)
        earlier.sequence -= 1
        assert build_annex(locked, earlier).locked is None


class TestUnlocking:
    def test_one_asks_and_another_grants(self, locked, lead, manager):
        asked = ask_to_unlock(inspection=locked, reason=" A case was counted twice. ", by=lead)
        assert state_of(locked) == State.LOCKED
        grant_unlock(request=asked, by=manager)
        assert state_of(locked) == State.MODERATION
        assert (asked.frozen.content, FrozenAnnex.objects.count()) == (FrozenAnnex.objects.get().content, 1)
        assert LifecycleStep.objects.latest("pk").reason == "A case was counted twice."
        assert list(Event.objects.filter(action__startswith="unlock").values_list("action", flat=True)) == [
            "unlock.asked"
        ]
        assert Event.objects.get(action="ratings.unlocked").detail["asked_by"] == lead.email
        fresh_inspection = Inspection.objects.get(pk=locked.pk)
        assert build_annex(fresh_inspection, result_of(locked)).locked is None
        # The ratings are agreed anew, and both Annexes stay.
        lock_ratings(inspection=fresh_inspection, by=lead)
        assert FrozenAnnex.objects.count() == 2

    def test_nobody_grants_their_own_request(self, locked, manager):
        asked = ask_to_unlock(inspection=locked, reason="An error.", by=manager)
        with pytest.raises(Refused, match="You asked for this yourself"), transaction.atomic():
            grant_unlock(request=asked, by=manager)
        assert state_of(locked) == State.LOCKED
        assert not UnlockDecision.objects.exists()

    @pytest.mark.parametrize("reason", ["", " \n\t"])
    def test_a_reason_is_given(self, locked, lead, reason):
        with pytest.raises(Refused, match="Say why"), transaction.atomic():
            ask_to_unlock(inspection=locked, reason=reason, by=lead)
        assert not UnlockRequest.objects.exists()

    def test_it_is_asked_for_once(self, locked, lead, manager):
        ask_to_unlock(inspection=locked, reason="An error.", by=lead)
        with pytest.raises(Refused, match="Leah Costa asked for this already"):
            ask_to_unlock(inspection=locked, reason="Another.", by=manager)

    def test_what_is_declined_stays_locked_and_may_be_asked_for_again(self, locked, lead, manager):
        asked = ask_to_unlock(inspection=locked, reason="An error.", by=lead)
        with pytest.raises(Refused, match="Say why"), transaction.atomic():
            decline_unlock(request=asked, remark=" ", by=manager)
        decline_unlock(request=asked, remark="It is none.", by=manager)
        with pytest.raises(Refused, match="Mani Doyle declined this already"), transaction.atomic():
            grant_unlock(request=asked, by=manager)
        assert state_of(locked) == State.LOCKED
        assert waiting_request(locked) is None
        assert ask_to_unlock(inspection=locked, reason="It is one.", by=lead)

    def test_what_is_not_locked_is_not_unlocked(self, ready, lead):
        with pytest.raises(Refused, match="taken from ratings agreed or factual accuracy or published"):
            ask_to_unlock(inspection=ready, reason="An error.", by=lead)


class TestPublishing:
    @pytest.mark.parametrize("state", [State.PLANNED, State.FIELDWORK, State.MODERATION, State.LOCKED])
    def test_nothing_is_published_before_factual_accuracy(self, inspection, manager, state):
        Lifecycle.objects.filter(inspection=inspection).update(state=state)
        with pytest.raises(Refused, match="taken from factual accuracy"), transaction.atomic():
            publish_ratings(inspection=inspection, by=manager)
        assert state_of(inspection) == state
        assert not LifecycleStep.objects.exists()

    def test_a_damaged_annex_is_not_published(self, locked, manager):
        move_on(inspection=locked, step=Step.SEND_FOR_ACCURACY, by=manager)
        with door_open("a test of tampering"):
            FrozenAnnex.objects.update(content="{}")
        with pytest.raises(DamagedAnnex), transaction.atomic():
            publish_ratings(inspection=locked, by=manager)
        assert state_of(locked) == State.FACTUAL_ACCURACY

    def test_nothing_in_it_changes_then(self, published, lead):
        with pytest.raises(InspectionLocked):
            record_judgement(inspection=published, standard="1.1", rating="good", rationale="Again.", by=lead)


class TestPublicPages:
    @pytest.fixture
    def anybody(self):
        return Client()

    @pytest.mark.parametrize("second_step_roles", [[], ["lead_inspector"]], ids=["none", "lead inspectors"])
    @pytest.mark.parametrize("name", ["published", "published_list"])
    def test_they_depend_on_no_cookie_and_set_none(
        self, fresh, anybody, published, lead, settings, name, second_step_roles
    ):
        settings.SECOND_STEP_ROLES = second_step_roles
        path = address(name, published) if name == "published" else reverse("ratings:published_list")
        bodies = set()
        for browser in (anybody, fresh(lead)):
            browser.cookies["csrftoken"] = "a" * 32
            response = browser.get(path)
            assert response.status_code == 200
            assert "cookie" not in response.get("Vary", "").lower()
            assert not response.cookies
            assert response["Cache-Control"] == "public, no-cache"
            bodies.add(response.content)
        assert len(bodies) == 1

    def test_percentages_and_ratings_and_no_way_further_in(self, anybody, published):
        response = anybody.get(address("published", published))
        text, html = said(response), response.content.decode()
        assert "100%" in text
        assert "32/36" in text
        assert published.service.name in text
        for word in ("unanswered", "not asked", "Sign in", "Sign out", "Leah Costa", "Mani Doyle"):
            assert word not in text
        assert f"/inspections/{published.public_id}" not in html
        assert 'href="/inspections/' not in html
        assert anybody.get(reverse("ratings:published_list")).content.decode().count(str(published.public_id)) == 1

    def test_it_is_the_same_for_everybody_and_caches_may_keep_it(self, anybody, signed_in, lead, published):
        for name in (address("published", published), reverse("ratings:published_list")):
            response = anybody.get(name)
            assert response.content == signed_in(lead).get(name).content
            assert response["Cache-Control"] == "public, no-cache"
            assert anybody.get(name, headers={"If-None-Match": response["ETag"]}).status_code == 304
            assert not response.cookies
            assert "default-src 'none'" in response["Content-Security-Policy"]

    @pytest.mark.parametrize("state", [state for state in State if state != State.PUBLISHED])
    def test_it_is_not_there_otherwise(self, anybody, published, state):
        Lifecycle.objects.filter(inspection=published).update(state=state)
        assert anybody.get(address("published", published)).status_code == 404
        assert str(published.public_id) not in anybody.get(reverse("ratings:published_list")).content.decode()

    def test_unlocking_takes_it_down(self, anybody, published, lead, manager):
        grant_unlock(request=ask_to_unlock(inspection=published, reason="An error.", by=lead), by=manager)
        assert anybody.get(address("published", published)).status_code == 404

    def test_an_archived_one_is_not_there(self, anybody, published, lead):
        archive_inspection(inspection=published, by=lead)
        assert anybody.get(address("published", published)).status_code == 404

    def test_made_up_addresses_are_not_there(self, anybody, published):
        assert anybody.get(reverse("ratings:published", args=[uuid.uuid4()])).status_code == 404

    def test_they_are_read_only(self, anybody, published):
        assert anybody.post(address("published", published)).status_code == 405

    def test_invented_answers_are_said_to_be(self, anybody, sefton, lead, manager):
        publish(sefton, lead=lead, manager=manager)
        assert "Case answers in this inspection are invented" in said(anybody.get(address("published", sefton)))


class TestStagesPage:
    def test_it_says_where_the_inspection_stands_and_what_is_next(self, signed_in, inspection, lead):
        text = said(signed_in(lead).get(address("stages", inspection)))
        assert "Stage: Fieldwork" in text
        assert "Begin moderation" in text
        assert "Publish" not in text.split("Begin moderation", 1)[1].split("What was done")[0]

    def test_a_step_is_taken_and_kept_with_who_took_it(self, signed_in, inspection, lead):
        client = signed_in(lead)
        response = client.post(address("stages", inspection), {"step": "begin_moderation"}, follow=True)
        assert "The inspection is now at “Moderation”." in said(response)
        assert "Begin moderation: Moderation Leah Costa" in said(response)

    def test_a_reason_that_is_missing_is_asked_for_and_nothing_is_lost(self, signed_in, ready, lead):
        response = signed_in(lead).post(
            address("stages", ready), {"step": "back_to_fieldwork", "back_to_fieldwork-text": "  "}
        )
        assert response.status_code == 400
        assert "needs a reason" in said(response)
        assert state_of(ready) == State.MODERATION

    @pytest.mark.parametrize("step", ["agree_ratings", "unlock", "publish"])
    def test_steps_with_a_page_of_their_own_are_not_taken_here(self, fresh, ready, lead, manager, step):
        who = manager if step == "publish" else lead
        response = fresh(who).post(address("stages", ready), {"step": step, f"{step}-text": "Please."})
        assert response.status_code == 400
        assert "page of its own" in said(response)

    @pytest.mark.parametrize("step", ["", "nonsense"])
    def test_what_is_no_step(self, signed_in, inspection, lead, step):
        assert signed_in(lead).post(address("stages", inspection), {"step": step}).status_code == 400

    def test_who_may_not_is_told_who_may(self, signed_in, inspection, inspector):
        client = signed_in(inspector)
        assert "This is for: lead inspector." in said(client.get(address("stages", inspection)))
        assert client.post(address("stages", inspection), {"step": "begin_moderation"}).status_code == 403
        assert state_of(inspection) == State.FIELDWORK


class TestAgreePage:
    def test_what_is_missing_is_listed_with_links(self, signed_in, small, lead):
        move_on(inspection=small, step=Step.BEGIN_MODERATION, by=lead)
        response = signed_in(lead).get(address("agree", small))
        assert "2 cases are neither agreed nor excluded: 2 in progress." in said(response)
        for case in small.cases.all():
            assert reverse("cases:review", args=[case.public_id]) in response.content.decode()
        assert b"<form method" not in response.content.split(b"<main")[1]

    def test_it_shows_what_will_be_frozen(self, signed_in, ready, lead):
        text = said(signed_in(lead).get(address("agree", ready)))
        assert "Nothing is missing." in text
        assert "100%" in text

    def test_it_locks(self, fresh, ready, lead):
        response = fresh(lead).post(address("agree", ready), follow=True)
        assert "The ratings are agreed and locked." in said(response)
        assert state_of(ready) == State.LOCKED

    def test_not_with_cases_open_by_a_direct_post(self, fresh, small, lead):
        move_on(inspection=small, step=Step.BEGIN_MODERATION, by=lead)
        response = fresh(lead).post(address("agree", small))
        assert response.status_code == 400
        assert "neither agreed nor excluded" in said(response)
        assert state_of(small) == State.MODERATION
        assert not FrozenAnnex.objects.exists()

    def test_not_without_a_fresh_sign_in(self, signed_in, ready, lead):
        response = signed_in(lead).post(address("agree", ready))
        assert response["Location"].startswith(reverse("account_reauthenticate"))
        assert state_of(ready) == State.MODERATION

    def test_outside_moderation_it_says_so(self, signed_in, inspection, lead):
        assert "is taken from moderation" in said(signed_in(lead).get(address("agree", inspection)))


class TestUnlockPage:
    def test_two_people(self, fresh, published, lead, manager):
        url = address("unlock", published)
        response = fresh(lead).post(url, {"do": "ask", "ask-text": "A case was counted twice."}, follow=True)
        assert "A second person grants it." in said(response)
        own = fresh(lead).get(url)
        assert "You asked for this yourself" in said(own)
        refused = fresh(lead).post(url, {"do": "grant"})
        assert (refused.status_code, "You asked for this yourself" in said(refused)) == (400, True)
        assert state_of(published) == State.PUBLISHED
        shown = said(fresh(manager).get(url))
        assert "A case was counted twice." in shown
        assert "The public page is taken down." in shown
        assert "They have to be agreed anew." in said(fresh(manager).post(url, {"do": "grant"}, follow=True))
        assert state_of(published) == State.MODERATION

    @pytest.mark.parametrize("do", ["ask", "decline"])
    def test_a_reason_of_spaces(self, fresh, locked, lead, manager, do):
        if do == "decline":
            ask_to_unlock(inspection=locked, reason="An error.", by=lead)
        response = fresh(manager).post(address("unlock", locked), {"do": do, f"{do}-text": " \n "})
        assert response.status_code == 400
        assert "Say why" in said(response)
        assert state_of(locked) == State.LOCKED
        assert not UnlockDecision.objects.exists()

    @pytest.mark.parametrize("do", ["grant", "decline", "nonsense"])
    def test_nothing_was_asked_for(self, fresh, locked, manager, do):
        response = fresh(manager).post(address("unlock", locked), {"do": do, f"{do}-text": "Because."})
        assert (response.status_code, state_of(locked)) == (400, State.LOCKED)

    def test_not_without_a_fresh_sign_in(self, signed_in, locked, lead):
        signed_in(lead).post(address("unlock", locked), {"do": "ask", "ask-text": "An error."})
        assert not UnlockRequest.objects.exists()

    def test_another_lead_may_grant_it(self, fresh, locked, lead):
        second = person("Lena Ito")
        add_member(inspection=locked, user=second, role="lead_inspector", by=lead)
        ask_to_unlock(inspection=locked, reason="An error.", by=lead)
        fresh(second).post(address("unlock", locked), {"do": "grant"})
        assert state_of(locked) == State.MODERATION


class TestPublishPage:
    def test_it_shows_what_everybody_will_read_and_publishes(self, fresh, locked, manager):
        client = fresh(manager)
        client.post(address("stages", locked), {"step": "send_for_accuracy"})
        assert "Everybody will be able to read" in said(client.get(address("publish", locked)))
        response = client.post(address("publish", locked), follow=True)
        assert "The ratings are published." in said(response)
        assert address("published", locked) in response.content.decode()

    def test_unlocked_ratings_are_refused_by_direct_post(self, fresh, ready, manager):
        response = fresh(manager).post(address("publish", ready))
        assert (response.status_code, state_of(ready)) == (400, State.MODERATION)
        assert "taken from factual accuracy" in said(response)

    def test_the_lead_does_not_publish(self, fresh, locked, lead):
        Lifecycle.objects.filter(inspection=locked).update(state=State.FACTUAL_ACCURACY)
        assert fresh(lead).post(address("publish", locked)).status_code == 403
        assert state_of(locked) == State.FACTUAL_ACCURACY
