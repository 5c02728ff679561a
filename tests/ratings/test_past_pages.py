"""The pages of the past: the figures of a moment, two moments compared, and who may see what of them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.append_only import door_open
from audit.models import Event
from cases.actions import exclude_case, record_answer, set_imported_state
from cases.answers import Given
from cases.models import AnswerRevision, CaseRevision
from inspections.actions import record_judgement
from inspections.lifecycle import Step
from inspections.models import Inspection, LifecycleStep
from ratings.actions import decide_discretion, lock_ratings, recompute
from ratings.discretion.actions import propose, refuse, write_reason
from ratings.unlocking import ask_to_unlock, grant_unlock
from ratings.views.past import ON_A_PAGE
from tests.people import person
from tests.ratings.tables import table, tables
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db

RATINGS = ("Inadequate", "Requires improvement", "Good", "Outstanding")
PAGES = {"ratings:inspection": (), "ratings:annex": (), "ratings:results": (), "ratings:question": ("2.1.1",)}


def sequence_of(inspection):
    return Inspection.objects.get(pk=inspection.pk).sequence.value


def give(case, by, question="2.1.1", value="yes", **parts):
    return record_answer(case=case, by=by, given=Given(question=question, value=value, **parts)).sequence


def shown(client, name, inspection, *more, **query):
    response = client.get(reverse(name, args=[inspection.public_id, *more]), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def said(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def moved(sefton, lead, settle):
    """Return Sefton, its sequence as loaded, and that of an answer changed since: 2.3.2 from 15 of 23 to 14 of 23."""
    settle()
    before = sequence_of(sefton)
    answer = sefton.cases.filter(answers__question="2.3.2", answers__value="yes").order_by("reference").first()
    row = answer.answers.get(question="2.3.2")
    after = give(answer, lead, "2.3.2", "no", base=row.version, change_reason="Read again.", note="See the log.")
    settle()
    return sefton, before, after


class TestFiguresOfAMoment:
    @pytest.mark.parametrize(("name", "more"), PAGES.items())
    def test_each_page_is_as_it_was(self, signed_in, lead, moved, name, more):
        inspection, before, after = moved
        client = signed_in(lead)
        now, then = (shown(client, name, inspection, *more, at=at) for at in (after, before))
        assert tables(now) == tables(shown(client, name, inspection, *more))
        assert f"This is how it was after change {before} of {after}" in said(then)
        if name != "ratings:question":
            assert tables(then) != tables(now)

    def test_the_percentage_the_case_and_the_rating_of_then(self, signed_in, lead, moved):
        inspection, before, after = moved
        client = signed_in(lead)
        for at, percent, score in ((before, "65%", "12/36"), (after, "61%", "11/36")):
            assert score in shown(client, "ratings:inspection", inspection, at=at)
            text = said(shown(client, "ratings:question", inspection, "2.3.2", at=at))
            assert percent in text
            assert ("15 yes 8 no" if at == before else "14 yes 9 no") in text
            assert ("See the log." in text) == (at == after)

    def test_the_page_of_a_moment_says_how_it_stood(self, signed_in, lead, moved):
        inspection, before, after = moved
        html = shown(signed_in(lead), "ratings:as_it_was", inspection, at=before)
        assert "12/36" in html
        assert "Fieldwork" in html
        assert table(html, "Cases")[1] == ["Court cases", "24 of 24", "None"]
        assert f"?at={before - 1}" in html
        assert f"?at={after}" in html
        assert "One change later" not in shown(signed_in(lead), "ratings:as_it_was", inspection, at=after)

    def test_pages_of_a_moment_lead_to_one_another_and_back_to_now(self, signed_in, lead, moved):
        inspection, before, _ = moved
        html = shown(signed_in(lead), "ratings:results", inspection, at=before)
        for name, more in PAGES.items():
            assert f'href="{reverse(name, args=[inspection.public_id, *more])}?at={before}"' in html
        assert 'href="?"' in html
        assert "as it was" in re.search("<title>(.*?)</title>", html, re.DOTALL)[1]

    def test_nothing_of_the_past_is_taken_out(self, signed_in, lead, moved):
        inspection, before, _ = moved
        assert "Take Annex 2 out" in shown(signed_in(lead), "ratings:annex", inspection)
        assert "Take Annex 2 out" not in shown(signed_in(lead), "ratings:annex", inspection, at=before)

    @pytest.mark.parametrize("name", [*PAGES, "ratings:as_it_was"])
    @pytest.mark.parametrize("at", ["0", "999999", "nonsense", "", "2999-01-01T00:00:00", "1\x00"])
    def test_what_is_no_moment_is_not_found(self, signed_in, lead, sefton, name, at):
        address = reverse(name, args=[sefton.public_id, *PAGES.get(name, ())])
        assert signed_in(lead).get(address, {"at": at}).status_code == 404


class TestHiding:
    @pytest.fixture
    def finished(self, closed, lead, finish, settle):
        """Return Sefton with hidden figures: its sequence while two cases were open, and once all were submitted."""
        before = sequence_of(closed)
        finish(closed, lead)
        settle()
        return closed, before, sequence_of(closed)

    def test_going_back_shows_nothing_that_nobody_may_see_now(self, signed_in, closed, lead, finish):
        finish(closed, lead)
        complete = sequence_of(closed)
        case = closed.cases.filter(sample="court").first()
        set_imported_state(case=case, state="returned", by=lead)
        client = signed_in(lead)
        for name, more in PAGES.items():
            html = shown(client, name, closed, *more, at=complete)
            assert "/36" not in html
            court = [cell for held, rows in tables(html) if held[:2] == "2." for row in rows[1:] for cell in row]
            assert not [cell for cell in court if "%" in cell or cell in RATINGS]
        assert not tables(shown(client, "ratings:question", closed, "2.1.1", at=complete))
        html = shown(client, "ratings:results", closed, at=complete)
        assert "Figures are not shown until every case is submitted: 23 of 24 court cases are." in html
        assert "12/36" not in shown(client, "ratings:as_it_was", closed, at=complete)

    def test_what_was_hidden_then_stays_hidden(self, signed_in, lead, finished):
        inspection, before, after = finished
        client = signed_in(lead)
        then = shown(client, "ratings:results", inspection, at=before)
        assert "Figures were not shown then: 22 of 24 court cases were submitted." in then
        assert "12/36" not in then
        assert "12/36" in shown(client, "ratings:results", inspection, at=after)

    def test_comparing_leaves_out_what_is_hidden_at_either(self, signed_in, lead, finished, settle):
        inspection, before, _ = finished
        html = shown(signed_in(lead), "ratings:compare", inspection, since=before)
        assert "Left out" in html
        assert "2. Court disposals" in html
        assert "/36" not in html
        assert not [cell for _, rows in tables(html) for row in rows for cell in row if cell.startswith("2.")]

    def test_discretion_tells_nothing_of_hidden_figures(self, signed_in, rated, lead):
        decide_discretion(
            inspection=rated,
            standard="2.4",
            to_rating="requires_improvement",
            reason="One case.",
            decided_by="A",
            ratified_by="B",
            by=lead,
        )
        client = signed_in(lead)
        assert "2.4.3 at 45%, 9 of 20" in shown(client, "ratings:compare", rated)
        Inspection.objects.filter(pk=rated.pk).update(figures_open=False)
        html = shown(client, "ratings:compare", rated)
        assert "Professional discretion on 2.4" in html
        assert "45%" not in html
        assert "One case." not in html


class TestCompare:
    def test_what_moved_and_what_moved_it(self, signed_in, lead, moved):
        inspection, before, after = moved
        html = shown(signed_in(lead), "ratings:compare", inspection, since=before)
        assert "12/36" in html
        assert "11/36" in html
        (row,) = table(html, "Ratings that changed")[1:]
        assert [row[0][:3], *row[1:]] == ["2.3", "Good", "Requires improvement"]
        (row,) = table(html, "Percentages and counts")[1:]
        assert row[0].startswith("2.3.2")
        assert row[1:] == ["65% 15 of 23", "61% 14 of 23", "yes: 15 → 14 no: 8 → 9"]
        text = said(html)
        assert "1 change, the newest first." in text
        assert "2.3.2 changed from “Yes” to “No”" in text
        assert "Leah Costa" in text
        assert "Read again." in text
        assert "See the log." in text
        assert f"Change {after}" in text

    def test_every_kind_of_change_is_said_and_leads_somewhere(self, signed_in, rated, lead, inspector):
        before = sequence_of(rated)
        case = rated.cases.get(reference="court0")
        give(case, inspector, "safety_factors", "false", change_reason="Known from the interview.")
        give(case, inspector, "2.1.1.a", "no", note="No plan was on file.")
        exclude_case(case=rated.cases.get(reference="court19"), reason="file cannot be had", by=lead)
        set_imported_state(case=case, state="submitted", by=lead)
        record_judgement(inspection=rated, standard="1.1", rating="outstanding", rationale="Heard more.", by=lead)
        recompute(inspection_id=rated.pk)
        decide_discretion(
            inspection=rated,
            standard="2.4",
            to_rating="requires_improvement",
            reason="One case.",
            decided_by="A",
            ratified_by="B",
            by=lead,
        )
        client = signed_in(lead)
        html = shown(client, "ratings:compare", rated, since=before)
        text = said(html)
        for words in (
            "answered “No”",
            "Known from the interview.",
            "No plan was on file.",
            "Case excluded",
            "file cannot be had",
            "Case changed from “In progress” to “Submitted”",
            "1.1 changed from “Good” to “Outstanding” by judgement",
            "Heard more.",
            "Professional discretion on 2.4: ratified",
            "One case.",
        ):
            assert words in text, words
        listed = html[html.index('id="changes"') : html.index("Compare with another moment")]
        links = set(re.findall(r'href="(/[^"#]+)', listed))
        assert len(links) > 8
        for link in links:
            assert client.get(link.replace("&amp;", "&")).status_code == 200, link

    def test_each_step_of_discretion_is_said(self, signed_in, rated, lead, manager):
        reasoned = write_reason(
            inspection=rated,
            standard="2.4",
            to_rating="requires_improvement",
            reason="Ten cases show it.",
            evidence="Both teams spoke of it.",
            by=lead,
        )
        proposal = propose(inspection=rated, standard="2.4", written=reasoned.pk, by=lead)
        refuse(inspection=rated, standard="2.4", proposal=proposal.pk, remark="Too thin as yet.", by=manager)
        text = said(shown(signed_in(lead), "ratings:compare", rated, since=reasoned.sequence - 1))
        for words in (
            "Professional discretion on 2.4: reason written",
            "Professional discretion on 2.4: proposed",
            "Professional discretion on 2.4: refused",
            "with 2.4.3 at 45%, 9 of 20",
            "Ten cases show it.",
            "Both teams spoke of it.",
            "Too thin as yet.",
        ):
            assert words in text, words
        assert "ratified by" not in text

    def test_the_whole_history_begins_with_the_creation(self, signed_in, lead, inspection, case):
        text = said(shown(signed_in(lead), "ratings:compare", inspection))
        assert "Case added to the sample, allocated" in text
        assert "Inspection created" not in text  # the change that it begins after

    def test_nothing_between_is_said(self, signed_in, lead, moved):
        inspection, _, after = moved
        text = said(shown(signed_in(lead), "ratings:compare", inspection, since=after))
        assert "No rating changed." in text
        assert "No percentage changed." in text
        assert "Nothing that can move a rating was changed between these moments." in text

    def test_moments_the_wrong_way_round_are_turned(self, signed_in, lead, moved):
        inspection, before, after = moved
        address = reverse("ratings:compare", args=[inspection.public_id])
        response = signed_in(lead).get(address, {"since": after, "at": before})
        assert response.url == f"{address}?since={before}&at={after}"

    def test_many_changes_are_shown_page_by_page(self, signed_in, lead, inspector, inspection, make_case):
        case = make_case(inspection)
        for number in range(ON_A_PAGE + 3):
            give(case, inspector, "2.1.1", "yes", base=number, note=f"Note {number}.")
        client = signed_in(lead)
        first = shown(client, "ratings:compare", inspection)
        second = shown(client, "ratings:compare", inspection, page=2)
        assert first.count('class="eh-history__what"') == ON_A_PAGE
        assert "Note 52." in first
        assert "Note 0." not in first
        assert "Note 0." in second

    def test_it_takes_as_many_queries_however_many_changes(self, signed_in, lead, inspector, inspection, make_case):
        client = signed_in(lead)

        def queries():
            with CaptureQueriesContext(connection) as sent:
                shown(client, "ratings:compare", inspection)
            return len(sent)

        def work():
            case = make_case(inspection)
            give(case, inspector)
            give(case, inspector, value="no", base=1, change_reason="Read again.")
            record_judgement(inspection=inspection, standard="1.1", rating="good", rationale="Seen.", by=lead)

        work()
        few = queries()
        for _ in range(4):
            work()
        assert queries() == few

    def test_changes_are_shown_to_those_who_may_see_cases(self, moved, manager, administrator):
        inspection, before, _ = moved
        for somebody, sees in ((manager, True), (administrator, False)):
            client = Client()
            client.force_login(somebody)
            html = shown(client, "ratings:compare", inspection, since=before)
            assert "61%" in html
            assert ("Read again." in html) == sees
            assert ("changed from “Yes” to “No”" in html) == sees

    def test_reading_them_from_outside_the_team_is_recorded(self, moved, manager, administrator, lead):
        inspection, before, after = moved
        for somebody in (lead, administrator, manager):
            client = Client()
            client.force_login(somebody)
            shown(client, "ratings:compare", inspection, since=before)
        (event,) = Event.objects.filter(action="evidence.read")
        assert event.who == manager.name
        assert event.summary == (f"Opened the changes of cases from change {before} to {after}, from outside the team.")


class TestForm:
    def ask(self, client, inspection, name="ratings:as_it_was", **given):
        given = {key.replace("date_", "date-"): value for key, value in given.items()}
        return client.get(reverse(name, args=[inspection.public_id]), given)

    def test_a_number_leads_to_its_moment(self, signed_in, lead, sefton):
        response = self.ask(signed_in(lead), sefton, how="change", change=" 7 ")
        assert response.url.endswith("/as-it-was/?at=7")

    def test_a_date_and_time_lead_to_their_moment(self, signed_in, lead, sefton):
        local = timezone.localtime()
        date = {"date_day": local.day, "date_month": local.month, "date_year": local.year}
        response = self.ask(signed_in(lead), sefton, how="time", time=f"{local:%H:%M:%S}", **date)
        assert response.url.endswith(f"?at={local:%Y-%m-%dT%H%%3A%M%%3A%S}")
        page = signed_in(lead).get(response.url)
        assert f"at {local:%H:%M:%S} on {local.day} {local:%B %Y}" in page.content.decode()

    def test_without_seconds_the_whole_minute_is_in(self, signed_in, lead, sefton):
        Inspection.objects.get(pk=sefton.pk)
        local = timezone.localtime()
        date = {"date_day": local.day, "date_month": local.month, "date_year": local.year}
        response = self.ask(signed_in(lead), sefton, how="time", time=f"{local:%H:%M}", **date)
        assert response.status_code == 302  # the minute that is running ends now
        assert f"?at={local:%Y-%m-%dT%H}" in response.url
        tomorrow = local + timedelta(days=1)
        date = {"date_day": tomorrow.day, "date_month": tomorrow.month, "date_year": tomorrow.year}
        response = self.ask(signed_in(lead), sefton, how="time", time="14:02", **date)
        assert "That is still to come." in response.content.decode()

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"how": ""}, "Select whether you know the time or the number of a change."),
            ({"how": "change"}, "Enter the number of a change, such as 57."),
            ({"how": "change", "change": "many"}, "Enter the number of a change, such as 57."),
            ({"how": "change", "change": "9" * 5000}, "Enter the number of a change, such as 57."),
            ({"how": "change", "change": "99999"}, "Changes are numbered from 1 to"),
            ({"how": "time"}, "Enter a date."),
            ({"how": "time", "date_day": "31", "date_month": "2", "date_year": "2026"}, "Enter a real date"),
            ({"how": "time", "time": "noon"}, "Enter a time on the 24-hour clock"),
            (
                {"how": "time", "time": "10:00", "date_day": "1", "date_month": "1", "date_year": "2001"},
                "This inspection was created at",
            ),
        ],
    )
    @pytest.mark.parametrize("name", ["ratings:as_it_was", "ratings:compare"])
    def test_what_is_wrong_is_said_and_what_was_typed_kept(self, signed_in, lead, sefton, name, given, sentence):
        html = self.ask(signed_in(lead), sefton, name, **given).content.decode()
        assert sentence in html
        assert "<title>Error: " in re.sub(r">\s+", ">", html)
        for value in filter(None, given.values()):
            assert f'value="{value}"' in html

    def test_comparing_with_a_moment_keeps_the_first(self, signed_in, lead, sefton):
        response = self.ask(signed_in(lead), sefton, "ratings:compare", since="3", how="change", change="9")
        assert response.url.endswith("/as-it-was/compare/?since=3&at=9")


def test_people_outside_see_nothing_of_it(sefton, stranger):
    outsider = person("Lou Assessor")
    for somebody in (stranger, outsider):
        client = Client()
        client.force_login(somebody)
        for name in ("ratings:as_it_was", "ratings:compare"):
            assert client.get(reverse(name, args=[sefton.public_id])).status_code == 404


def test_the_annex_of_a_locked_moment_says_who_locked_it(signed_in, lead, sefton, settle):
    settle()
    lock_ratings(inspection=make_ready(sefton, lead), by=lead)
    html = shown(signed_in(lead), "ratings:annex", sefton, at=sequence_of(sefton))
    assert "Ratings locked by Leah Costa" in html
    earlier = shown(signed_in(lead), "ratings:annex", sefton, at=sequence_of(sefton) - 1)
    assert "Ratings locked" not in earlier


def test_across_an_unlock_each_moment_is_as_it_was(signed_in, lead, manager, sefton, settle):
    settle()
    frozen = lock_ratings(inspection=make_ready(sefton, lead), by=lead)
    grant_unlock(request=ask_to_unlock(inspection=sefton, reason="Counted twice.", by=lead), by=manager)
    case = sefton.cases.filter(answers__question="2.3.2", answers__value="yes").order_by("reference").first()
    set_imported_state(case=case, state="returned", by=lead)
    row = case.answers.get(question="2.3.2")
    after = give(case, lead, "2.3.2", "no", base=row.version, change_reason="Read again.")
    settle()
    with door_open("tests set the clock"):  # unlocked a minute after it was locked, changed after another
        LifecycleStep.objects.filter(step=Step.UNLOCK).update(at=F("at") + timedelta(minutes=1))
        for model in (AnswerRevision, CaseRevision):
            changed = model.objects.filter(case=case, sequence__gt=frozen.sequence)
            changed.update(at=F("at") + timedelta(minutes=2))
    client, locked = signed_in(lead), frozen.at.replace(microsecond=0).isoformat()
    for at, percent, score, state in (
        (locked, "65%", "12/36", "Ratings agreed"),
        (frozen.sequence, "65%", "12/36", "Moderation"),
        (after, "61%", "11/36", "Moderation"),
    ):
        assert score in shown(client, "ratings:inspection", sefton, at=at)
        assert percent in said(shown(client, "ratings:question", sefton, "2.3.2", at=at))
        assert state in said(shown(client, "ratings:as_it_was", sefton, at=at))
        assert ("Ratings locked by Leah Costa" in shown(client, "ratings:annex", sefton, at=at)) == (at == locked)
    html = shown(client, "ratings:compare", sefton, since=locked)
    (row,) = table(html, "Percentages and counts")[1:]
    assert row[1:] == ["65% 15 of 23", "61% 14 of 23", "yes: 15 → 14 no: 8 → 9"]
    assert "2.3.2 changed from “Yes” to “No”" in said(html)
