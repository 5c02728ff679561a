"""Importing a table of answers: the writer, what is recorded, who may, and the command."""

import json
import threading

import hypothesis
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from audit.models import Event
from cases.actions import exclude_case, record_answer, set_imported_state
from cases.answers import Given
from cases.bulk.actions import ChangedMeanwhile, Faulty, Replaces, dry_run, import_answers
from cases.models import Answer, AnswerRevision, Case, CaseState
from inspections.actions import add_member
from inspections.errors import InspectionLocked, NotBegun, Refused
from inspections.models import Inspection, Lifecycle, Sequence, State
from tests.cases.bulk import send, table
from tests.cases.caseloads import as_csv, as_xlsx
from tests.people import person

pytestmark = pytest.mark.django_db
HEADER = [
    "reference",
    "safety_factors",
    "2.1.1",
    "2.1.1.reason",
    "2.1.2",
    "2.1.2.note",
    "2.2.2",
    "SUP11.narrative",
    "SUP7",
]
ROW = ["yes", "not applicable", "Not yet due", "no", "Nothing on file", "yes", "A text,\nof two lines", "Child in need"]


def stands(case, question):
    row = case.answers.get(question=question)
    return row.value, row.reason, row.note, row.version


def everything():
    """Return all that an import could change."""
    answers = list(Answer.objects.order_by("pk").values_list("pk", "value", "reason", "note", "asked", "version"))
    cases = list(Case.objects.order_by("pk").values_list("pk", "state"))
    return (
        answers,
        cases,
        AnswerRevision.objects.count(),
        Event.objects.count(),
        list(Sequence.objects.values_list("value")),
    )


@pytest.fixture
def case_pair(inspection, make_case, give):
    """Return two cases, one with answers."""
    pair = [make_case(inspection), make_case(inspection)]
    give(pair[0], "2.1.1", "not_applicable", reason="Not due")
    give(pair[0], "safety_factors", "false")
    return pair


