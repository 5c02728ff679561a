"""The pages on which an inspection is created and its plan changed."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from inspections.actions import pin_standards
from inspections.models import Inspection, Lifecycle, Service, State
from inspections.team import Plan, plan_inspection
from standards import reader
from tests.cases.posting import change, fields_of, fill, said, send

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CREATE = "/inspections/create/"
DAYS = {
    "starts-day": "1",
    "starts-month": "3",
    "starts-year": "2027",
    "ends-day": "12",
    "ends-month": "3",
    "ends-year": "2027",
}
NEW = DAYS | {"which": "new", "name": "Anywhere Youth Justice Service", "short_name": "Anywhere"}


@pytest.fixture
def service(db):
    return Service.objects.create(slug="known", name="Known Youth Offending Team", short_name="Known")


@pytest.fixture
def planned(manager):
    plan = Plan("Anywhere Youth Justice Service", "Anywhere", date(2027, 3, 1), date(2027, 3, 12))
    return plan_inspection(plan=plan, document=reader.load("youth-2018"), by=manager)


def plan_page(inspection):
    return reverse("inspections:plan", args=[inspection.public_id])


class TestCreating:
    def test_who_may_is_led_there(self, signed_in, manager, administrator):
        assert CREATE in signed_in(manager).get("/inspections/").content.decode()
        assert CREATE not in signed_in(administrator).get("/inspections/").content.decode()

    @pytest.mark.parametrize("who", ["lead", "administrator", "stranger"])
    def test_others_are_refused(self, request, signed_in, inspection, who):
        before = Inspection.objects.count()
        response = signed_in(request.getfixturevalue(who)).post(CREATE, NEW | {"document": "youth-2018"})
        assert response.status_code == 403
        assert "create inspections" in said(response)
        assert Inspection.objects.count() == before

    def test_of_a_new_service(self, signed_in, service, manager):
        client = signed_in(manager)
        changes = NEW | {"term_youth-2018_service": "YJS", "figures": "open"}
        response = fill(client, CREATE, changes)
        inspection = Inspection.objects.select_related("service").get()
        assert response["Location"] == reverse("cases:team", args=[inspection.public_id])
        assert (inspection.service.name, inspection.terms, inspection.figures_open) == (
            "Anywhere Youth Justice Service",
            {"service": "YJS"},
            True,
        )
        shown = said(client.get(response["Location"]))
        assert "Give somebody the role of lead inspector next." in shown
        assert "1 March 2027 to 12 March 2027" in shown
        assert "The team has no lead inspector yet." in shown

    def test_the_first_one_of_all_asks_for_no_list(self, signed_in, manager):
        client = signed_in(manager)
        assert "which" not in fields_of(client.get(CREATE))
        assert fill(client, CREATE, {**NEW, "which": ""}).status_code == 302

    def test_of_a_known_service(self, signed_in, service, manager):
        fill(signed_in(manager), CREATE, DAYS | {"which": "known", "service": "known", "name": "Left from before"})
        assert Inspection.objects.get().service == service
        assert Service.objects.count() == 1

    def test_everything_missing_is_said_at_once_and_nothing_typed_is_lost(self, signed_in, service, manager):
        client = signed_in(manager)
        response = fill(client, CREATE, {"term_youth-2018_child": "young person", "starts-day": "31"})
        assert response.status_code == 400
        shown = said(response)
        assert "Error: Create an inspection" in shown
        for sentence in ("Select whether the service is in the list.", "Enter the last day of fieldwork."):
            assert sentence in shown
        assert "First day of fieldwork: enter a day that there is" in shown
        assert "Enter the first day of fieldwork." not in shown, "one sentence for each field"
        kept = fields_of(response)
        assert (kept["term_youth-2018_child"], kept["starts-day"]) == ("young person", "31")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            (
                NEW | {"name": "KNOWN youth offending team"},
                "There is a service called KNOWN youth offending team already",
            ),
            (NEW | {"name": " "}, "Enter the name of the service."),
            (NEW | {"ends-year": "2026"}, "Fieldwork cannot end before it begins."),
            (NEW | {"term_youth-2018_child": "x" * 101}, "Shorten this word"),
            (DAYS | {"which": "known"}, "Select the service."),
            (DAYS | {"which": "known", "service": "no-such"}, "Select a valid choice"),
            (NEW | {"document": "no-such"}, "Select a valid choice"),
            (NEW | {"document": ""}, "Select the standards."),
        ],
    )
    def test_what_does_not_fit_is_said_at_its_field(self, signed_in, service, manager, changes, sentence):
        response = fill(signed_in(manager), CREATE, changes)
        assert response.status_code == 400
        assert sentence in said(response)
        assert not Inspection.objects.exists()

    def test_other_standards_bring_their_own_words(self, signed_in, manager, settings):
        settings.EVENHAND_STANDARDS_FOLDERS = [Path(django_settings.BASE_DIR) / "tests" / "documents"]
        client = signed_in(manager)
        codes = reader.available(settings.EVENHAND_STANDARDS_FOLDERS)
        assert len(codes) > 1
        other = next(code for code in codes if code != "youth-2018")
        fill(client, CREATE, NEW | {"which": "", "document": other})
        assert Inspection.objects.get().document.code == other

    def test_a_document_that_changed_under_its_version_is_refused(
        self, signed_in, manager, inspection, settings, tmp_path
    ):
        folder = tmp_path / "standards"
        folder.mkdir()
        text = (Path(django_settings.BASE_DIR) / "standards" / "documents" / "youth-2018.yaml").read_text()
        (folder / "youth-2018.yaml").write_text(text.replace("services, 2018", "services, 2018, changed"))
        settings.EVENHAND_STANDARDS_FOLDERS = [folder]
        pin_standards(document=inspection.document)
        response = fill(signed_in(manager), CREATE, NEW)
        assert response.status_code == 400
        assert "Give the changed document a new version number." in said(response)


class TestChanging:
    def test_saves_and_says_so(self, signed_in, planned, manager):
        client = signed_in(manager)
        response = fill(client, plan_page(planned), {"name": "Anywhere YJS", "ends-day": "5", "term_child": "child"})
        assert response["Location"] == reverse("cases:team", args=[planned.public_id])
        shown = said(client.get(response["Location"]))
        assert "The plan is saved." in shown
        assert "Anywhere YJS (Anywhere)" in shown
        assert "1 March 2027 to 5 March 2027" in shown

    def test_two_at_once_lose_nothing(self, signed_in, planned, manager):
        client = signed_in(manager)
        opened = fields_of(client.get(plan_page(planned)))
        send(client, plan_page(planned), change(opened, {"ends-day": "5"}))
        response = send(client, plan_page(planned), change(opened, {"term_child": "child"}))
        assert response.status_code == 409
        shown = said(response)
        assert "Somebody changed the plan after you opened it." in shown
        assert "1 March 2027 to 5 March 2027" in shown
        again = fields_of(response)
        assert (again["term_child"], again["ends-day"]) == ("child", "12"), "what was typed stands"
        assert send(client, plan_page(planned), again).status_code == 302
        planned.refresh_from_db()
        assert (planned.terms, planned.fieldwork_ends) == ({"child": "child"}, date(2027, 3, 12))

    def test_figures_are_asked_about_until_fieldwork_begins(self, signed_in, planned, manager):
        client = signed_in(manager)
        opened = fields_of(client.get(plan_page(planned)))
        assert opened["figures"] == "hidden"
        Lifecycle.objects.update(state=State.FIELDWORK)
        assert "figures" not in fields_of(client.get(plan_page(planned)))
        send(client, plan_page(planned), change(opened, {"figures": "open"}))
        planned.refresh_from_db()
        assert not planned.figures_open

    def test_locked_ratings_are_said_and_refused(self, signed_in, planned, manager):
        client = signed_in(manager)
        opened = fields_of(client.get(plan_page(planned)))
        Lifecycle.objects.update(state=State.LOCKED)
        shown = client.get(plan_page(planned))
        assert "The ratings of this inspection are locked" in said(shown)
        assert "name" not in fields_of(shown)
        assert send(client, plan_page(planned), change(opened, {"ends-day": "5"})).status_code == 409
        planned.refresh_from_db()
        assert planned.fieldwork_ends == date(2027, 3, 12)


@pytest.mark.parametrize(
    "name",
    [
        *(f"ratings:{page}" for page in ("inspection", "annex", "results", "as_it_was", "compare", "discretion")),
        *(f"ratings:{page}" for page in ("stages", "how_firm", "later_changes", "provisional")),
        *(f"cases:{page}" for page in ("list", "reviews", "alerts", "lines", "team", "audit")),
        *(f"inspections:{page}" for page in ("delivery", "evidence_log", "plan", "add_member")),
    ],
)
def test_every_page_of_an_inspection_that_was_just_created_opens(signed_in, planned, manager, name):
    assert signed_in(manager).get(reverse(name, args=[planned.public_id])).status_code == 200
