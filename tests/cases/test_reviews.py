"""The writers of reviews: queries, returning, agreeing, taking back, dip samples."""

import hashlib

import pytest

from audit.models import Event
from cases.actions import exclude_case, set_imported_state
from cases.changes import after_key_question, after_submission, first_submitted
from cases.errors import InvalidAnswer, UnknownQuestion
from cases.models import AnswerRevision, CaseRevision, Query, QueryReply
from cases.policies import open_queries
from cases.reviews import (
    agree_case,
    close_query,
    draw_dip_sample,
    drawn_by,
    raise_query,
    reply_to_query,
    return_case,
    take_back_case,
)
from inspections.errors import InspectionLocked, Refused
from inspections.models import Lifecycle, Sequence, State
from tests.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(case, give, lead):
    """A submitted case with two answers of the inspector."""
    give(case, "2.1.1", "yes")
    give(case, "2.1.1.a", "yes")
    set_imported_state(case=case, state="submitted", by=lead)
    case.refresh_from_db()
    return case


@pytest.fixture
def query(submitted, lead):
    return raise_query(case=submitted, by=lead, question="2.1.1", text="Where is it written?")


def lock(inspection):
    Lifecycle.objects.filter(inspection=inspection).update(state=State.LOCKED)


def last_event():
    return Event.objects.latest("pk")


class TestQueries:
    def test_raised_about_a_question(self, query, submitted, lead):
        assert (query.case, query.question, query.text, query.by) == (submitted, "2.1.1", "Where is it written?", lead)
        event = last_event()
        assert (event.action, event.who, event.reason) == ("query.raised", lead.name, "Where is it written?")
        assert event.summary == f"Raised a query about 2.1.1 in case {submitted.reference}."
        assert list(open_queries()) == [query]

    def test_raised_about_the_whole_case(self, submitted, lead):
        assert raise_query(case=submitted, by=lead, text="Is this the right file?").question == ""
        assert last_event().summary == f"Raised a query about case {submitted.reference}."

    def test_moves_no_figure(self, submitted, lead):
        before = Sequence.objects.get(inspection=submitted.inspection).value
        raise_query(case=submitted, by=lead, text="Why?")
        assert Sequence.objects.get(inspection=submitted.inspection).value == before

    @pytest.mark.parametrize("text", ["", "  \n"])
    def test_needs_a_text(self, submitted, lead, text):
        with pytest.raises(Refused, match="Say what you ask"):
            raise_query(case=submitted, by=lead, text=text)
        assert not Query.objects.exists()

    def test_a_text_that_cannot_be_stored(self, submitted, lead):
        with pytest.raises(InvalidAnswer, match="100,000 is the most"):
            raise_query(case=submitted, by=lead, text="x" * 100_001)

    def test_about_no_question_of_the_case(self, submitted, lead):
        with pytest.raises(UnknownQuestion, match=r"no question 3\.1\.1"):
            raise_query(case=submitted, by=lead, question="3.1.1", text="Why?")

    def test_replied_to_and_closed(self, query, inspector, lead):
        reply = reply_to_query(query=query, by=inspector, text="On page 3.")
        assert (reply.closes, reply.by) == (False, inspector)
        assert last_event().action == "query.replied"
        closing = close_query(query=query, by=lead, text="Found it.")
        assert (closing.closes, closing.by) == (True, lead)
        assert last_event().action == "query.closed"
        assert not open_queries().exists()

    @pytest.mark.parametrize("write", [reply_to_query, close_query])
    def test_a_closed_one_stays_closed(self, query, inspector, lead, write):
        close_query(query=query, by=lead, text="Found it.")
        with pytest.raises(Refused, match="Leah Costa closed this query already"):
            write(query=query, by=inspector, text="And another thing.")
        assert QueryReply.objects.count() == 1

    @pytest.mark.parametrize(
        ("write", "sentence"), [(reply_to_query, "Write a reply"), (close_query, "how the query was settled")]
    )
    def test_a_reply_needs_a_text(self, query, lead, write, sentence):
        with pytest.raises(Refused, match=sentence):
            write(query=query, by=lead, text=" ")

    def test_none_in_a_case_not_begun(self, case, lead):
        with pytest.raises(Refused, match="Nothing is answered"):
            raise_query(case=case, by=lead, text="Why?")


