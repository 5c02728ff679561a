"""The save protocol: what a browser may send, and what it is told."""

import json
import logging
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.replies import Malformed, parse
from audit.models import Event
from cases.actions import exclude_case, record_answer, set_imported_state
from cases.answers import Given
from cases.models import AnswerRevision, HeldAnswer
from cases.saving import LARGEST, read_command
from inspections.errors import Refused
from inspections.models import Membership, Sequence, State
from standards import reader

pytestmark = pytest.mark.django_db

GIVEN_AT = "2026-05-03T14:02:00+01:00"
OFFLINE = "2026-05-03T09:30:00+01:00"
SAVING = {"postgresql": 8, "sqlite": 11}  # queries, with those for the session and the person
LONG_NOTE = ("Gŵyl y ŷd 🙂👩‍👩‍👧 ਪੰਜਾਬੀ ਵਿੱਚ ਇੱਕ ਟਿੱਪਣੀ\r\n\t“quoted” <b>&amp;</b> \u200d\u2028 " * 1000)[:40_000]


def command(question="2.1.1", value="yes", **parts):
    """Return a command as a browser makes it, but for the person, whom `send` names."""
    usual = {
        "format": "evenhand-save/1",
        "command": str(uuid.uuid4()),
        "question": question,
        "value": value,
        "base": 0,
        "given_at": GIVEN_AT,
    }
    return usual | parts


@pytest.fixture
def send(client, inspector):
    """Return a function that sends a command to a case, as the inspector unless `by` says otherwise."""

    def post(case, body, by=None, **headers):
        user = by or inspector
        client.force_login(user)
        raw = body if isinstance(body, (bytes, str)) else json.dumps(by_person(user, body))
        return client.post(address(case), raw, content_type="application/json", headers=headers)

    return post


def by_person(user, body):
    """Return a command with the person who gives it, unless it names one."""
    return {"person": str(user.public_id)} | body


def address(case):
    return f"/cases/{case.public_id}/saves/"


def row(case, question="2.1.1"):
    return case.answers.get(question=question)


def lock(inspection, state=State.LOCKED):
    inspection.lifecycle.state = state
    inspection.lifecycle.save()


def agree(case, lead):
    set_imported_state(case=case, state="agreed", by=lead)


def allocate(case, user):
    case.allocated_to = user
    case.save(update_fields=["allocated_to"])


