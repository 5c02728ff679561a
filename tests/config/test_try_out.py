"""`make run` prepares for trying out: what is missing is added, and nothing that somebody did is changed."""

import io
import shutil
import socket

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.demo import DEMO_ACCOUNTS, PASSWORD
from accounts.models import User
from cases.actions import record_answer
from cases.answers import Given
from cases.models import LineOfEnquiry
from inspections.models import Inspection, Membership
from ratings.freshness import behind
from ratings.management.commands import try_out
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that runs the command with Sefton as its only example and returns what it printed."""
    shutil.copy(try_out.EXAMPLES / "sefton-2019.json", tmp_path)
    monkeypatch.setattr(try_out, "EXAMPLES", tmp_path)

    def command(**options):
        printed = io.StringIO()
        call_command("try_out", stdout=printed, **options)
        return printed.getvalue()

    return command


def test_accounts_and_examples_are_there_with_the_team(run):
    port = free_port()
    printed = run(port=port)
    assert f"http://localhost:{port}" in printed
    assert "for trying out only" in printed
    for account in DEMO_ACCOUNTS:
        assert account.email in printed
        assert User.objects.get(email=account.email, is_demo=True).check_password(PASSWORD)
    sefton = Inspection.objects.get(slug="sefton-2019")
    assert dict(Membership.objects.filter(inspection=sefton).values_list("user__email", "role")) == {
        "inspector@example.org": "inspector",
        "lead@example.org": "lead_inspector",
        "quality@example.org": "quality_lead",
        "partner@example.org": "partner_inspector",
    }
    assert sefton.pk not in behind()


def test_the_partner_inspector_follows_a_line_of_enquiry_and_sees_its_cases(run, client):
    run()
    partner = User.objects.get(email="partner@example.org")
    line = LineOfEnquiry.objects.get()
    assert [held.pk for held in line.assigned.all()] == [partner.pk]
    seen, unseen = line.cases.first(), line.inspection.cases.exclude(pk__in=line.cases.all()).first()
    client.force_login(partner)
    assert client.get(reverse("cases:enquiries", args=[seen.public_id])).status_code == 200
    assert client.get(reverse("cases:enquiries", args=[unseen.public_id])).status_code == 404
    run()
    assert LineOfEnquiry.objects.count() == 1


def test_an_inspection_is_planned_whose_caseload_can_be_imported(run):
    printed = run()
    planned = Inspection.objects.get(service__short_name="Exampleshire")
    assert planned.lifecycle.state == "planned"
    assert planned.fieldwork_started.weekday() == 0
    file = settings.VAR_DIR / try_out.CASELOAD
    assert str(file) in printed
    told = io.StringIO()
    call_command("import_caseload", planned.slug, file, stdout=told)
    assert planned.candidates.values("child").distinct().count() == planned.candidates.count() > 100
    assert {held.sample for held in planned.candidates.all()} == {"court", "out_of_court"}
    run()
    assert Inspection.objects.filter(service__short_name="Exampleshire").count() == 1
    assert planned.candidates.exists()


def test_again_it_keeps_what_was_done(run):
    run()
    case = Inspection.objects.get(slug="sefton-2019").cases.first()
    lead = User.objects.get(email="lead@example.org")
    answer = case.answers.get(question="2.1.1")
    record_answer(case=case, by=lead, given=Given(question="2.1.1", value="no", base=answer.version))
    lead.set_password("changed-by-somebody")
    lead.save(update_fields=["password"])

    assert "Loading" not in run()
    answer.refresh_from_db()
    assert (answer.value, answer.answered_by) == ("no", lead)
    lead.refresh_from_db()
    assert lead.check_password("changed-by-somebody")
    assert (User.objects.filter(is_demo=True).count(), Inspection.objects.count()) == (len(DEMO_ACCOUNTS), 2)


def test_a_role_that_somebody_changed_stays(run):
    run()
    membership = Membership.objects.get(user__email="inspector@example.org", inspection__slug="sefton-2019")
    membership.role = "lead_inspector"
    membership.save(update_fields=["role"])
    run()
    membership.refresh_from_db()
    assert membership.role == "lead_inspector"


def test_a_port_that_is_taken_is_named_with_the_remedy(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Port {port} is taken.*make run PORT=8001"):
            run(port=port)
    assert not User.objects.filter(is_demo=True).exists()


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_port_that_is_none(run, port):
    with pytest.raises(CommandError, match="Port"):
        run(port=port)
