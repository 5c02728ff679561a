"""An excluded case counts nowhere: every count of the product is as if it were not there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.holdings import holdings_of
from cases import morning
from cases.actions import create_case, record_answer, set_imported_state
from cases.answers import Given
from cases.arrangements import arrange_interview, say_no_file
from cases.enquiries import add_enquiry
from cases.excluding import agree_exclusion, proposals_waiting, propose_exclusion
from cases.queries import open_queries_in
from cases.reviews import draw_dip_sample, raise_query
from inspections.errors import Refused
from inspections.models import Inspection
from ratings.actions import compute, current_decisions, recompute
from ratings.agreement import what_is_missing
from ratings.annex import as_data, build_annex
from ratings.annex_one.data import as_data as as_annex_one
from ratings.annex_one.gathering import gather
from ratings.behind import look_behind
from ratings.exports.cases import CaseAnswers
from ratings.moments import after_change
from ratings.past import look_back
from ratings.policies import progress_of
from ratings.programme.tables import TABLES, columns_of, part_of
from ratings.recount import recount
from ratings.tallies import count_answers

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = timezone.localtime(NOW).date()


def past(inspection):
    then = look_back(inspection, after_change(inspection, inspection.sequence.value))
    return then.tallies, [(held.cases, held.finished) for held in then.progress.values()]


def behind(inspection):
    question = inspection.document.questions("court")["2.1.1"]
    return look_behind(inspection, question, "court").tally


def annex_one(inspection):
    found = as_annex_one(gather(inspection, everything=True))
    for sample in found["samples"]:
        del sample["excluded"]
    return {name: found[name] for name in ("cases", "samples")}


def missing(inspection):
    found = what_is_missing(inspection, compute(inspection).stored["standards"], current_decisions(inspection))
    return [held.sentence for held in found]


def annex(inspection):
    return as_data(build_annex(inspection, recompute(inspection_id=inspection.pk)))["domains"]


def most_to_draw(inspection):
    with pytest.raises(Refused) as refused:
        draw_dip_sample(inspection=inspection, by=inspection.memberships.first().user, size=99)
    return str(refused.value)


def programme(inspection):
    recompute(inspection_id=inspection.pk)
    codes = sorted(inspection.document.standards)
    part, found = part_of(inspection.pk, TABLES, codes), {}
    for table, rows in part.rows.items():
        names = [column.name for column in columns_of(table, codes)]
        held = [dict(zip(names, row, strict=True)) for row in rows]
        # What says of itself that it does not count is there, and when it all was changes with every change.
        found[table] = [
            {name: value for name, value in row.items() if name not in ("sequence", "computed_at")}
            for row in held
            if row.get("counted", True)
        ]
    return found


def page(name, *keys):
    """Return a function that gives what a page of an inspection is made with, under these keys."""

    def found(inspection, client):
        context = client.get(reverse(name, args=[inspection.public_id])).context
        return [context[key] for key in keys]

    return found


def case_list(inspection, client):
    (samples,) = page("cases:list", "samples")(inspection, client)
    return [(sample["label"], [row["case"].reference for row in sample["cases"]]) for sample in samples]


COUNTS = {
    "results": lambda inspection: compute(inspection).stored["tallies"],
    "answers counted": lambda inspection: count_answers(inspection.document, inspection.pk),
    "answers recounted": recount,
    "as it was": past,
    "progress": lambda inspection: [(held.cases, held.finished) for held in progress_of(inspection).values()],
    "behind a percentage": behind,
    "annex 1": annex_one,
    "annex 2": annex,
    "what stands in the way of locking": missing,
    "cases with answers taken out": lambda inspection: [
        row for row in CaseAnswers(inspection).rows() if row[4] == "yes"
    ],
    "programme": programme,
    "cases of today": morning.counted_cases,
    "interviews of today": lambda inspection: morning.interviews_on(TODAY, morning.counted_cases(inspection)),
    "blocked": lambda inspection: morning.blocked(morning.counted_cases(inspection), {}),
    "by standard": lambda inspection: morning.progress_by_standard(inspection, morning.counted_cases(inspection)),
    "not applicable since yesterday": lambda inspection: morning.not_applicable_since(inspection, morning.since(NOW)),
    "facts changed since yesterday": lambda inspection: morning.facts_changed_since(inspection, morning.since(NOW)),
    "queries": open_queries_in,
    "proposed exclusions": lambda inspection: list(proposals_waiting(inspection)),
    "dip samples": most_to_draw,
}
PAGES = {
    "case list": case_list,
    "team": page("cases:team", "members", "left"),
    "allocation": page("cases:allocation", "load"),
    "reviews": page("cases:reviews", "states", "queries"),
    "timetable": page("cases:timetable", "days", "unarranged"),
    "results page": page("ratings:results", "domains"),
}


def add(inspection, reference, state, inspector, lead):
    """Add a case in which there is something for every count, and return it."""
    case = create_case(
        inspection=inspection,
        reference=reference,
        sample="court",
        disposal="referral_order",
        allocated_to=inspector,
        by=lead,
    )
    for question, value in (("2.1.1", "yes"), ("2.1.2", "no"), ("2.2.1.a", "yes"), ("safety_factors", "true")):
        record_answer(case=case, by=inspector, given=Given(question, value))
    for question, value in (("2.1.2", "not_applicable"), ("2.2.1.a", "not_applicable"), ("safety_factors", "false")):
        record_answer(
            case=case,
            by=inspector,
            given=Given(question, value, reason="So." * ("." in question), base=1, change_reason="Seen."),
        )
    arrange_interview(case=case, at=NOW + timedelta(seconds=1), was=None, by=inspector)
    say_no_file(case=case, because="Archived.", was="", by=inspector)
    raise_query(case=case, by=lead, text="Why?")
    add_enquiry(case=case, line=None, text="The nurse was not told.", by=lead)
    set_imported_state(case=case, state=state, by=lead)
    return case


@pytest.fixture
def counted(inspection, inspector, lead, client):
    """Return a function that gives every count of an inspection, by name."""

    def count():
        fresh = Inspection.objects.select_related("service", "standards", "lifecycle", "sequence").get(pk=inspection.pk)
        client.force_login(lead)
        found = {name: of(fresh) for name, of in COUNTS.items()}
        found["cases still allocated"] = holdings_of(inspector)
        return found | {name: of(fresh, client) for name, of in PAGES.items()}

    add(inspection, "C01", "submitted", inspector, lead)
    return count


def test_an_excluded_case_counts_nowhere(counted, inspection, inspector, lead):
    def repeated(counts):
        return {name: repr(found) for name, found in counts.items()}

    before = counted()
    added = [
        add(inspection, f"X{number}", state, inspector, lead)
        for number, state in enumerate(("in_progress", "submitted"))
    ]
    proposals = [propose_exclusion(case=case, reason="no_file", words="Lost.", by=inspector) for case in added]
    between = counted()
    # Each of these counts does count a case while it is in the sample.
    assert {name for name in before if repr(between[name]) == repr(before[name])} == set()
    for proposal in proposals:
        agree_exclusion(proposal=proposal, by=lead)
    assert repeated(counted()) == repeated(before)