class TestSaved:
    def test_an_answer_is_stored_whole_and_confirmed(self, send, case, inspector):
        sent = command(
            "2.1.1",
            "not_applicable",
            reason="Not yet due.",
            note="The plan is from March.",
            source="both",
            at_interview=True,
            offline_since=OFFLINE,
        )
        response = send(case, sent)

        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert response["Cache-Control"] == "no-store"
        body = response.json()
        asked = body.pop("asked")
        assert set(asked) == set(case.answers.filter(kind="rated").values_list("question", flat=True))
        revision = AnswerRevision.objects.get(command_id=sent["command"])
        assert body == {
            "format": "evenhand-confirmation/1",
            "state": "saved",
            "command": sent["command"],
            "question": "2.1.1",
            "version": 1,
            "sequence": Sequence.objects.get().value,
            "saved_at": revision.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        assert revision.by == inspector
        assert revision.given_at == datetime.fromisoformat(GIVEN_AT)
        assert revision.offline_since == datetime.fromisoformat(OFFLINE)
        detail = Event.objects.get(action="answer.recorded").detail
        assert (detail["given_at"], detail["offline_since"]) == (GIVEN_AT, OFFLINE)
        stored = row(case)
        assert (stored.value, stored.reason, stored.note, stored.source, stored.at_interview, stored.version) == (
            "not_applicable",
            "Not yet due.",
            "The plan is from March.",
            "both",
            True,
            1,
        )

    def test_what_is_left_out_is_empty(self, send, case):
        first = command(note="A note.", source="file", at_interview=True)
        send(case, first)
        send(case, command(base={"after": first["command"]}))
        stored = row(case)
        assert (stored.value, stored.note, stored.source, stored.at_interview) == ("yes", "", "", False)

    @pytest.mark.parametrize(
        ("question", "value", "kept"),
        [
            ("2.1.1", None, None),
            ("2.1.1.a", "no", "no"),
            ("safety_factors", "true", "true"),
            ("safety_factors", True, "true"),
            ("safety_factors", "", None),
        ],
    )
    def test_values_in_the_bundles_form(self, send, case, question, value, kept):
        assert send(case, command(question, value)).status_code == 200
        assert row(case, question).value == kept

    def test_choices_and_texts(self, send, case):
        by_kind = {question.kind: question for question in case.questions.values() if question.role == "case_question"}
        choices, text = by_kind["choices"], by_kind["text"]
        codes = [option.code for option in choices.options][:2]
        assert send(case, command(choices.code, codes[::-1])).json()["state"] == "saved"
        assert json.loads(row(case, choices.code).value) == codes
        assert send(case, command(text.code, LONG_NOTE)).json()["state"] == "saved"
        assert row(case, text.code).value == LONG_NOTE

    def test_a_long_note_comes_back_as_it_was_typed(self, send, case, lead):
        assert len(LONG_NOTE) == 40_000
        assert send(case, command(note=LONG_NOTE)).json()["state"] == "saved"
        assert row(case).note == LONG_NOTE
        assert send(case, command(value="no"), by=lead).json()["theirs"]["note"] == LONG_NOTE

    def test_asked_follows_the_facts(self, send, case):
        asked = send(case, command("safety_factors", "false")).json()["asked"]
        assert "2.2.2" not in asked
        assert "2.2.1" in asked

    def test_the_number_of_queries(self, client, send, case, inspector, django_assert_num_queries):
        send(case, command())
        sent = json.dumps(by_person(inspector, command("2.1.1.a", "no")))
        with django_assert_num_queries(SAVING[connection.vendor]):
            response = client.post(address(case), sent, content_type="application/json")
        assert response.json()["state"] == "saved"


class TestAgain:
    def test_the_same_command_gives_the_same_confirmation(self, send, case):
        sent = command(note="Once.")
        first, second = send(case, sent), send(case, sent)
        assert first.status_code == second.status_code == 200
        assert first.json() == second.json()
        assert case.revisions.count() == 1

    def test_also_after_locking_agreeing_excluding_and_reallocating(self, send, case, lead, other_inspector):
        sent = command(offline_since=OFFLINE)
        first = send(case, sent).json()
        allocate(case, other_inspector)
        assert send(case, sent).json() == first
        agree(case, lead)
        assert send(case, sent).json() == first
        exclude_case(case=case, reason="The file was lost.", by=lead)
        assert send(case, sent).json() == first
        lock(case.inspection)
        assert send(case, sent).json() == first
        assert not HeldAnswer.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"value": "no"},
            {"note": "Other"},
            {"question": "2.1.2"},
            {"source": "file"},
            {"at_interview": True},
            {"change_reason": "Other"},
        ],
    )
    def test_an_id_with_other_content_is_refused(self, send, case, changes):
        sent = command()
        send(case, sent)
        response = send(case, sent | changes)
        assert response.status_code == 422
        assert response.json()["rule"] == "command_reused"
        assert case.revisions.count() == 1

    def test_an_id_of_another_person_or_case_is_refused(self, send, case, lead, make_case):
        sent = command()
        send(case, sent)
        assert send(case, sent, by=lead).json()["rule"] == "command_reused"
        assert send(make_case(case.inspection), sent).json()["rule"] == "command_reused"

    def test_a_change_may_follow_one_of_ones_own(self, send, case):
        first = command()
        second = command(value="no", base={"after": first["command"]})
        third = command(value="no", note="Why.", base={"after": second["command"]})
        assert [send(case, sent).json()["version"] for sent in (first, second, third)] == [1, 2, 3]
        assert [send(case, sent).json()["version"] for sent in (first, second, third)] == [1, 2, 3]