class TestTheImport:
    def test_answers_go_through_the_door_of_every_answer(self, inspection, make_case, lead):
        one, two = make_case(inspection), make_case(inspection)
        checked = send(inspection, lead, HEADER, [one.reference, *ROW], [two.reference, *ROW])
        assert (checked.new, checked.changed, checked.cases) == (12, 0, 2)
        assert stands(one, "2.1.1") == ("not_applicable", "Not yet due", "", 1)
        assert stands(two, "2.1.2") == ("no", "", "Nothing on file", 1)
        assert stands(two, "SUP11.narrative")[0] == "A text,\nof two lines"
        assert stands(two, "SUP7")[0] == '["child_in_need"]'
        assert set(inspection.cases.values_list("state", flat=True)) == {CaseState.IN_PROGRESS}
        revisions = AnswerRevision.objects.filter(case=one)
        assert {(held.by, held.change_reason) for held in revisions} == {(lead, "From a file of answers.")}

    def test_the_record_has_one_event_for_the_import_besides_those_of_the_door(self, inspection, make_case, lead):
        one, two = make_case(inspection), make_case(inspection)
        send(inspection, lead, HEADER, [one.reference, *ROW], [two.reference, *ROW])
        event = Event.objects.get(action="answers.imported")
        assert event.summary == "Imported a file with 12 answers in 2 cases."
        assert event.detail["cases"] == {one.reference: 6, two.reference: 6}
        assert "Nothing on file" not in json.dumps(event.detail)
        assert Event.objects.filter(action="answers.recorded").count() == 2

    def test_the_same_file_twice_changes_nothing(self, inspection, case, lead, inspector):
        send(inspection, lead, HEADER, [case.reference, *ROW])
        before = everything()
        for by in (lead, inspector):
            checked = send(inspection, by, HEADER, [case.reference, *ROW])
            assert (checked.new, checked.changed, checked.unchanged) == (0, 0, 6)
        assert everything() == before

    def test_a_row_gives_a_question_of_one_version_one_command(self, inspection, case, lead):
        header, row = ["reference", "2.1.1"], [case.reference, "yes"]
        with transaction.atomic():
            send(inspection, lead, header, row)
            first = case.answers.get(question="2.1.1").last_command
            transaction.set_rollback(True)
        send(inspection, lead, header, row)
        assert case.answers.get(question="2.1.1").last_command == first
        send(inspection, lead, header, [case.reference, "(clear)"], replace_because="Wrong case")
        send(inspection, lead, header, row)
        assert case.answers.get(question="2.1.1").last_command != first

    def test_what_stands_is_replaced_only_where_somebody_says_so_and_why(self, inspection, case, lead, give):
        give(case, "2.1.2", "yes")
        before = everything()
        with pytest.raises(Replaces, match="1 answer that stands differs"):
            send(inspection, lead, HEADER, [case.reference, *ROW], replace_because="  ")
        assert everything() == before
        send(inspection, lead, HEADER, [case.reference, *ROW], replace_because="The paper form is right")
        assert stands(case, "2.1.2") == ("no", "", "Nothing on file", 2)
        reasons = dict(AnswerRevision.objects.filter(case=case, by=lead).values_list("question", "change_reason"))
        assert reasons.pop("2.1.2") == "From a file of answers. The paper form is right"
        assert set(reasons.values()) == {"From a file of answers."}
        event = Event.objects.get(action="answers.imported")
        assert event.reason == "The paper form is right"
        assert event.summary.endswith("6 answers in 1 case, 1 of them in place of what stood.")

    def test_a_fact_that_settled_key_questions_is_changed_with_that_reason(self, inspection, case, lead, give):
        give(case, "safety_factors", "true")
        give(case, "2.2.2", "no")
        send(inspection, lead, ["reference", "safety_factors"], [case.reference, "no"], replace_because="Read again")
        assert case.answers.get(question="2.2.2").asked is False
        assert stands(case, "2.2.2")[0] == "no"

    def test_a_fact_takes_answers_out_of_the_figures_only_where_somebody_says_so_and_why(
        self, inspection, case, lead, give
    ):
        give(case, "2.2.2", "yes")
        give(case, "2.2.2.a", "no")
        rows = ["reference", "safety_factors"], [case.reference, "no"]
        with pytest.raises(Replaces, match=r"2 answers that stand would no longer be asked.* take safety_factors out"):
            send(inspection, lead, *rows)
        assert case.answers.get(question="2.2.2").asked
        checked = send(inspection, lead, *rows, replace_because="Read again")
        assert [held.question for held in checked.left_out] == ["2.2.2.a", "2.2.2"]
        assert (checked.new, checked.changed, checked.asked_again) == (1, 0, [])
        assert not case.answers.get(question="2.2.2").asked
        revision = AnswerRevision.objects.get(case=case, question="safety_factors")
        assert revision.change_reason == "From a file of answers. Read again"
        event = Event.objects.get(action="answers.imported")
        assert (event.reason, event.detail["left_out"]) == ("Read again", 2)
        again = send(
            inspection, lead, ["reference", "2.2.2.asked_because"], [case.reference, "A plan was made"]
        )  # bringing them back needs no reason beside its own
        assert [(held.question, held.because) for held in again.asked_again] == [
            ("2.2.2.a", "2.2.2"),
            ("2.2.2", "2.2.2"),
        ]

    def test_an_answer_that_comes_after_the_dry_run_and_would_be_left_out_is_seen(self, inspection, case, lead, give):
        rows = table(["reference", "safety_factors"], [case.reference, "no"])
        _, seen = dry_run(inspection=inspection, table=rows, by=lead, own=False)
        give(case, "2.2.2", "yes")
        with pytest.raises(ChangedMeanwhile):
            import_answers(
                inspection=inspection, table=rows, by=lead, own=False, replace_because="Read again", seen=seen
            )

    def test_one_fault_keeps_the_whole_file_out(self, inspection, make_case, lead):
        one, two = make_case(inspection), make_case(inspection)
        before = everything()
        with pytest.raises(Faulty, match="There is 1 fault") as refusal:
            send(inspection, lead, HEADER, [one.reference, *ROW], [two.reference, *ROW[:-1], "What"])
        assert refusal.value.checked.faults[0].line == 4
        assert everything() == before

    @pytest.mark.parametrize("closed", ["agreed", "excluded"])
    def test_a_case_that_closed_after_the_dry_run_keeps_it_out(self, inspection, make_case, lead, closed):
        one, two = make_case(inspection), make_case(inspection)
        rows = table(HEADER, [one.reference, *ROW], [two.reference, *ROW])
        checked, seen = dry_run(inspection=inspection, table=rows, by=lead, own=False)
        assert not checked.faults
        if closed == "agreed":
            set_imported_state(case=two, state=CaseState.AGREED, by=lead)
        else:
            exclude_case(case=two, reason="No file", by=lead)
        with pytest.raises(Faulty):
            import_answers(inspection=inspection, table=rows, by=lead, own=False, seen=seen)
        assert not AnswerRevision.objects.exists()

    def test_answers_that_came_after_the_dry_run_are_not_overwritten_unseen(self, inspection, make_case, lead, give):
        one, two = make_case(inspection), make_case(inspection)
        give(two, "2.1.2", "no", note="Nothing on file")
        rows = table(HEADER, [one.reference, *ROW], [two.reference, *ROW])
        checked, seen = dry_run(inspection=inspection, table=rows, by=lead, own=False)
        assert (checked.changed, checked.unchanged) == (0, 1)
        give(one, "2.1.3", "yes")  # of no concern to this file
        give(two, "2.1.2", "yes")
        sent = {"inspection": inspection, "table": rows, "by": lead, "own": False, "replace_because": "The paper"}
        with pytest.raises(ChangedMeanwhile, match="1 answer of this file was changed after you looked") as refusal:
            import_answers(**sent, seen=seen)
        assert [(held.by.name, held.question) for held in refusal.value.since] == [("Ines Archer", "2.1.2")]
        assert stands(one, "2.1.1")[3] == 0
        _, seen = dry_run(inspection=inspection, table=rows, by=lead, own=False)
        import_answers(**sent, seen=seen)
        assert stands(two, "2.1.2")[0] == "no"
        import_answers(**sent, seen=seen)  # sent twice: everything stands already

    def test_it_is_the_form_that_says_whose_cases(self, inspection, make_case, inspector, lead):
        case = make_case(inspection, allocated_to=lead)
        send(inspection, inspector, ["reference", "2.1.1"], [case.reference, "yes"])
        assert stands(case, "2.1.1")[0] == "yes"
        with pytest.raises(Faulty):
            send(
                inspection, inspector, ["reference", "2.1.1"], [case.reference, "no"], own=True, replace_because="Mine"
            )

    @pytest.mark.parametrize("state", [State.PLANNED, State.LOCKED, State.PUBLISHED])
    def test_an_inspection_that_takes_no_answers(self, inspection, case, lead, state):
        Lifecycle.objects.filter(inspection=inspection).update(state=state)
        with pytest.raises(NotBegun if state == State.PLANNED else InspectionLocked):
            send(inspection, lead, HEADER, [case.reference, *ROW])
        assert not AnswerRevision.objects.exists()

    def test_an_inspection_that_was_put_aside(self, inspection, case, lead):
        Inspection.objects.filter(pk=inspection.pk).update(archived_at="2026-01-01T00:00Z")
        with pytest.raises(Refused, match="put aside"):
            send(inspection, lead, HEADER, [case.reference, *ROW])

    def test_a_submitted_case_stays_submitted(self, inspection, case, lead):
        set_imported_state(case=case, state=CaseState.SUBMITTED, by=lead)
        send(inspection, lead, HEADER, [case.reference, *ROW])
        case.refresh_from_db()
        assert case.state == CaseState.SUBMITTED

    def test_the_number_of_queries_grows_with_cases_and_not_with_answers(
        self, inspection, make_case, lead, django_assert_max_num_queries
    ):
        cases = [make_case(inspection) for _ in range(3)]
        with django_assert_max_num_queries(12 + 14 * len(cases)):
            send(inspection, lead, HEADER, *([case.reference, *ROW] for case in cases))


