"""Individual alerts: what raises one, who sees it, and how it is settled."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from cases.actions import exclude_case
from cases.alerts import alerts_of, open_alerts
from cases.models import AlertResolution
from cases.reviews import resolve_alert
from inspections.errors import Refused
from inspections.models import Lifecycle, State
from standards import reader
from tests.cases.posting import said

pytestmark = pytest.mark.django_db

ALERT, NONE = "individual_alert", "no"


@pytest.fixture
def alert(case, give):
    give(case, "SUP10", ALERT, note="Lives with the person who hurt him.")
    return open_alerts(case.inspection).get()


@pytest.fixture
def url(inspection):
    return reverse("cases:alerts", args=[inspection.public_id])


def settle(client, url, alert, text):
    return client.post(url, {"alert": alert.command_id, f"alert-{alert.command_id}-text": text})


class TestRaising:
    def test_an_answer_raises_one(self, alert, inspector):
        assert (alert.question, alert.value, alert.by) == ("SUP10", ALERT, inspector)

    def test_other_answers_do_not(self, case, give):
        give(case, "SUP10", NONE)
        give(case, "SUP9", "yes")
        give(case, "2.1.1", "no")
        assert not alerts_of(case.inspection).exists()

    def test_a_note_added_to_it_raises_no_second(self, case, alert, give):
        give(case, "SUP10", ALERT, note="And his brother.")
        assert list(open_alerts(case.inspection)) == [alert]

    def test_changing_the_answer_back_does_not_take_it_away(self, case, alert, give):
        give(case, "SUP10", NONE)
        assert list(open_alerts(case.inspection)) == [alert]

    def test_given_anew_after_it_was_changed_it_raises_another(self, case, alert, give):
        give(case, "SUP10", NONE)
        give(case, "SUP10", ALERT)
        assert open_alerts(case.inspection).count() == 2

    def test_settled_and_noted_again_it_stays_settled(self, case, alert, give, lead):
        resolve_alert(alert=alert, by=lead, text="Referred.")
        give(case, "SUP10", ALERT, note="More.")
        assert not open_alerts(case.inspection).exists()

    def test_it_stays_with_its_inspection(self, alert, make_inspection):
        assert not alerts_of(make_inspection()).exists()

    def test_standards_without_such_a_question_cost_no_query(self, make_inspection, django_assert_num_queries):
        document = reader.load("youth-2018")
        silent = tuple(replace(question, about="", alert_when=()) for question in document.case_questions)
        inspection = make_inspection(document=replace(document, version=99, case_questions=silent))
        assert inspection.document
        with django_assert_num_queries(0):
            assert not open_alerts(inspection).count()

    def test_one_query_however_many_there_are(self, inspection, make_case, give, django_assert_num_queries):
        for _ in range(3):
            give(make_case(inspection), "SUP10", ALERT)
        assert inspection.document
        with django_assert_num_queries(1):
            assert open_alerts(inspection).count() == 3


class TestSettling:
    def test_with_a_text(self, alert, lead):
        resolution = resolve_alert(alert=alert, by=lead, text="Referred to social care at once.")
        assert (resolution.alert, resolution.by) == (alert, lead)
        event = Event.objects.latest("pk")
        assert (event.action, event.who, event.reason) == (
            "alert.resolved",
            lead.name,
            "Referred to social care at once.",
        )
        assert not open_alerts(alert.case.inspection).exists()

    @pytest.mark.parametrize("text", ["", " \n "])
    def test_not_without_one(self, alert, lead, text):
        with pytest.raises(Refused, match="Say what was done"):
            resolve_alert(alert=alert, by=lead, text=text)
        assert not AlertResolution.objects.exists()

    def test_once(self, alert, lead):
        resolve_alert(alert=alert, by=lead, text="Referred.")
        with pytest.raises(Refused, match="Leah Costa settled this alert already"):
            resolve_alert(alert=alert, by=lead, text="Again.")

    def test_also_when_the_ratings_are_locked_or_the_case_excluded(self, alert, lead):
        exclude_case(case=alert.case, reason="conflict of interest", by=lead)
        Lifecycle.objects.filter(inspection=alert.case.inspection).update(state=State.LOCKED)
        assert open_alerts(alert.case.inspection).exists()
        assert resolve_alert(alert=alert, by=lead, text="Referred.")


class TestPage:
    def test_shows_what_was_answered_and_by_whom(self, signed_in, lead, alert, url):
        text = said(signed_in(lead).get(url))
        assert f"Case {alert.case.reference}: Yes, an individual alert" in text
        assert "Is an alert needed?" in text
        assert "Ines Archer" in text
        assert "Lives with the person who hurt him." in text

    def test_says_when_the_answer_was_changed_since(self, signed_in, lead, case, alert, give, other_inspector, url):
        give(case, "SUP10", NONE, by=other_inspector)
        assert "has since been changed to “No” by Omar Brandt" in said(signed_in(lead).get(url))

    def test_settles_it(self, signed_in, lead, alert, url):
        client = signed_in(lead)
        response = settle(client, url, alert, "Referred to social care.")
        assert (response.status_code, response["Location"]) == (302, url)
        text = said(client.get(url))
        assert "No alert is open." in text
        assert "Settled by Leah Costa" in text
        assert "Referred to social care." in text
        assert "Settle this alert" not in text

    def test_without_a_text_it_asks_for_one(self, signed_in, lead, alert, url):
        response = settle(signed_in(lead), url, alert, "")
        assert response.status_code == 400
        html = response.content.decode()
        assert f'href="#id_alert-{alert.command_id}-text"' in html
        assert "Say what was done about this alert." in html
        assert "<title>Error: Individual alerts" in html

    def test_settled_meanwhile_keeps_what_was_typed(self, signed_in, lead, alert, url):
        resolve_alert(alert=alert, by=lead, text="Referred.")
        response = settle(signed_in(lead), url, alert, "I rang the police.")
        assert response.status_code == 400
        assert "I rang the police." in said(response)
        assert "settled this alert already" in said(response)

    @pytest.mark.parametrize("value", ["", "x", "9f8fc2ab-0000-4000-8000-000000000000"])
    def test_no_such_alert(self, signed_in, lead, url, value):
        assert signed_in(lead).post(url, {"alert": value}).status_code == 404

    def test_an_answer_that_raises_none_is_no_alert(self, signed_in, lead, case, give, url):
        confirmation = give(case, "SUP10", NONE)
        assert signed_in(lead).post(url, {"alert": confirmation.command_id}).status_code == 404

    @pytest.mark.parametrize(
        ("who", "reads", "settles"),
        [
            ("lead", 200, 302),
            ("inspector", 200, 403),
            ("quality", 200, 403),
            ("manager", 200, 403),
            ("administrator", 403, 403),
            ("stranger", 404, 404),
        ],
    )
    def test_who_comes_in(self, signed_in, request, alert, url, who, reads, settles):
        client = signed_in(request.getfixturevalue(who))
        response = client.get(url)
        assert response.status_code == reads
        if who != "lead":
            assert "Settle this alert" not in response.content.decode()
        assert settle(client, url, alert, "Referred.").status_code == settles

    def test_wrong_methods(self, signed_in, lead, url):
        assert signed_in(lead).put(url).status_code == 405
        assert signed_in(lead).delete(url).status_code == 405

    def test_a_constant_number_of_queries(self, signed_in, inspection, make_case, give, lead, inspector, url):
        counts = []
        for user in (lead, inspector):
            client = signed_in(user)
            for _ in range(2):
                for _ in range(3):
                    give(make_case(inspection), "SUP10", ALERT)
                client.get(url)
                with CaptureQueriesContext(connection) as queries:
                    client.get(url)
                counts.append(len(queries))
        assert counts == [7, 7, 6, 6]


PAGES = {
    "cases:list": lambda case: [case.inspection.public_id],
    "cases:reviews": lambda case: [case.inspection.public_id],
    "cases:alerts": lambda case: [case.inspection.public_id],
    "cases:case": lambda case: [case.public_id],
    "cases:form": lambda case: [case.public_id, "2.2"],
    "cases:history": lambda case: [case.public_id],
    "cases:submit": lambda case: [case.public_id],
    "cases:review": lambda case: [case.public_id],
    "ratings:inspection": lambda case: [case.inspection.public_id],
    "ratings:annex": lambda case: [case.inspection.public_id],
    "ratings:results": lambda case: [case.inspection.public_id],
    "ratings:question": lambda case: [case.inspection.public_id, "2.1.1"],
}


@pytest.mark.parametrize("name", PAGES)
class TestNotice:
    def address(self, name, case):
        return reverse(name, args=PAGES[name](case))

    def test_the_lead_sees_it_at_once(self, signed_in, lead, case, give, settle, url, name):
        client = signed_in(lead)
        address = self.address(name, case)
        settle()
        assert "1 alert waits to be settled." not in said(client.get(address))
        give(case, "SUP10", ALERT)
        settle()
        response = client.get(address)
        assert "Individual alert 1 alert waits to be settled." in said(response)
        assert f'href="{url}"' in response.content.decode()

    def test_nobody_else_does_nor_pays_for_it(self, signed_in, inspector, case, give, settle, name):
        give(case, "SUP10", ALERT)
        settle()
        client = signed_in(inspector)
        with CaptureQueriesContext(connection) as queries:
            assert "waits to be settled" not in said(client.get(self.address(name, case)))
        if name != "cases:alerts":
            assert not [query for query in queries if "alertresolution" in query["sql"]]