class TestChanged:
    def test_a_stale_base_gives_the_other_answer_and_changes_nothing(self, send, case, lead):
        send(case, command(value="not_applicable", reason="Not yet due.", source="file", at_interview=True), by=lead)
        mine = command(value="no", note="Mine.")

        response = send(case, mine)

        assert response.status_code == 409
        body = response.json()
        assert (body["state"], body["command"]) == ("changed", mine["command"])
        at = row(case).answered_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert body["theirs"] == {
            "value": "not_applicable",
            "reason": "Not yet due.",
            "note": "",
            "asked_because": "",
            "source": "file",
            "at_interview": True,
            "version": 1,
            "by": lead.name,
            "at": at,
        }
        assert lead.name in body["sentence"]
        assert (row(case).value, case.revisions.count()) == ("not_applicable", 1)

    def test_choices_are_given_as_a_list(self, send, case, lead):
        question = next(held for held in case.questions.values() if held.kind == "choices")
        codes = [option.code for option in question.options][:2]
        send(case, command(question.code, codes), by=lead)
        assert send(case, command(question.code, codes[:1])).json()["theirs"]["value"] == codes

    def test_the_choice_is_a_new_command_on_their_version(self, send, case, lead):
        send(case, command(), by=lead)
        theirs = send(case, command(value="no")).json()["theirs"]
        assert send(case, command(value="no", base=theirs["version"])).json()["version"] == 2

    def test_what_follows_a_command_that_somebody_overtook_is_stale(self, send, case, lead):
        first = command()
        send(case, first)
        send(case, command(value="no", base=1), by=lead)
        response = send(case, command(base={"after": first["command"]}, note="And why."))
        assert response.json()["theirs"]["by"] == lead.name

    def test_what_follows_a_command_that_never_came_is_stale(self, send, case):
        body = send(case, command(base={"after": str(uuid.uuid4())})).json()
        assert body["state"] == "changed"
        assert (body["theirs"]["version"], body["theirs"]["by"], body["theirs"]["at"]) == (0, None, None)


class TestHidden:
    def test_a_question_that_is_left_out_meanwhile_takes_its_answer_and_stays_left_out(self, send, case):
        send(case, command("harm_factors", "false"))
        response = send(case, command("2.2.3", "no"))
        assert response.json()["state"] == "saved"
        assert "2.2.3" not in response.json()["asked"]
        assert (row(case, "2.2.3").value, row(case, "2.2.3").asked) == ("no", False)

    def test_it_comes_back_when_the_fact_changes(self, send, case):
        fact = command("harm_factors", "false")
        send(case, fact)
        send(case, command("2.2.3", "no"))
        send(case, command("harm_factors", "true", base={"after": fact["command"]}, change_reason="Found."))
        assert (row(case, "2.2.3").value, row(case, "2.2.3").asked) == ("no", True)

    def test_a_form_without_scripts_still_asks_for_a_reason_to_ask(self, send, case, inspector):
        send(case, command("harm_factors", "false"))
        with pytest.raises(Refused, match="not asked in this case"):
            record_answer(case=case, by=inspector, given=Given(question="2.2.3", value="no"))


