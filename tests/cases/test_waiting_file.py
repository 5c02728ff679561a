"""The file of waiting answers: taken through the same door, and nothing in it lost."""

import json
import re
import uuid
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.actions import exclude_case, record_answer
from cases.answers import Given
from cases.models import HeldAnswer
from cases.views import waiting
from inspections.models import Membership
from tests.cases.posting import said

pytestmark = pytest.mark.django_db

ADDRESS, AGAIN = "/my/waiting-answers/", "/my/waiting-answers/again/"
NOTE = "Gŵyl 🙂 ਪੰਜਾਬੀ\r\n</script> \ud83d"[:-1] + "“quoted” & kept"


def command(case, question="2.1.1", value="yes", **parts):
    usual = {
        "case": str(case.public_id),
        "format": "evenhand-save/1",
        "command": str(uuid.uuid4()),
        "question": question,
        "value": value,
        "base": 0,
        "given_at": "2026-05-03T14:02:00+01:00",
        "offline_since": "2026-05-03T09:30:00+01:00",
    }
    return usual | parts


def file_of(person, commands, **parts):
    return {"format": "evenhand-waiting/1", "person": str(person.public_id), "commands": commands} | parts


@pytest.fixture
def send(client, inspector):
    """Return a function that sends a file as the inspector."""

    def upload(content):
        client.force_login(inspector)
        raw = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
        return client.post(ADDRESS, {"file": SimpleUploadedFile("waiting.json", raw, "application/json")})

    return upload


def given_back(client, response):
    """Return the file that the page gives back."""
    field = re.search(r'name="commands"\s+value="([^"]*)"', response.content.decode())
    back = client.post(AGAIN, {"commands": unescape(field[1])})
    assert back["Content-Disposition"].startswith("attachment")
    return json.loads(back.content)


def test_the_page_asks_for_the_file(client, inspector):
    client.force_login(inspector)
    response = client.get(ADDRESS)
    assert "File of waiting answers" in said(response)
    assert 'enctype="multipart/form-data"' in response.content.decode()


def test_every_command_is_taken_and_only_once(send, case, inspector):
    commands = [command(case, note=NOTE), command(case, "2.1.1.a", "no")]
    for _ in range(2):
        response = send(file_of(inspector, commands))
        assert response.status_code == 200
        assert "The file holds 2 changes. All were taken." in said(response)
        assert "Saved (2)" in said(response)
        assert "Download what was not taken" not in said(response)
    assert case.revisions.count() == 2
    assert case.answers.get(question="2.1.1").note == NOTE
    assert case.revisions.get(question="2.1.1").offline_since is not None


def test_what_follows_in_the_file_follows_in_the_case(send, case, inspector):
    first = command(case)
    send(file_of(inspector, [first, command(case, value="no", base={"after": first["command"]})]))
    assert case.answers.get(question="2.1.1").value == "no"


def test_each_outcome_has_its_sentence_and_what_was_not_taken_comes_back(
    send, client, case, make_case, make_inspection, inspector, lead
):
    record_answer(case=case, by=lead, given=Given(question="2.1.2", value="yes", note="Of the lead.", source="file"))
    excluded = make_case(case.inspection)
    exclude_case(case=excluded, reason="The file was lost.", by=lead)
    left = make_case(make_inspection())
    Membership.objects.filter(user=inspector, inspection=left.inspection).delete()
    taken = [command(case), command(excluded)]
    not_taken = [
        command(case, "2.1.2", "no", note=NOTE, source="interview"),
        command(case, "2.1.1.a", "maybe"),
        command(case, "9.9.9"),
        command(case, ["unheard of"]),
        command(left),
        command(case) | {"case": "C01"},
        {"command": "nothing"},
        ["yes"],
        "yes",
    ]

    response = send(file_of(inspector, [taken[0], *not_taken, taken[1]]))

    text = said(response)
    for words in (
        "The file holds 11 changes. 9 were not taken.",
        "Saved (1)",
        "Held for the lead inspector (1)",
        "This case was excluded from the sample before this answer arrived.",
        "Changed by someone else (1)",
        f"{lead.name} changed 2.1.2",
        "Of the lead.",
        "You, 3 May 2026, 14:02, not saved",
        "“quoted” & kept",
        "Evidence from: An interview",
        "Refused (7)",
        "takes one of yes, no",
        "This case has no such question.",
        "No access (1)",
    ):
        assert words in text
    assert left.reference not in [case.reference, excluded.reference]
    assert f"Case {left.reference}" not in text
    assert HeldAnswer.objects.get().case == excluded
    assert case.answers.get(question="2.1.2").value == "yes"
    assert given_back(client, response) == file_of(inspector, not_taken)


def test_more_than_is_taken_at_once_comes_back_untried(send, client, case, inspector, monkeypatch):
    monkeypatch.setattr(waiting, "MOST", 1)
    commands = [command(case), command(case, "2.1.1.a", "no")]
    response = send(file_of(inspector, commands))
    assert "The last 1 were not looked at yet" in said(response)
    assert given_back(client, response) == file_of(inspector, commands[1:])
    assert case.revisions.count() == 1


def test_what_is_too_much_to_give_back_is_to_be_kept(send, case, inspector, monkeypatch):
    monkeypatch.setattr(waiting, "MOST_BACK", 100)
    response = send(file_of(inspector, [command(case, value="maybe")]))
    assert "Keep the file" in said(response)


def test_only_ones_own_file(send, case, lead):
    response = send(file_of(lead, [command(case)]))
    assert response.status_code == 400
    assert "given by somebody else" in said(response)
    assert case.revisions.count() == 0


@pytest.mark.parametrize(
    "content",
    [b"yes", b"[]", b"{}", b"\xff\xfe", b"[" * 99_999, {"format": "evenhand-waiting/2"}, {"commands": {}}],
)
def test_another_file_is_refused_with_a_sentence(send, inspector, content):
    if isinstance(content, dict):
        content = file_of(inspector, []) | content
    response = send(content)
    assert response.status_code == 400
    assert "Error" in said(response)


def test_no_file_and_an_empty_one(client, send, inspector):
    assert "This file is empty." in said(send(b""))
    response = client.post(ADDRESS, {})
    assert response.status_code == 400
    assert "Choose the file of waiting answers." in said(response)


def test_a_file_over_the_limit(send, case, inspector, monkeypatch):
    monkeypatch.setattr(waiting, "LARGEST", 100)
    response = send(file_of(inspector, [command(case)]))
    assert response.status_code == 400
    assert "larger than" in said(response)


@pytest.mark.parametrize("content", ["", "yes", "{}", "\ud800"])
def test_what_cannot_be_given_back_is_refused(client, inspector, content):
    client.force_login(inspector)
    fields = {"commands": content.encode("utf-8", "replace").decode()}
    assert client.post(AGAIN, fields).status_code == 400
    assert client.get(AGAIN).status_code == 405