CELL = st.sampled_from(["", "yes", "no", "not_applicable", "(clear)", "(not asked)", "what", "true", "Text"])
NAME = st.sampled_from(
    ["2.1.1", "2.1.1.reason", "2.1.1.note", "2.2.2", "2.2.2.a", "safety_factors", "2.2.2.asked_because"]
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis.given(data=st.data())
def test_whatever_a_table_says_all_of_it_is_stored_or_nothing(inspection, make_case, lead, case_pair, data):
    header = data.draw(st.lists(NAME, min_size=1, max_size=5, unique=True))
    rows = [[case.reference, *data.draw(st.tuples(*[CELL] * len(header)))] for case in case_pair]
    with transaction.atomic():
        before = everything()
        try:
            checked = send(inspection, lead, ["reference", *header], *rows, replace_because="Read again")
        except Faulty:
            assert everything() == before
        else:
            for change in checked.changes:
                for given in change.given:
                    row = change.case.answers.get(question=given.question)
                    assert (row.value, row.reason, row.note) == (given.value, given.reason, given.note)
            again = send(inspection, lead, ["reference", *header], *rows)
            assert not again.changes
        transaction.set_rollback(True)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_import_and_saves_beside_it_never_lock_each_other_out(inspection, make_case, lead, inspector):
    """Two imports over the same cases in other orders, and saves in them: each comes through, or is told what changed."""
    cases = [make_case(inspection) for _ in range(6)]
    header = ["reference", "2.1.1", "2.1.2"]
    files = [
        table(header, *([case.reference, "yes", "no"] for case in order)) for order in (cases, list(reversed(cases)))
    ]
    failed = []

    def run(work):
        try:
            work()
        except Refused:
            pass
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    def save(case):
        record_answer(case=case, by=inspector, given=Given("2.1.3", "yes"))

    def bring(held):
        import_answers(inspection=inspection, table=held, by=lead, own=False)

    works = [lambda held=held: bring(held) for held in files] + [lambda case=case: save(case) for case in cases]
    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert Answer.objects.filter(question="2.1.1", value="yes", version=1).count() == 6
    assert Answer.objects.filter(question="2.1.3", value="yes", version=1).count() == 6


class TestTheCommand:
    @pytest.fixture
    def file(self, case, tmp_path):
        path = tmp_path / "week.csv"
        path.write_bytes(as_csv([HEADER, [case.reference, *ROW]]))
        return path

    def run(self, capsys, *arguments):
        call_command("import_answers", *map(str, arguments))
        return json.loads(capsys.readouterr().out)

    def test_it_prints_what_was_done(self, inspection, case, lead, file, capsys):
        arguments = (inspection.slug, file, "--by", lead.email)
        told = self.run(capsys, *arguments, "--dry-run")
        assert (told["dry_run"], told["changed"], told["new"]) == (True, False, 6)
        assert not AnswerRevision.objects.exists()
        told = self.run(capsys, *arguments)
        assert told == {
            "rows": 1,
            "cases": 1,
            "new": 6,
            "replaced": 0,
            "unchanged": 0,
            "no_longer_asked": 0,
            "asked_again": 0,
            "not_read": [],
            "notes": [],
            "dry_run": False,
            "seen": None,
            "changed": True,
        }
        assert set(AnswerRevision.objects.values_list("by__email", flat=True)) == {lead.email}
        assert self.run(capsys, *arguments)["changed"] is False

    def test_it_replaces_with_a_reason(self, inspection, case, lead, file, give, capsys):
        give(case, "2.1.2", "yes")
        arguments = (inspection.slug, file, "--by", lead.email)
        call_command("import_answers", *map(str, arguments), "--dry-run")
        printed = capsys.readouterr()
        assert json.loads(printed.out)["replaced"] == 1
        assert printed.err.startswith(f"line 2, {case.reference}, 2.1.2: “Yes” stands (Ines Archer, ")
        assert printed.err.endswith("and the file says “No”.\n")
        with pytest.raises(CommandError) as refusal:
            call_command("import_answers", *map(str, arguments))
        assert str(refusal.value).startswith("line 2") and "--replace REASON" in str(refusal.value)
        assert self.run(capsys, *arguments, "--replace", "The paper form is right")["replaced"] == 1
        assert stands(case, "2.1.2")[0] == "no"

    def test_what_changed_after_its_dry_run_is_not_overwritten_unseen(self, inspection, case, lead, file, give, capsys):
        arguments = (inspection.slug, file, "--by", lead.email, "--replace", "The paper form is right")
        seen = self.run(capsys, *arguments, "--dry-run")["seen"]
        give(case, "2.1.2", "yes")
        with pytest.raises(CommandError) as refusal:
            call_command("import_answers", *map(str, arguments), "--seen", str(seen))
        lines = str(refusal.value).splitlines()
        assert lines[0].startswith(f"{case.reference}, 2.1.2: Ines Archer, ")
        assert "was changed after you looked" in lines[1]
        assert stands(case, "2.1.2")[0] == "yes"
        seen = self.run(capsys, *arguments, "--dry-run")["seen"]
        assert self.run(capsys, *arguments, "--seen", seen)["changed"] is True

    def test_every_fault_is_a_line(self, inspection, case, lead, tmp_path):
        path = tmp_path / "week.xlsx"
        path.write_bytes(as_xlsx([["reference", "2.1.1"], [case.reference, "perhaps"], ["C-99", "yes"]]))
        for more in ([], ["--dry-run"]):
            with pytest.raises(CommandError) as refusal:
                call_command("import_answers", inspection.slug, str(path), "--by", lead.email, *more)
            lines = str(refusal.value).splitlines()
            assert lines[0].startswith("line 2, 2.1.1, “perhaps”: Question 2.1.1 takes one of")
            assert lines[1].startswith("line 3, reference, “C-99”: There is no case")
            assert lines[2] == "2 faults. Nothing was imported."

    def test_it_is_for_whoever_may_answer_there(self, inspection, make_case, lead, manager, stranger, file):
        for somebody in (manager, stranger):
            with pytest.raises(CommandError, match=r"answer cases|no access"):
                call_command("import_answers", inspection.slug, str(file), "--by", somebody.email)
        with pytest.raises(CommandError, match="Nobody signs in as"):
            call_command("import_answers", inspection.slug, str(file), "--by", "nobody@example.org")
        assessor = person("Lois Gray")
        add_member(inspection=inspection, user=assessor, role="local_assessor", by=lead)
        with pytest.raises(CommandError, match="given to you"):
            call_command("import_answers", inspection.slug, str(file), "--by", assessor.email)

    def test_what_is_not_there(self, inspection, lead, tmp_path):
        with pytest.raises(CommandError, match="no inspection"):
            call_command("import_answers", "nowhere", "x.csv", "--by", lead.email)
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_answers", inspection.slug, str(tmp_path / "x.csv"), "--by", lead.email)
        Lifecycle.objects.filter(inspection=inspection).update(state=State.LOCKED)
        with pytest.raises(CommandError, match="locked"):
            call_command("import_answers", inspection.slug, str(tmp_path / "x.csv"), "--by", lead.email)