class TestHeld:
    @pytest.fixture
    def closed(self, request, case, lead, other_inspector):
        """Return the case, closed to the inspector in the way that the test names."""
        if request.param == "locked":
            lock(case.inspection)
        elif request.param == "was agreed":
            agree(case, lead)
        elif request.param == "excluded":
            exclude_case(case=case, reason="The file was lost.", by=lead)
        else:
            allocate(case, other_inspector)
        return case, request.param

    @pytest.mark.parametrize("closed", ["locked", "was agreed", "excluded", "given to Omar Brandt"], indirect=True)
    def test_it_is_kept_for_the_lead_and_never_called_saved(self, send, closed, inspector):
        case, why = closed
        before = Sequence.objects.get().value
        sent = command(note="Typed on a train.", base=3, offline_since=OFFLINE)

        response = send(case, sent)

        assert response.status_code == 202
        body = response.json()
        sentence = body.pop("sentence")
        assert why in sentence
        assert "lead inspector" in sentence
        assert body == {
            "format": "evenhand-confirmation/1",
            "state": "held",
            "command": sent["command"],
            "question": "2.1.1",
        }
        held = HeldAnswer.objects.get(command_id=sent["command"])
        assert (held.case, held.by, held.value, held.note, held.base) == (
            case,
            inspector,
            "yes",
            "Typed on a train.",
            "3",
        )
        assert (held.given_at, held.offline_since) == (
            datetime.fromisoformat(GIVEN_AT),
            datetime.fromisoformat(OFFLINE),
        )
        assert held.why == sentence
        assert Event.objects.get(action="answer.held").case == str(case.public_id)
        assert (row(case).value, case.revisions.count(), Sequence.objects.get().value) == (None, 0, before)

    @pytest.mark.parametrize("closed", ["locked", "given to Omar Brandt"], indirect=True)
    def test_the_same_command_again_is_held_still_also_when_all_is_open_again(self, send, closed):
        case, _ = closed
        sent = command(offline_since=OFFLINE)
        first = send(case, sent).json()
        assert send(case, sent).json() == first
        lock(case.inspection, State.FIELDWORK)
        allocate(case, None)
        assert send(case, sent).json() == first
        assert (HeldAnswer.objects.count(), case.revisions.count()) == (1, 0)
        assert Event.objects.filter(action="answer.held").count() == 1

    @pytest.mark.parametrize("closed", ["locked"], indirect=True)
    def test_a_held_id_with_other_content_or_from_another_person_is_refused(self, send, closed, lead):
        case, _ = closed
        sent = command()
        send(case, sent)
        assert send(case, sent | {"value": "no"}).json()["rule"] == "command_reused"
        assert send(case, sent, by=lead).json()["rule"] == "command_reused"
        lock(case.inspection, State.FIELDWORK)
        assert send(case, sent | {"value": "no"}).json()["rule"] == "command_reused"

    @pytest.mark.parametrize("closed", ["locked"], indirect=True)
    @pytest.mark.parametrize(
        ("changes", "rule"),
        [({"value": "maybe"}, "value"), ({"question": "9.9.9"}, "unknown_question"), ({"reason": "x"}, "value")],
    )
    def test_what_could_never_be_stored_is_refused_and_not_held(self, send, closed, changes, rule):
        case, _ = closed
        assert send(case, command() | changes).json()["rule"] == rule
        assert not HeldAnswer.objects.exists()

    @pytest.mark.parametrize("closed", ["given to Omar Brandt"], indirect=True)
    def test_a_case_of_somebody_else_takes_what_is_sent_at_once_and_what_its_reader_or_the_lead_sends(
        self, send, closed, lead, other_inspector
    ):
        case, _ = closed
        assert send(case, command("2.1.1")).json()["state"] == "saved"
        assert send(case, command("2.1.1.a", offline_since=OFFLINE), by=other_inspector).json()["state"] == "saved"
        assert send(case, command("2.1.1.b", offline_since=OFFLINE), by=lead).json()["state"] == "saved"

    def test_a_case_of_nobody_takes_everything(self, send, case):
        assert send(case, command(offline_since=OFFLINE)).json()["state"] == "saved"


