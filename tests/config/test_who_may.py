"""Who gets what at every address: the table, the page drawn from it, and every address asked as everybody."""

import json
from collections import Counter
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import ROLES
from cases.enquiries import who_may_follow
from config.permissions_page import BEGIN, drawing, redrawn
from config.who_may import EVERYBODY, TABLE, Of, Somebody
from tests.cases.lines import some_line
from tests.config.test_every_address import ADDRESSES, patterns, view_of
from tests.inspections.entries import some_evidence, some_finding
from tests.people import sign_in_freshly

PAGE = settings.BASE_DIR / "docs" / "permissions.md"
METHODS = ("GET", "POST")

# How the parts of addresses are had from a case; made up where there is none of that name here.
PARTS = {
    "inspection": lambda case: case.inspection.public_id,
    "case": lambda case: case.public_id,
    "standard": lambda case: "2.1",
    "question": lambda case: "2.1.1",
    "judged": lambda case: "1.1",
    "subject": lambda case: "1.1.1",
    "evidence": lambda case: (case.inspection.evidence_entries.first() or some_evidence(case.inspection)).public_id,
    "line": lambda case: (case.lines.first() or followed_by_everybody(case)).public_id,
    "finding": lambda case: (case.inspection.finding_entries.first() or some_finding(case.inspection)).public_id,
    "person": lambda case: User.objects.get(email="omar.brandt@example.org").public_id,
}


def followed_by_everybody(case):
    """Return a line of enquiry that everybody follows who may, so that it is theirs to see."""
    people = [held.pk for held in who_may_follow(case.inspection)]
    return some_line(case, User.objects.command_line(), assigned=tuple(people))


def identified(row):
    return f"{row.method} {row.name} {row.words}".strip()


def test_every_address_has_a_line():
    missing = set(ADDRESSES) - {row.name for row in TABLE}
    assert not missing, f"config/who_may.py has no line for {', '.join(sorted(missing))}: say who may."


def test_every_line_is_about_an_address():
    assert {row.name for row in TABLE} <= set(ADDRESSES)


def test_no_two_lines_are_the_same():
    assert not [held for held, count in Counter(map(identified, TABLE)).items() if count > 1]


def test_every_action_of_a_page_has_a_line():
    from cases.views.reviews import DONE

    assert set(DONE) == {row.post["do"] for row in TABLE if row.name == "cases:review" and row.post}


@pytest.fixture
def ask(everybody, case):
    """Return a function that asks an address as somebody and returns the response. Nothing that is done remains."""

    def asked(row, somebody, *, method=None, path=None):
        method, path = method or row.method, path or address(row, case)
        client = Client()
        with transaction.atomic():
            if somebody in everybody:
                sign_in_freshly(client, everybody[somebody])
            if somebody in everybody and row.of is Of.CASE:
                case.allocated_to = everybody[somebody]
                case.save(update_fields=["allocated_to"])
            response = send(client, row, method, path)
            transaction.set_rollback(True)
        return response

    return asked


def send(client, row, method, path):
    if method == "POST" and hasattr(view_of(row.name), "answers_with"):
        return client.post(path, json.dumps(row.post), content_type="application/json")
    return client.post(path, row.post) if method == "POST" else client.get(path)


def address(row, case):
    kwargs = {name: PARTS[name](case) if name in PARTS else made_up for name, made_up in patterns()[row.name].items()}
    return reverse(row.name, kwargs=kwargs | row.given)


class TestEveryAddressAskedAsEverybody:
    @pytest.mark.parametrize("row", TABLE, ids=identified)
    def test_it_answers_as_its_line_says(self, ask, row):
        found = {somebody: ask(row, somebody).status_code for somebody in EVERYBODY}
        assert named(found) == named({somebody: row.status(somebody) for somebody in EVERYBODY})

    @pytest.mark.parametrize("row", [row for row in TABLE if row.of is Of.CASE], ids=identified)
    def test_a_case_of_somebody_else_is_not_there_for_those_with_cases_of_their_own(self, everybody, case, row):
        found, expected = {}, {}
        for role in filter(lambda role: role.own_cases_only, ROLES.values()):
            client = Client()
            sign_in_freshly(client, everybody[role])
            found[role] = send(client, row, row.method, address(row, case)).status_code
            expected[role] = row.status(role, own_case=False)
        assert named(found) == named(expected)
        assert set(expected.values()) == {404}

    @pytest.mark.parametrize(
        "row", [row for row in TABLE if row.of in (Of.INSPECTION, Of.OWN_CASES, Of.CASE)], ids=identified
    )
    def test_a_stranger_cannot_tell_it_from_what_does_not_exist(self, ask, row):
        theirs = ask(row, Somebody.STRANGER)
        made_up = ask(row, Somebody.STRANGER, path=reverse(row.name, kwargs=patterns()[row.name] | row.given))
        assert theirs.status_code == made_up.status_code == 404

    @pytest.mark.parametrize("row", [row for row in TABLE if row.method == "POST"], ids=identified)
    def test_what_needs_a_fresh_sign_in_says_so(self, row):
        assert row.fresh == hasattr(view_of(row.name), "needs_fresh_sign_in")

    @pytest.mark.parametrize("name", ADDRESSES)
    def test_what_has_no_line_is_refused(self, ask, name):
        row = next(row for row in TABLE if row.name == name)
        for method in set(METHODS) - {held.method for held in TABLE if held.name == name}:
            assert ask(row, Somebody.STRANGER, method=method).status_code == 405

    @pytest.mark.parametrize("row", [row for row in TABLE if row.of is not Of.NOBODY], ids=identified)
    def test_signed_out(self, ask, case, row):
        response = ask(row, Somebody.SIGNED_OUT)
        if hasattr(view_of(row.name), "answers_with"):
            assert response.status_code == 401
            assert response.json()["format"].startswith("evenhand-")
        else:
            assert response["Location"] == f"{reverse('account_login')}?next={quote(address(row, case))}"


def named(statuses):
    return {getattr(somebody, "label", None) or somebody.value: status for somebody, status in statuses.items()}


class TestTheDrawing:
    def test_the_page_shows_what_the_table_says(self):
        text = PAGE.read_text(encoding="utf-8")
        assert redrawn(text) == text, "Run `manage.py draw_permissions`: roles or addresses were changed."

    def test_it_follows_the_table(self, monkeypatch):
        assert "`/cases/<case>/submit/` | POST: submit the case |" in drawing()
        monkeypatch.setattr("config.permissions_page.TABLE", [row for row in TABLE if row.name != "cases:submit"])
        assert "/cases/<case>/submit/" not in drawing()

    def test_it_describes_every_role(self):
        assert not [role for role in ROLES.values() if f"| {role.label} | {role.description} |" not in drawing()]

    def test_the_command_writes_the_page(self, settings, tmp_path, capsys):
        settings.BASE_DIR = tmp_path
        (tmp_path / "docs").mkdir()
        page = tmp_path / "docs" / "permissions.md"
        page.write_text(f"{BEGIN}\n<!-- End of the drawing. -->")
        call_command("draw_permissions")
        assert drawing() in page.read_text()
        assert capsys.readouterr().out == "Drew docs/permissions.md.\n"
