"""Lines of enquiry: what they take, whom they let read which cases, and their pages."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from cases.access import own_cases
from cases.enquiries import (
    MeetingGiven,
    arrange_meeting,
    change_line,
    conclude_line,
    lines_without_meeting,
    link_meeting,
    who_may_follow,
)
from cases.models import LineOfEnquiry
from inspections.actions import add_member
from inspections.delivery import methodology
from inspections.errors import InspectionLocked, StaleEntry, Unfit
from inspections.evidence import withdraw_evidence
from inspections.models import Evidence, Lifecycle, Sequence, State
from tests.cases.lines import line_given, some_line
from tests.cases.posting import change, fields_of, fill, said, send
from tests.inspections.entries import DAY, some_evidence
from tests.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HELD = MeetingGiven("meeting", "Nurses", DAY, "They hear of it late.")


@pytest.fixture
def partner(inspection, lead):
    user = person("Pat Health")
    add_member(inspection=inspection, user=user, role="partner_inspector", discipline="health", by=lead)
    return user


@pytest.fixture
def line(case, lead, partner):
    return some_line(case, lead, assigned=(partner.pk,))


def conclude(line, by, finding="They do not.", informed=("2.3.2",), closed=False, base=1):
    return conclude_line(line=line, finding=finding, informed=informed, closed=closed, base=base, by=by)


def lock(inspection):
    Lifecycle.objects.filter(inspection=inspection).update(state=State.LOCKED)


class TestWriting:
    def test_is_numbered_kept_and_audited_and_moves_no_rating(self, case, lead, partner):
        before = Sequence.objects.get(inspection=case.inspection).value
        line = some_line(case, lead, assigned=(partner.pk, lead.pk))
        assert (line.number, line.version) == (1, 1)
        assert line.revisions.get().content == line.as_content
        assert line.as_content["cases"] == [case.reference]
        assert line.as_content["assigned"] == ["Leah Costa", "Pat Health"]
        assert Event.objects.latest("pk").summary == "Opened line of enquiry L1."
        assert Sequence.objects.get(inspection=case.inspection).value == before

    @pytest.mark.parametrize(
        ("parts", "field"),
        [
            ({"question": " "}, "question"),
            ({"question": "x" * 100_001}, "question"),
            ({"cases": ()}, "cases"),
            ({"cases": ("C99",)}, "cases"),
            ({"assigned": (0,)}, "assigned"),
        ],
    )
    def test_what_does_not_fit_is_refused_at_its_field(self, case, lead, parts, field):
        with pytest.raises(Unfit) as refused:
            some_line(case, lead, **parts)
        assert set(refused.value.faults) == {field}
        assert not LineOfEnquiry.objects.exists()

    def test_a_case_of_another_inspection_is_not_taken(self, case, make_case, make_inspection, lead):
        other = make_case(make_inspection(), reference="X01")
        with pytest.raises(Unfit, match="There is no case X01"):
            some_line(case, lead, cases=("X01",))
        assert other.lines.count() == 0

    def test_only_those_follow_who_record_evidence_in_the_team(self, case, lead, inspector, stranger, manager, quality):
        people = set(who_may_follow(case.inspection))
        assert {lead, inspector} <= people
        assert not {stranger, manager, quality} & people
        with pytest.raises(Unfit, match="people of the team"):
            some_line(case, lead, assigned=(stranger.pk,))

    def test_changing_it_keeps_how_it_stood_and_refuses_a_stale_form(self, line, case, lead, inspector, partner):
        changed = change_line(line=line, given=line_given(case, question="Who hears of it?"), base=1, by=lead)
        assert (changed.question, list(changed.assigned.all()), changed.version) == ("Who hears of it?", [], 2)
        assert line.revisions.last().content["assigned"] == ["Pat Health"]
        with pytest.raises(StaleEntry, match="Leah Costa"):
            change_line(line=line, given=line_given(case, question="Mine?"), base=1, by=inspector)

    def test_concluding_closing_and_reopening(self, line, lead):
        with pytest.raises(Unfit, match="Enter what was found"):
            conclude(line, lead, finding=" ", closed=True)
        with pytest.raises(Unfit, match="Select key questions"):
            conclude(line, lead, informed=("9.9.9",))
        assert conclude(line, lead, closed=True).closed
        assert Event.objects.latest("pk").summary == "Closed line of enquiry L1."
        assert not conclude(line, lead, closed=False, base=2).closed
        assert Event.objects.latest("pk").summary == "Reopened line of enquiry L1."
        with pytest.raises(StaleEntry):
            conclude(line, lead, finding="Other.", base=2)

    @pytest.mark.parametrize("table", ["lineofenquiryrevision", "enquiry", "enquirydecision"])
    def test_the_database_keeps_what_was_written(self, line, table):
        with connection.cursor() as cursor:
            triggers = "pg_trigger WHERE tgname" if connection.vendor == "postgresql" else "sqlite_master WHERE name"
            cursor.execute(f"SELECT count(*) FROM {triggers} LIKE 'cases_{table}_%'")
            assert cursor.fetchone()[0] >= 2
        if table == "lineofenquiryrevision":
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("DELETE FROM cases_lineofenquiryrevision")

    @pytest.mark.parametrize(
        "write",
        [
            lambda line, by: some_line(line.cases.get(), by),
            lambda line, by: change_line(line=line, given=line_given(line.cases.get(), question="New?"), base=1, by=by),
            conclude,
            lambda line, by: arrange_meeting(line=line, given=HELD, by=by),
            lambda line, by: link_meeting(line=line, number=1, by=by),
        ],
    )
    def test_once_locked_nothing_is_taken(self, line, lead, write):
        some_evidence(line.inspection, lead)
        lock(line.inspection)
        with pytest.raises(InspectionLocked):
            write(line, lead)
        line.refresh_from_db()
        assert (line.version, Evidence.objects.count()) == (1, 1)


class TestMeetings:
    def test_one_is_evidence_and_counted_as_such(self, line, partner):
        meeting = arrange_meeting(line=line, given=HELD, by=partner)
        assert list(line.meetings.all()) == [meeting]
        assert methodology(line.inspection.evidence_entries.all(), DAY).meetings == 1
        line.refresh_from_db()
        assert (line.version, line.revisions.first().content["meetings"]) == (2, [1])

    @pytest.mark.parametrize(
        ("parts", "field"), [({"kind": "document"}, "kind"), ({"title": ""}, "title"), ({"shows": " "}, "shows")]
    )
    def test_what_does_not_fit_is_refused_at_its_field(self, line, partner, parts, field):
        with pytest.raises(Unfit) as refused:
            arrange_meeting(line=line, given=MeetingGiven(**vars(HELD) | parts), by=partner)
        assert set(refused.value.faults) == {field}

    def test_one_of_the_evidence_may_be_about_it_too(self, line, lead, make_inspection):
        meeting, document = some_evidence(line.inspection, lead), some_evidence(line.inspection, lead, kind="document")
        elsewhere = [some_evidence(make_inspection(), lead) for _ in range(1)]
        for number in (document.number, 99, None):
            with pytest.raises(Unfit, match="Select a meeting"):
                link_meeting(line=line, number=number, by=lead)
        assert link_meeting(line=line, number=meeting.number, by=lead) == meeting
        with pytest.raises(Unfit, match="not on the list"):
            link_meeting(line=line, number=meeting.number, by=lead)
        assert elsewhere[0] not in line.meetings.all()

    def test_those_without_one_are_told(self, case, lead):
        bare, planned, withdrawn, closed = (some_line(case, lead) for _ in range(4))
        ahead = timezone.localdate() + timedelta(days=1)
        arrange_meeting(line=planned, given=MeetingGiven("meeting", "Nurses", ahead), by=lead)
        meeting = arrange_meeting(line=withdrawn, given=HELD, by=lead)
        withdraw_evidence(evidence=meeting, reason="It did not take place.", by=lead)
        conclude(closed, lead, closed=True)
        with CaptureQueriesContext(connection) as queries:
            assert list(lines_without_meeting(case.inspection)) == [bare, withdrawn]
        assert len(queries) == 1


class TestAccess:
    def test_who_follows_it_reads_its_cases_and_no_others(self, signed_in, line, case, make_case, partner):
        other = make_case(case.inspection)
        client = signed_in(partner)
        assert set(own_cases(partner)) == {case}
        for name in ("case", "history", "review", "enquiries", "interview"):
            assert client.get(reverse(f"cases:{name}", args=[case.public_id])).status_code == 200
            assert client.get(reverse(f"cases:{name}", args=[other.public_id])).status_code == 404
        listed = said(client.get(reverse("cases:list", args=[case.inspection.public_id])))
        assert case.reference in listed
        assert other.reference not in listed

    def test_taken_off_it_they_read_them_no_more(self, signed_in, line, case, lead, partner):
        change_line(line=line, given=line_given(case), base=1, by=lead)
        assert signed_in(partner).get(reverse("cases:case", args=[case.public_id])).status_code == 404

    def test_a_partner_inspector_sees_only_lines_that_they_follow(self, signed_in, line, case, lead, partner):
        other = some_line(case, lead, question="Do the police know?")
        client = signed_in(partner)
        text = said(client.get(reverse("cases:lines", args=[case.inspection.public_id])))
        assert "Do health workers hear of it?" in text
        assert "Do the police know?" not in text
        address = reverse("cases:line", args=[case.inspection.public_id, other.public_id])
        assert client.get(address).status_code == 404
        assert client.post(address, {"do": "conclude", "conclude-finding": "x", "base": 1}).status_code == 404

    def test_a_partner_inspector_cannot_give_themselves_cases(self, signed_in, line, case, partner):
        client, inspection = signed_in(partner), case.inspection
        given = {"question": "Mine?", "cases": case.reference, "assigned": partner.pk, "base": 1}
        for name, parts in (("add_line", []), ("change_line", [line.public_id])):
            address = reverse(f"cases:{name}", args=[inspection.public_id, *parts])
            assert (client.get(address).status_code, client.post(address, given).status_code) == (403, 403)
        assert LineOfEnquiry.objects.get().version == 1


class TestPages:
    @pytest.fixture
    def url(self, line):
        return reverse("cases:line", args=[line.inspection.public_id, line.public_id])

    def test_one_is_set_up(self, signed_in, lead, case, make_case, partner):
        second = make_case(case.inspection)
        client, address = signed_in(lead), reverse("cases:add_line", args=[case.inspection.public_id])
        assert "Pat Health, partner inspector (health)" in said(client.get(address))
        filled = {
            "question": "Who hears?",
            "cases": f"{case.reference}, {second.reference}",
            "assigned": [str(partner.pk)],
        }
        response = send(client, address, change(fields_of(client.get(address)), filled))
        line = LineOfEnquiry.objects.get()
        assert response["Location"] == reverse("cases:line", args=[case.inspection.public_id, line.public_id])
        text = said(client.get(response["Location"]))
        for words in (
            "Who hears?",
            case.reference,
            second.reference,
            "Pat Health, partner inspector (health)",
            "None yet.",
        ):
            assert words in text
        assert "None yet" in said(client.get(reverse("cases:lines", args=[case.inspection.public_id])))

    def test_what_is_wrong_is_said_and_kept(self, signed_in, lead, inspection):
        response = fill(
            signed_in(lead),
            reverse("cases:add_line", args=[inspection.public_id]),
            {"question": "Who?", "cases": "C77"},
        )
        assert response.status_code == 400
        assert "There is no case C77 in this inspection." in said(response)
        assert fields_of(response)["question"] == "Who?"

    def test_a_stale_change_shows_both(self, signed_in, lead, inspector, line, case):
        client = signed_in(lead)
        address = reverse("cases:change_line", args=[line.inspection.public_id, line.public_id])
        opened = change(fields_of(client.get(address)), {"question": "Mine?"})
        change_line(line=line, given=line_given(case, question="Theirs?"), base=1, by=inspector)
        response = send(client, address, opened)
        assert response.status_code == 409
        assert "Theirs?" in said(response)
        assert fields_of(response)["question"] == "Mine?"
        assert send(client, address, fields_of(response)).status_code == 302
        line.refresh_from_db()
        assert line.question == "Mine?"

    def test_a_partner_inspector_writes_down_a_meeting_and_the_finding(self, signed_in, partner, line, url):
        client = signed_in(partner)
        meeting = {"do": "meeting", "meeting-kind": "focus_group", "meeting-title": "Nurses", "meeting-shows": "Late."}
        assert client.post(url, meeting).status_code == 400
        dated = meeting | {"meeting-date-day": "2", "meeting-date-month": "3", "meeting-date-year": "2026"}
        assert client.post(url, dated).status_code == 302
        assert "E1 Nurses , focus group, 2 March 2026" in said(client.get(url))
        finding = {"do": "conclude", "conclude-finding": "Late.", "conclude-informed": "1.3.3", "base": 2}
        assert client.post(url, finding | {"conclude-closed": "on"}).status_code == 302
        line.refresh_from_db()
        assert (line.finding, line.informed, line.closed) == ("Late.", ["1.3.3"], True)
        assert "Closed (1)" in said(client.get(reverse("cases:lines", args=[line.inspection.public_id])))

    def test_a_stale_finding_shows_both(self, signed_in, partner, lead, line, url):
        conclude(line, lead, finding="Theirs.")
        response = signed_in(partner).post(url, {"do": "conclude", "conclude-finding": "Mine.", "base": 1})
        assert response.status_code == 409
        assert "Theirs." in said(response)
        assert fields_of(response).getlist("conclude-finding") == ["Mine."]

    def test_what_is_wrong_with_a_meeting_is_said(self, signed_in, partner, line, url):
        response = signed_in(partner).post(url, {"do": "meeting", "meeting-shows": "Late."})
        assert response.status_code == 400
        html = response.content.decode()
        assert 'href="#id_meeting-title"' in html
        assert "<title>Error: Line of enquiry L1" in html
        assert fields_of(response)["meeting-shows"] == "Late."

    def test_a_meeting_of_the_evidence_is_added(self, signed_in, lead, line, url):
        some_evidence(line.inspection, lead)
        client = signed_in(lead)
        assert client.post(url, {"do": "link", "link-meeting": ""}).status_code == 400
        assert client.post(url, {"do": "link", "link-meeting": "1"}).status_code == 302
        assert line.meetings.count() == 1

    @pytest.mark.parametrize("do", ["", "delete"])
    def test_nothing_else_is_done(self, signed_in, lead, url, do):
        assert signed_in(lead).post(url, {"do": do}).status_code == 404

    @pytest.mark.parametrize(
        ("who", "reads", "writes"),
        [
            ("lead", 200, 302),
            ("inspector", 200, 302),
            ("manager", 200, 403),
            ("administrator", 403, 403),
            ("stranger", 404, 404),
        ],
    )
    def test_who_comes_in(self, signed_in, request, line, url, who, reads, writes):
        client = signed_in(request.getfixturevalue(who))
        assert client.get(url).status_code == reads
        assert client.get(reverse("cases:lines", args=[line.inspection.public_id])).status_code == reads
        given = {"do": "conclude", "conclude-finding": "Late.", "base": 1}
        assert client.post(url, given).status_code == writes

    def test_locked_it_is_read_only_and_keeps_what_was_typed(self, signed_in, lead, line, url):
        lock(line.inspection)
        client = signed_in(lead)
        page = client.get(url)
        assert "are locked" in said(page)
        assert "<textarea" not in page.content.decode()
        response = client.post(url, {"do": "conclude", "conclude-finding": "Late.", "base": 1})
        assert response.status_code == 409
        assert "are locked" in said(response)
        assert fields_of(response)["conclude-finding"] == "Late."

    def test_a_constant_number_of_queries(self, signed_in, lead, case, line, url):
        client, counts = signed_in(lead), []
        listed = reverse("cases:lines", args=[case.inspection.public_id])
        for _ in range(2):
            for _ in range(3):
                some_line(case, lead, assigned=(lead.pk,))
                arrange_meeting(line=line, given=HELD, by=lead)
            asked = []
            for address in (listed, url):
                client.get(address)
                with CaptureQueriesContext(connection) as queries:
                    client.get(address)
                asked.append(len(queries))
            counts.append(asked)
        assert counts[0] == counts[1]