class TestRefused:
    @pytest.mark.parametrize(
        ("changes", "rule", "sentence"),
        [
            ({"value": "maybe"}, "value", "takes one of yes, no"),
            ({"value": ["yes"]}, "value", "takes one of"),
            ({"value": True}, "value", "takes one of"),
            ({"value": {"yes": 1}}, "value", "takes one of"),
            ({"value": 1}, "value", "takes one of"),
            ({"note": "\x00"}, "value", "cannot be stored"),
            ({"note": "\ud800"}, "value", "cannot be stored"),
            ({"note": "x" * 100_001}, "value", "Shorten it"),
            ({"source": "hearsay"}, "value", "file, interview, both"),
            ({"reason": "Not yet due."}, "value", "only goes with"),
            ({"asked_because": "I want to.", "question": "2.1.1.a"}, "value", "no key question"),
            ({"question": "9.9.9"}, "unknown_question", "no such question"),
            ({"question": "\x00"}, "unknown_question", "no such question"),
            ({"question": ""}, "unknown_question", "no such question"),
        ],
    )
    def test_what_does_not_fit_the_question(self, send, case, changes, rule, sentence):
        sent = command() | changes
        response = send(case, sent)
        assert response.status_code == 422
        body = response.json()
        assert (body["state"], body["rule"], body["command"]) == ("refused", rule, sent["command"])
        assert sentence in body["sentence"]
        assert case.revisions.count() == 0

    def test_a_change_that_needs_a_reason(self, send, case):
        fact = command("safety_factors", "true")
        send(case, fact)
        send(case, command("2.2.2", "no"))
        changed = command("safety_factors", "false", base={"after": fact["command"]})
        assert send(case, changed).json()["rule"] == "reason_needed"
        assert send(case, changed | {"change_reason": "Mistaken."}).json()["state"] == "saved"


MALFORMED = {
    "nothing": b"",
    "no JSON": b"yes",
    "cut off": b'{"format": "evenhand-save/1"',
    "not UTF-8": b'{"note": "\xff"}',
    "UTF-16": '{"note": ""}'.encode("utf-16"),
    "not a number": b'{"base": NaN}',
    "a number too long": b'{"base": ' + b"9" * 5000 + b"}",
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "null": b"null",
    "a text": b'"evenhand-save/1"',
    "a key twice": json.dumps(command()).replace('"value"', '"value": "no", "value"').encode(),
    "an unknown key": command(colour="red"),
    "no format": {key: held for key, held in command().items() if key != "format"},
    "another format": command(format="evenhand-save/2"),
    **{f"no {key}": {k: v for k, v in command().items() if k != key} for key in ("command", "question", "value")},
    **{f"no {key}": {k: v for k, v in command().items() if k != key} for key in ("base", "given_at")},
    **{f"{key} a number": command(**{key: 1}) for key in ("command", "question", "reason", "note", "asked_because")},
    **{f"{key} null": command(**{key: None}) for key in ("command", "question", "reason", "note", "change_reason")},
    "source null": command(source=None),
    "at_interview a number": command(at_interview=1),
    "at_interview null": command(at_interview=None),
    "a command in braces": command(command="{" + str(uuid.uuid4()) + "}"),
    "a command without hyphens": command(command=uuid.uuid4().hex),
    "a command in capitals": command(command=str(uuid.uuid4()).upper()),
    "a command called None": command(command="None"),
    "base true": command(base=True),
    "base a fraction": command(base=1.0),
    "base below nothing": command(base=-1),
    "base too large": command(base=10**12),
    "base a text": command(base="1"),
    "base null": command(base=None),
    "base after nothing": command(base={}),
    "base after a number": command(base={"after": 1}),
    "base after more": command(base={"after": str(uuid.uuid4()), "version": 1}),
    "given_at without its offset": command(given_at="2026-05-03T14:02:00"),
    "given_at null": command(given_at=None),
    "given_at a number": command(given_at=1777813320),
    "given_at in words": command(given_at="today"),
    "given_at before time": command(given_at="0001-01-01T00:00:00+14:00"),
    "given_at after time": command(given_at="9999-12-31T23:59:59-12:00"),
    "offline_since a date": command(offline_since="2026-05-03"),
    "offline_since false": command(offline_since=False),
}


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["yes", "true", "file", GIVEN_AT, "0001-01-01T00:00:00+14:00", "\x00", "\ud800"]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=6,
)