class TestReturning:
    def test_with_a_query_raised_in_the_same_step(self, submitted, lead):
        returned = return_case(case=submitted, by=lead, question="2.1.1", text="Where?")
        assert returned.state == "returned"
        assert [query.text for query in open_queries()] == ["Where?"]
        revision = CaseRevision.objects.latest("sequence")
        assert (revision.state, revision.by) == ("returned", lead)
        event = last_event()
        assert (event.action, event.reason) == ("case.returned", "Where?")

    def test_with_a_query_raised_before(self, query, submitted, lead):
        assert return_case(case=submitted, by=lead).state == "returned"
        assert Query.objects.count() == 1

    def test_without_an_open_query(self, query, submitted, lead):
        close_query(query=query, by=lead, text="Found it.")
        with pytest.raises(Refused, match="returned with a query"):
            return_case(case=submitted, by=lead)
        submitted.refresh_from_db()
        assert submitted.state == "submitted"

    def test_an_agreed_case(self, submitted, lead):
        agree_case(case=submitted, by=lead)
        assert return_case(case=submitted, by=lead, text="I was too quick.").state == "returned"

    def test_twice(self, query, submitted, lead):
        return_case(case=submitted, by=lead)
        with pytest.raises(Refused, match="returned already"):
            return_case(case=submitted, by=lead)


class TestAgreeing:
    def test_moves_the_case_on(self, submitted, lead):
        before = Sequence.objects.get(inspection=submitted.inspection).value
        assert agree_case(case=submitted, by=lead).state == "agreed"
        revision = CaseRevision.objects.latest("sequence")
        assert (revision.state, revision.sequence) == ("agreed", before + 1)
        assert last_event().action == "case.agreed"

    def test_not_by_whoever_gave_most_answers(self, submitted, inspector):
        with pytest.raises(Refused, match="second pair of eyes"):
            agree_case(case=submitted, by=inspector)

    def test_not_while_a_query_is_open(self, query, submitted, lead):
        with pytest.raises(Refused, match="1 query is open"):
            agree_case(case=submitted, by=lead)

    def test_twice(self, submitted, lead):
        agree_case(case=submitted, by=lead)
        with pytest.raises(Refused, match="agreed already"):
            agree_case(case=submitted, by=lead)


class TestTakingBack:
    def test_with_a_reason(self, submitted, inspector):
        assert take_back_case(case=submitted, by=inspector, reason="The interview brought news.").state == "in_progress"
        event = last_event()
        assert (event.action, event.reason) == ("case.taken_back", "The interview brought news.")
        assert CaseRevision.objects.latest("sequence").state == "in_progress"

    def test_without_one(self, submitted, inspector):
        with pytest.raises(Refused, match="Say why"):
            take_back_case(case=submitted, by=inspector, reason="")

    def test_what_is_not_submitted(self, case, inspector):
        with pytest.raises(Refused, match="nothing to take back"):
            take_back_case(case=case, by=inspector, reason="Why not")


WRITERS = {
    "raise_query": lambda case, query, by: raise_query(case=case, by=by, text="Why?"),
    "reply": lambda case, query, by: reply_to_query(query=query, by=by, text="So."),
    "close": lambda case, query, by: close_query(query=query, by=by, text="So."),
    "return": lambda case, query, by: return_case(case=case, by=by, text="Why?"),
    "agree": lambda case, query, by: agree_case(case=case, by=by),
    "take_back": lambda case, query, by: take_back_case(case=case, by=by, reason="So."),
    "draw": lambda case, query, by: draw_dip_sample(inspection=case.inspection, by=by, size=1),
}


@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_reviewed_once_the_ratings_are_locked(name, query, submitted, lead):
    lock(submitted.inspection)
    events = Event.objects.count()
    with pytest.raises(InspectionLocked):
        WRITERS[name](submitted, query, lead)
    assert Event.objects.count() == events


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "draw"])
def test_an_excluded_case_is_not_reviewed(name, query, submitted, lead):
    exclude_case(case=submitted, reason="conflict of interest", by=lead)
    with pytest.raises(Refused, match="excluded from the sample"):
        WRITERS[name](submitted, query, lead)


