"""Who changed what on a case."""

import re
from datetime import UTC, datetime
from unittest import mock

import pytest
from django.urls import reverse

from cases.actions import exclude_case
from cases.excluding import agree_exclusion, decline_exclusion, propose_exclusion, restore_to_sample
from tests.cases.posting import words_of


@pytest.fixture
def entries(signed_in, manager):
    """Return a function that gives the entries of a case's history as texts."""

    def of(case, **query):
        html = signed_in(manager).get(reverse("cases:history", args=[case.public_id]), query).content.decode()
        items = re.search(r'<ol class="eh-history">(.*?)</ol>', html, flags=re.S)[1]
        return [words_of(text) for text in re.findall(r"<li>(.*?)</li>", items, flags=re.S)]

    return of


def test_newest_first_with_old_and_new_in_words(entries, case, give, lead):
    give(case, "2.1.1", "yes", note="Seen in the file.")
    give(case, "2.1.1", "not_applicable", reason="not yet due", by=lead)
    give(case, "2.1.1", None, by=lead)
    whats = [text.split(" Does assessment")[0] for text in entries(case)]
    assert whats[:3] == [
        "2.1.1 cleared, from “Not applicable”",
        "2.1.1 changed from “Yes” to “Not applicable”",
        "Case changed from “Allocated” to “In progress” Ines Archer, " + whats[2].split("Archer, ")[1],
    ]
    assert whats[3] == "2.1.1 answered “Yes”"
    assert whats[4].startswith("Case added to the sample, allocated")
    assert "Reason removed" in entries(case)[0]
    assert "Leah Costa" in entries(case)[1]
    assert "Reason not yet due" in entries(case)[1]
    assert "Note removed" in entries(case)[1]
    assert "Note Seen in the file." in entries(case)[3]


def test_facts_choices_and_texts(entries, case, give):
    give(case, "safety_factors", "true")
    give(case, "2.2.2", "no")
    give(case, "safety_factors", "false", change_reason="The interview showed otherwise.")
    give(case, "SUP5", '["lifestyle", "family"]')
    give(case, "SUP9.why_not", "On leave")
    give(case, "SUP9.why_not", "Ill")
    give(case, "SUP9.why_not", None)
    texts = entries(case)
    assert texts[0].startswith("“Why was the case manager not interviewed?” emptied")
    assert "rewritten" in texts[1]
    assert texts[1].endswith("Ill")
    assert texts[2].endswith("On leave")
    assert "answered “Lifestyle, Family”" in texts[3]
    assert "changed from “Yes” to “No”" in texts[4]
    assert texts[4].endswith("Why it was changed The interview showed otherwise.")


def test_notes_reasons_for_asking_and_sources(entries, case, give):
    give(case, "safety_factors", "false")
    give(case, "2.2.2", "no", asked_because="The file speaks of self-harm.", source="file", at_interview=True)
    give(case, "2.2.2", "no", asked_because="The file speaks of self-harm.", source="both", note="More.")
    texts = entries(case)
    assert texts[0].startswith("2.2.2 left at “No”")
    assert "Evidence from Both" in texts[0]
    assert "No longer to be asked at interview" in texts[0]
    assert "Asked because" not in texts[0]
    assert "Asked because The file speaks of self-harm." in texts[1]
    assert "To be asked at interview" in texts[1]


def test_exclusion(entries, case, lead):
    exclude_case(case=case, reason="Conflict of interest", by=lead)
    assert entries(case)[0].startswith("Case excluded Leah Costa")
    assert entries(case)[0].endswith("Conflict of interest")


def test_steps_of_an_exclusion(entries, case, inspector, lead, give):
    give(case, "2.1.1", "yes")
    declined = propose_exclusion(case=case, reason="conflict", words="A neighbour.", by=inspector)
    decline_exclusion(proposal=declined, words="Of somebody else.", by=lead)
    proposal = propose_exclusion(case=case, reason="no_file", words="It was lost.", by=inspector)
    agree_exclusion(proposal=proposal, words="I asked too.", by=lead)
    restore_to_sample(case=case, words="It was found.", by=lead)
    told = [re.sub(r", \d+ \w+ \d{4}, \d\d:\d\d", "", text) for text in entries(case)]
    assert told[:5] == [
        "Case restored to the sample Leah Costa Why It was found.",
        "Case excluded Leah Costa Reason The file cannot be had: It was lost. Words beside it I asked too.",
        "Exclusion proposed Ines Archer The file cannot be had It was lost.",
        "Declined: the case stays in the sample Leah Costa Why Of somebody else.",
        "Exclusion proposed Ines Archer Conflict of interest A neighbour.",
    ]
    assert told[5].startswith("Case changed from “Allocated” to “In progress”")
    assert len(entries(case, question="2.1.1")) == 1


def test_one_question_alone(entries, case, give):
    give(case, "2.1.1", "yes")
    give(case, "2.1.2", "no")
    give(case, "2.1.1", "no")
    assert len(entries(case, question="2.1.1")) == 2
    assert len(entries(case)) == 5


def test_in_pages(entries, sefton):
    case = sefton.cases.get(reference="C01")
    first, second = entries(case), entries(case, page=2)
    assert len(first) == 50
    assert len(second) == case.revisions.count() + case.case_revisions.count() - 50
    assert second[-1].startswith("Case added to the sample")
    assert entries(case, page="none") == first


def test_in_local_time(entries, case, give):
    summer = datetime(2026, 7, 1, 13, 2, tzinfo=UTC)
    with mock.patch("cases.actions.timezone.now", return_value=summer):
        give(case, "2.1.1", "yes")
    assert "1 July 2026, 14:02" in entries(case, question="2.1.1")[0]


def test_a_long_note_is_folded_away(signed_in, inspector, case, give):
    give(case, "2.1.1", None, note="x" * 40_000)
    html = signed_in(inspector).get(reverse("cases:history", args=[case.public_id])).content.decode()
    assert "Note (40,000 characters)" in html