class TestMalformed:
    @pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
    def test_it_is_refused_with_a_sentence(self, send, case, body):
        response = send(case, body)
        assert response.status_code == 422
        said = response.json()
        assert (said["format"], said["state"], said["rule"]) == ("evenhand-confirmation/1", "refused", "malformed")
        assert said["sentence"].endswith(".")
        assert case.revisions.count() == 0

    def test_it_says_which_command_where_that_can_be_read(self, send, case):
        sent = command(colour="red")
        assert send(case, sent).json()["command"] == sent["command"]

    def test_a_form_is_no_command(self, client, case, inspector):
        client.force_login(inspector)
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
            sent = json.dumps(by_person(inspector, command()))
            response = client.post(address(case), sent, content_type=kind)
            assert (response.status_code, response.json()["rule"]) == (422, "malformed")

    @given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
    def test_whatever_bytes_come(self, raw):
        try:
            parse(raw)
        except Malformed as refusal:
            assert str(refusal).endswith(".")

    @given(data=st.data())
    def test_whatever_stands_in_a_command(self, data):
        body = command(person=str(uuid.uuid4()))
        for key in data.draw(st.sets(st.sampled_from([*body, "note", "source", "at_interview", "offline_since"]))):
            body[key] = data.draw(ANYTHING)
        for key in data.draw(st.sets(st.sampled_from(sorted(body)), max_size=1)):
            del body[key]
        try:
            read = read_command(body, reader.load("youth-2018").questions("court"))
        except (Malformed, Refused) as refusal:
            assert str(refusal).endswith(".")
        else:
            assert str(read.command_id) == body["command"]
            assert read.given_at.tzinfo

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_whatever_is_sent_never_fails(self, send, case, data):
        body = command(data.draw(st.sampled_from(["2.1.1", "safety_factors", "x"])), data.draw(ANYTHING))
        for key in data.draw(st.sets(st.sampled_from([*body, "note", "reason", "offline_since"]), max_size=2)):
            body[key] = data.draw(ANYTHING)
        response = send(case, body)
        assert response.status_code in (200, 409, 422)
        assert response.json()["format"] == "evenhand-confirmation/1"