class TestDipSample:
    @pytest.fixture
    def cases(self, make_case, inspection, lead):
        cases = [make_case(inspection) for _ in range(6)]
        for case in cases[:5]:
            set_imported_state(case=case, state="submitted", by=lead)
        exclude_case(case=cases[4], reason="no file", by=lead)
        return cases

    def test_draws_from_submitted_cases_that_count(self, cases, inspection, lead):
        drawn = draw_dip_sample(inspection=inspection, by=lead, size=4)
        assert {case.pk for case in drawn} == {case.pk for case in cases[:4]}

    def test_can_be_repeated_from_the_record(self, cases, inspection, lead):
        drawn = draw_dip_sample(inspection=inspection, by=lead, size=2)
        event = last_event()
        assert event.action == "dip_sample.drawn"
        assert event.summary == "Drew 2 of 4 submitted cases to dip-sample."
        assert event.detail["drawn"] == [str(case.public_id) for case in drawn]
        assert drawn_by(event.detail["seed"], event.detail["from"])[:2] == event.detail["drawn"]

    def test_another_seed_is_another_draw(self):
        ids = [str(number) for number in range(50)]
        assert drawn_by("a", ids) == drawn_by("a", reversed(ids)) != drawn_by("b", ids)
        assert drawn_by("a", ids)[0] == min(ids, key=lambda held: hashlib.sha256(f"a:{held}".encode()).hexdigest())

    @pytest.mark.parametrize("size", [-1, 0, 5])
    def test_more_than_there_are(self, cases, inspection, lead, size):
        with pytest.raises(Refused, match="Draw from 1 to 4"):
            draw_dip_sample(inspection=inspection, by=lead, size=size)

    def test_where_nothing_is_submitted(self, case, lead):
        with pytest.raises(Refused, match="No case is submitted yet"):
            draw_dip_sample(inspection=case.inspection, by=lead, size=1)


class TestWhatIsListed:
    @staticmethod
    def revisions(case):
        return list(AnswerRevision.objects.filter(case=case).order_by("sequence", "pk"))

    def listed(self, case):
        return [(held.question, held.value) for held in after_key_question(case, self.revisions(case))]

    def test_a_fact_changed_after_its_key_question(self, case, give):
        give(case, "safety_factors", "true")
        give(case, "2.2.2", "yes")
        give(case, "safety_factors", "false", change_reason="Misread.")
        assert self.listed(case) == [("safety_factors", "false")]

    def test_a_fact_changed_before_it(self, case, give):
        give(case, "safety_factors", "true")
        give(case, "safety_factors", "false")
        give(case, "2.1.1", "yes")
        assert self.listed(case) == []

    def test_an_answer_turned_into_not_applicable(self, case, give):
        give(case, "2.1.1.a", "no")
        give(case, "2.1.1", "yes")
        give(case, "2.1.1.a", "not_applicable", reason="not yet due")
        give(case, "2.1.1", "not_applicable", reason="not yet due")
        assert self.listed(case) == [("2.1.1.a", "not_applicable"), ("2.1.1", "not_applicable")]

    def test_one_that_never_was_anything_else(self, case, give):
        give(case, "2.1.1", "yes")
        give(case, "2.1.1.a", "not_applicable", reason="not yet due")
        give(case, "2.1.1.a", "not_applicable", reason="not yet due", note="See file.")
        assert self.listed(case) == []

    def test_what_was_changed_after_submission_even_when_it_was_taken_back(self, submitted, inspector, give):
        take_back_case(case=submitted, by=inspector, reason="News.")
        give(submitted, "2.1.1", "no")
        first = first_submitted(CaseRevision.objects.filter(case=submitted).order_by("sequence"))
        assert [held.question for held in after_submission(self.revisions(submitted), first)] == ["2.1.1"]

    def test_nothing_before_submission(self, case, give):
        give(case, "2.1.1", "yes")
        assert first_submitted(CaseRevision.objects.filter(case=case)) is None
        assert after_submission(self.revisions(case), None) == []


def test_the_database_keeps_a_quality_lead_in_the_team(inspection, lead):
    from inspections.actions import add_member

    quality = person("Quentin Lund")
    assert add_member(inspection=inspection, user=quality, role="quality_lead", by=lead).role == "quality_lead"
