"""The history of each question on its own page."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.revisions import LONGEST, NEWEST
from tests.cases.posting import words_of

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def history_of(signed_in, inspector, page_of):
    def history_of(case, code, standard="2.1", user=inspector, url=None):
        html = signed_in(user).get(url or page_of(case, standard)).content.decode()
        place = html.index(f'id="question-{code}"')
        after = html.find('id="question-', place + 1)
        group = html[place : after if after > 0 else None]
        if "eh-question__history" not in group:
            return ""
        return words_of(group[group.index("History (") : group.index("</details>", group.index("History ("))])

    return history_of


def test_none_where_nothing_was_given(case, history_of):
    assert history_of(case, "2.1.1") == ""


def test_every_answer_newest_first(case, give, other_inspector, history_of):
    give(case, "2.1.1", "yes", note="Seen in the file.", source="file", at_interview=True)
    give(case, "2.1.1", "not_applicable", reason="Ended early.", by=other_inspector)
    words = history_of(case, "2.1.1")
    assert words.startswith("History (2) of 2.1.1 Not applicable Omar Brandt, ")
    assert "Reason: Ended early." in words
    assert words.index("Omar Brandt") < words.index("Ines Archer") < words.index("Note: Seen in the file.")
    assert words.endswith("Evidence from: The case file To be asked at interview")


@pytest.mark.parametrize("code", ["safety_factors", "SUP5", "SUP9.why_not"])
def test_facts_choices_and_texts(case, give, history_of, code):
    value = {"safety_factors": "true", "SUP5": '["family"]', "SUP9.why_not": "Ill"}[code]
    shown = {"safety_factors": "Yes", "SUP5": "Family", "SUP9.why_not": "Ill"}[code]
    give(case, code, value)
    give(case, code, None)
    words = history_of(case, code)
    assert "History (2)" in words
    assert words.index("Not answered") < words.index(f"{shown}")


def test_what_came_from_offline_says_so(case, give, history_of):
    since = datetime(2026, 5, 3, 13, 20, tzinfo=LONDON)
    give(case, "2.1.1", "yes", given_at=since + timedelta(minutes=20), offline_since=since)
    assert "Given 3 May 2026, 13:40, and sent after being offline since 3 May 2026, 13:20" in history_of(case, "2.1.1")


def test_what_was_sent_at_once_does_not(case, give, history_of):
    give(case, "2.1.1", "yes", given_at=timezone.now())
    assert "Given" not in history_of(case, "2.1.1")


def test_long_texts_are_cut_and_many_changes_lead_on(case, give, history_of):
    for number in range(NEWEST + 2):
        give(case, "2.1.1", "yes", note=f"Version {number}. " + "word " * LONGEST)
    words = history_of(case, "2.1.1")
    assert f"All {NEWEST + 2} changes of 2.1.1" in words
    assert "Version 2." in words
    assert "Version 1." not in words
    assert len(words) < (LONGEST + 100) * (NEWEST + 1)


def test_markup_in_a_note_is_text(signed_in, inspector, case, give, page_of):
    give(case, "2.1.1", "yes", note="<script>alert(1)</script>")
    assert "<script>alert" not in signed_in(inspector).get(page_of(case, "2.1")).content.decode()


def test_whoever_only_reads_sees_it(case, give, history_of, manager):
    give(case, "2.1.1", "yes")
    assert "History (1) of 2.1.1 Yes Ines Archer" in history_of(case, "2.1.1", user=manager)


def test_the_notebook_too(case, give, history_of):
    give(case, "notebook", "First thoughts.")
    url = reverse("cases:interview", args=[case.public_id])
    assert "History (1) of “Notebook” First thoughts." in history_of(case, "notebook", url=url)


def test_one_query_for_all_of_it(signed_in, inspector, case, give, page_of):
    client = signed_in(inspector)
    client.get(page_of(case, "2.2"))
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(case, "2.2"))
    for code in [code for code in case.questions if code.startswith("2.2.")]:
        give(case, code, "yes")
        give(case, code, "no")
    with CaptureQueriesContext(connection) as many:
        client.get(page_of(case, "2.2"))
    assert len(many) == len(few)