class TestDoor:
    def test_signed_out_is_json_and_no_redirect(self, case):
        response = Client().post(address(case), json.dumps(command()), content_type="application/json")
        assert response.status_code == 401
        assert (response.json()["state"], response.json()["format"]) == ("signed_out", "evenhand-confirmation/1")
        assert response["Cache-Control"] == "no-store"

    def test_a_missing_or_wrong_token_is_json(self, case, inspector):
        client = Client(enforce_csrf_checks=True)
        client.force_login(inspector)
        for headers in ({}, {"X-CSRFToken": "wrong"}):
            response = client.post(
                address(case), json.dumps(command()), content_type="application/json", headers=headers
            )
            assert response.status_code == 403
            assert (response.json()["state"], response.json()["rule"]) == ("forbidden", "csrf")
        token = client.get("/my/session/").json()["csrf"]
        sent = json.dumps(by_person(inspector, command()))
        right = {"X-CSRFToken": token}
        response = client.post(address(case), sent, content_type="application/json", headers=right)
        assert response.json()["state"] == "saved"

    def test_strangers_find_nothing(self, send, case, stranger):
        response = send(case, command(), by=stranger)
        assert (response.status_code, response.json()["state"]) == (404, "not_found")

    def test_a_case_that_is_not_there(self, client, inspector):
        client.force_login(inspector)
        response = client.post(f"/cases/{uuid.uuid4()}/saves/", json.dumps(command()), content_type="application/json")
        assert (response.status_code, response.json()["state"]) == (404, "not_found")

    def test_somebody_who_left_the_team_finds_nothing_and_nothing_is_held(self, send, case, inspector):
        sent = command()
        send(case, sent)
        Membership.objects.filter(user=inspector).delete()
        assert send(case, sent).status_code == 404
        lock(case.inspection)
        assert send(case, command()).status_code == 404
        assert not HeldAnswer.objects.exists()

    def test_who_may_only_look_is_told_so(self, send, case, manager, administrator):
        for user in (manager, administrator):
            response = send(case, command(), by=user)
            assert (response.status_code, response.json()["state"]) == (403, "forbidden")
            assert "cannot answer questions" in response.json()["sentence"]
        assert case.revisions.count() == 0

    @pytest.mark.parametrize("state", [State.FIELDWORK, State.LOCKED])
    def test_what_somebody_else_gave_is_not_stored_under_who_is_signed_in(
        self, send, case, inspector, other_inspector, state
    ):
        """Two people share a browser: a tab of the one sends when the other has signed in."""
        lock(case.inspection, state)
        sent = by_person(inspector, command(note="Mine."))
        response = send(case, sent, by=other_inspector)
        assert response.status_code == 403
        assert (response.json()["state"], response.json()["rule"]) == ("forbidden", "other_person")
        assert "signs in again" in response.json()["sentence"]
        assert (case.revisions.count(), HeldAnswer.objects.count()) == (0, 0)
        lock(case.inspection, State.FIELDWORK)
        assert send(case, sent).json()["state"] == "saved"
        assert row(case).answered_by == inspector
        assert send(case, sent, by=other_inspector).json()["rule"] == "other_person"

    @pytest.mark.parametrize("person", [None, 1, "", ["x"], "00000000-0000-4000-8000-000000000000"])
    def test_a_person_who_is_nobody_is_not_who_is_signed_in(self, send, case, person):
        response = send(case, command(person=person))
        assert (response.status_code, response.json()["rule"]) == (403, "other_person")

    def test_a_command_that_names_nobody_is_refused(self, send, case):
        response = send(case, json.dumps(command()))
        assert (response.status_code, response.json()["rule"]) == (422, "malformed")
        assert "lacks person" in response.json()["sentence"]
        assert case.revisions.count() == 0

    def test_somebody_inactive_is_signed_out(self, send, case, inspector, client):
        client.force_login(inspector)
        User.objects.filter(pk=inspector.pk).update(is_active=False)
        response = client.post(address(case), json.dumps(command()), content_type="application/json")
        assert response.status_code == 401

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head"])
    def test_other_methods(self, client, case, inspector, method):
        client.force_login(inspector)
        response = getattr(client, method)(address(case))
        assert (response.status_code, response["Allow"]) == (405, "POST")
        assert response["Content-Type"] == "application/json"

    def test_a_body_over_the_limit(self, send, case):
        response = send(case, command(note="x" * LARGEST))
        assert (response.status_code, response.json()["state"]) == (413, "too_large")

    def test_a_body_that_was_cut_off_is_no_command(self, client, case, inspector):
        client.force_login(inspector)
        raw = json.dumps(by_person(inspector, command())).encode()
        response = client.generic(
            "POST",
            address(case),
            raw,
            content_type="application/json",
            **{"CONTENT_LENGTH": len(raw) + 10, "wsgi.input": BytesIO(raw)},
        )
        assert (response.status_code, response.json()["state"]) == (400, "incomplete")
        assert case.revisions.count() == 0

    def test_nothing_given_reaches_a_log(self, send, case, lead, caplog):
        caplog.set_level(logging.INFO)
        send(case, command(note="Dangerous secret"), by=lead)
        for sent in (
            command(note="Dangerous secret"),
            command(value="Dangerous secret"),
            command(given_at="Dangerous secret"),
            b"Dangerous secret",
        ):
            assert send(case, sent).status_code in (409, 422)
        assert "Dangerous" not in caplog.text


def test_given_in_the_future_is_taken_as_the_device_said(send, case):
    later = datetime.now(UTC) + timedelta(days=400)
    sent = command(given_at=later.isoformat())
    assert send(case, sent).json()["state"] == "saved"
    assert AnswerRevision.objects.get(command_id=sent["command"]).given_at == later
