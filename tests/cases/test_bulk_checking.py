"""The dry run of a table of answers: what it would change, and every fault with line, column, value and reason."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.actions import exclude_case, set_imported_state
from cases.bulk.actions import dry_run
from cases.bulk.columns import Place, names_of, places_by_name
from cases.bulk.reading import opened, packed, unpacked
from cases.bulk.values import cell_of, reader_of, text_in, value_cell
from cases.caseload.reading import Table
from cases.errors import InvalidAnswer
from cases.models import AnswerRevision, CaseState
from inspections.errors import Refused
from standards import reader
from tests.cases.bulk import looked_at, reasons
from tests.cases.caseloads import as_csv, as_ods, as_xlsx

DOCUMENT = reader.load("youth-2018")
COURT = DOCUMENT.questions("court")


class TestTexts:
    @pytest.mark.parametrize(
        "text",
        [
            *(
                "=1+1",
                "+44",
                "-none",
                "@name",
                "\tindented",
                "\nbelow",
                "'=1+1",
                "''-",
                "(clear)",
                " (Clear) ",
                "'(not asked)",
            ),
            *("’tis", "'tis", "plain", "two\nlines", " blank before", "a, b; c", 'said "no"', "''"),
        ],
    )
    def test_come_back_as_they_are_and_run_nowhere(self, text):
        cell = cell_of(text)
        assert text_in(cell) == text
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\n"))

    @given(st.text())
    def test_any_text_that_a_table_can_hold_comes_back(self, text):
        once = text_in(cell_of(text))
        assert text_in(cell_of(once)) == once
        if not any(character < " " or "\ud800" <= character <= "\udfff" or character > "\ufffd" for character in text):
            assert once == text


class TestValues:
    @pytest.mark.parametrize("code", COURT)
    def test_every_value_and_label_is_read(self, code):
        question = COURT[code]
        read = reader_of(question)
        for option in question.options:
            stored = read(option.code)
            assert (
                stored == read(option.label) == read(f" {option.label.upper()} ") == read(value_cell(question, stored))
            )

    def test_several_are_parted_by_semicolons_in_any_order(self):
        read = reader_of(COURT["SUP7"])
        assert (
            read("Child in need; looked_after")
            == read("looked_after;child_in_need")
            == '["looked_after", "child_in_need"]'
        )

    @pytest.mark.parametrize(
        ("code", "cell"),
        [("2.1.1", "maybe"), ("safety_factors", "2"), ("SUP1", "yes"), ("SUP7", "looked_after; what"), ("SUP7", ";")],
    )
    def test_others_are_refused_naming_what_there_is(self, code, cell):
        with pytest.raises(InvalidAnswer, match=rf"{code} takes (one|any) of "):
            reader_of(COURT[code])(cell)


class TestColumns:
    def test_every_name_leads_back(self):
        names = names_of(DOCUMENT)
        assert len(places_by_name(DOCUMENT)) == len(names) > 500
        assert names[Place("2.1.1", "reason")] == "2.1.1.reason"
        assert Place("2.1.1.a", "asked_because") not in names

    def test_a_name_that_is_taken_gets_a_number(self):
        domain = DOCUMENT.domain_of_sample("court")
        standard = domain.standards[0]
        held = standard.key_questions[0]
        renamed = replace(held, prompts=(replace(held.prompts[0], code="reason"), *held.prompts[1:]))
        standards = (replace(standard, key_questions=(renamed, *standard.key_questions[1:])), *domain.standards[1:])
        domains = tuple(replace(domain, standards=standards) if one is domain else one for one in DOCUMENT.domains)
        names = names_of(replace(DOCUMENT, domains=domains))
        assert names[Place("2.1.1.reason", "value")] == "2.1.1.reason"
        assert names[Place("2.1.1", "reason")] == "2.1.1.reason (2)"


@pytest.mark.django_db
class TestTheDryRun:
    def test_it_counts_what_is_new_changed_and_unchanged_and_stores_nothing(self, inspection, case, lead, give):
        give(case, "2.1.1", "no", note="As it was")
        give(case, "2.1.2", "yes")
        before = AnswerRevision.objects.count()
        checked = looked_at(
            inspection,
            lead,
            ["reference", "sample", "2.1.1", "2.1.2", "2.1.3", "2.1.1.a", "2.1.2.note"],
            [case.reference, "court", "Yes", "yes", "", "no", "Added"],
        )
        assert (checked.rows, checked.cases, checked.new, checked.changed, checked.unchanged) == (1, 1, 2, 1, 0)
        (replaced,) = checked.replaced
        assert (replaced.question, replaced.part, replaced.stands, replaced.given) == ("2.1.1", "value", "No", "Yes")
        assert replaced.by == "Ines Archer"
        assert AnswerRevision.objects.count() == before

    def test_an_empty_cell_says_nothing_and_a_word_clears(self, inspection, case, lead, give):
        give(case, "2.1.1", "not_applicable", reason="Too soon", note="Keep")
        empty = looked_at(inspection, lead, ["reference", "2.1.1", "2.1.1.note"], [case.reference, " ", ""])
        assert not empty.changes and not empty.faults
        cleared = looked_at(inspection, lead, ["reference", "2.1.1"], [case.reference, "(CLEAR)"])
        ((given_,),) = [held.given for held in cleared.changes]
        assert (given_.value, given_.reason, given_.note) == (None, "", "Keep")
        assert cleared.changed == 1

    def test_what_is_not_asked_is_left_alone(self, inspection, case, lead):
        header = ["reference", "safety_factors", "2.1.2", "2.2.2", "SUP1", "3.1.1"]
        checked = looked_at(
            inspection,
            lead,
            header,
            [case.reference, "false", "unanswered", "(not asked)", "(Not asked)", "(not asked)"],
        )
        assert (checked.new, checked.faults) == (1, [])

    def test_an_answer_that_the_facts_of_the_file_leave_out_is_a_fault(self, inspection, case, lead):
        header = ["reference", "safety_factors", "2.2.2", "2.2.2.asked_because"]
        (fault,) = reasons(looked_at(inspection, lead, header, [case.reference, "no", "yes", ""]))
        assert fault[:3] == (2, "2.2.2", "yes")
        assert "not asked in this case" in fault[3] and "2.2.2.asked_because" in fault[3]
        asked = looked_at(inspection, lead, header, [case.reference, "no", "yes", "A plan was made"])
        assert not asked.faults and asked.new == 2

    @pytest.mark.parametrize(
        ("header", "row", "expected"),
        [
            (["2.1.1"], ["perhaps"], (2, "2.1.1", "perhaps", "takes one of yes, no, not_applicable")),
            (["2.1.1"], ["not_applicable"], (2, "2.1.1", "not_applicable", "in the column 2.1.1.reason")),
            (["2.1.1", "2.1.1.reason"], ["yes", "Why"], (2, "2.1.1.reason", "Why", "only goes with")),
            (["2.1.1.reason"], ["Why"], (2, "2.1.1.reason", "Why", "only goes with")),
            (["2.1.1.source"], ["hearsay"], (2, "2.1.1.source", "hearsay", "file, interview, both")),
            (["2.1.1.at_interview"], ["perhaps"], (2, "2.1.1.at_interview", "perhaps", "true or false")),
            (["2.1.1.note"], ["n" * 100_001], (2, "2.1.1.note", "n" * 60 + "…", "100,000 is the most")),
            (["3.1.1"], ["yes"], (2, "3.1.1", "yes", "not asked of court cases")),
            (["2.9.9"], ["yes"], (1, "2.9.9", "", "no such column")),
            (["2.1.1.a.asked_because"], ["yes"], (1, "2.1.1.a.asked_because", "", "no such column")),
            (["notebook"], ["x"], (1, "notebook", "", "no such column")),
            (["2.1.1", "2.1.1"], ["yes", "no"], (1, "2.1.1", "", "there already")),
            (["sample"], ["out-of-court"], (2, "sample", "out-of-court", "court cases")),
            (["2.1.1", ""], ["yes", "stray"], (2, "the whole row", "", "more values here than the 2 columns")),
        ],
    )
    def test_every_fault_is_told(self, inspection, case, lead, header, row, expected):
        if header[-1] == "":
            header = header[:-1]
        (fault,) = reasons(looked_at(inspection, lead, ["Reference", *header], [case.reference, *row]))
        assert fault[:3] == expected[:3]
        assert expected[3] in fault[3]

    def test_cases_are_known_and_come_once(self, inspection, make_case, lead):
        make_case(inspection, reference="c-1")
        checked = looked_at(
            inspection, lead, ["reference", "2.1.1"], ["C-1", "yes"], ["c-1", "no"], ["C-9", "yes"], ["", "yes"]
        )
        assert [(line, value) for line, _, value, _ in reasons(checked)] == [(3, "c-1"), (4, "C-9"), (5, "")]
        assert checked.new == 1

    def test_cases_of_others_are_not_there_for_those_with_cases_of_their_own(
        self, inspection, make_case, lead, inspector
    ):
        mine, other = (make_case(inspection, allocated_to=person) for person in (inspector, lead))
        rows = [["reference", "2.1.1"], [mine.reference, "yes"], [other.reference, "yes"], ["made-up", "yes"]]
        checked = looked_at(inspection, inspector, *rows, own=True)
        told = [(line, reason) for line, _, _, reason in reasons(checked)]
        assert told == [
            (line, "There is no case that is given to you of this reference in the inspection.") for line in (3, 4)
        ]

    def test_a_closed_case_takes_no_change_and_may_stand_in_the_file(self, inspection, make_case, lead):
        agreed, excluded = make_case(inspection), make_case(inspection)
        set_imported_state(case=agreed, state=CaseState.AGREED, by=lead)
        exclude_case(case=excluded, reason="No file", by=lead)
        header = ["reference", "2.1.1"]
        unchanged = looked_at(inspection, lead, header, [agreed.reference, ""], [excluded.reference, ""])
        assert not unchanged.faults
        checked = looked_at(inspection, lead, header, [agreed.reference, "yes"], [excluded.reference, "yes"])
        assert ["agreed" in reason or "excluded" in reason for *_, reason in reasons(checked)] == [True, True]
        assert not checked.changes

    def test_a_note_goes_with_an_answer_whose_reason_is_awaited(self, inspection, case, lead, give):
        give(case, "2.1.1", "not_applicable")
        checked = looked_at(inspection, lead, ["reference", "2.1.1.note"], [case.reference, "Asked for it"])
        assert (checked.new, checked.faults) == (1, [])

    @pytest.mark.parametrize("word", ["unanswered", "not_asked"])
    def test_a_text_may_be_any_word_but_those_of_the_table(self, inspection, case, lead, word):
        checked = looked_at(inspection, lead, ["reference", "SUP11.narrative", "2.1.1"], [case.reference, word, word])
        (change,) = checked.changes
        assert [(held.question, held.value) for held in change.given] == [("SUP11.narrative", word)]

    def test_columns_without_a_name_are_looked_through_once(self, inspection, case, lead):
        class Rows(tuple):
            passes = 0

            def __iter__(self):
                Rows.passes += 1
                return super().__iter__()

        held = Table(("reference", *[""] * 300, "2.1.1"), Rows([(2, (case.reference, *[""] * 299, "stray"))]))
        checked, _ = dry_run(inspection=inspection, table=held, by=lead, own=False)
        assert [column for _, column, *_ in reasons(checked)] == ["column 301"]
        assert Rows.passes == 2

    def test_titles_may_stand_above_and_columns_of_other_tables_are_not_read(self, inspection, case, lead):
        header = ["inspection", "Reference", "status", "counted", "sex", "2.1.1", "SUP11.narrative", "SUP7"]
        row = ["testshire", case.reference, "in_progress", "yes", "male", "yes", "given", "unanswered"]
        checked = looked_at(inspection, lead, ["Cases of the week"], [], header, row)
        assert (checked.new, checked.faults) == (1, [])
        assert checked.unread == ["inspection", "status", "counted", "sex", "SUP11.narrative"]

    def test_a_text_that_excel_cut_is_not_taken_for_the_whole(self, inspection, case, lead, give):
        long = "word " * 8000
        give(case, "2.1.1", None, note=long)
        cut = f"{long[:32_000]} [goes on in the sheet Long texts, as text 1]"
        header = ["reference", "2.1.1.note"]
        assert looked_at(inspection, lead, header, [case.reference, cut]).unchanged == 1
        (fault,) = reasons(looked_at(inspection, lead, header, [case.reference, f"Changed {cut}"]))
        assert "CSV or .ods" in fault[3]

    def test_line_ends_are_no_difference(self, inspection, case, lead, give):
        give(case, "2.1.1", "yes", note="one\r\ntwo")
        assert looked_at(inspection, lead, ["reference", "2.1.1.note"], [case.reference, "one\ntwo"]).unchanged == 1


ROWS = [["reference", "2.1.1", "2.1.1.note"], ["C1", "yes", "two\nlines"]]


class TestTheFile:
    @pytest.mark.parametrize("make", [as_csv, as_xlsx, as_ods])
    def test_every_format_gives_the_same_table(self, make):
        rows = [["reference", "2.1.1"], ["C1", "yes"]]
        assert opened(make(rows)).rows == ((2, ("C1", "yes")),)

    def test_line_ends_and_blanks_of_texts_stay(self):
        assert opened(as_csv([*ROWS, ["C2", "", " a  b "]])).rows == (
            (2, ("C1", "yes", "two\nlines")),
            (4, ("C2", "", " a  b ")),
        )

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize(
        "title",
        ["Cases of the week", "Cases, by reference; of Leeds, Hull, York", "By reference, week 1\t", '"A, \'b"'],
    )
    def test_titles_may_stand_above_however_columns_are_divided(self, delimiter, title):
        rows = [["Sample", "Reference ", "2.1.1"], ["court", "C1", "yes"]]
        table = opened(f"{title}\n\n".encode() + as_csv(rows, delimiter=delimiter))
        assert (table.header, table.rows) == (("Sample", "Reference", "2.1.1"), ((4, ("court", "C1", "yes")),))

    def test_without_references_it_is_another_file(self):
        with pytest.raises(Refused, match="No column is called “reference”"):
            opened(b"case,2.1.1\nC1,yes\n")

    @given(st.lists(st.lists(st.text(), max_size=4).map(tuple), max_size=4).map(tuple))
    def test_it_goes_through_a_form_unchanged(self, cells):
        held = Table(("reference", "2.1.1"), tuple(enumerate(cells)), ("Said.",), 3)
        once = unpacked(packed(held))
        assert unpacked(packed(once)) == once
        assert len(once.rows) == len(cells)

    @pytest.mark.parametrize(
        "text",
        ["", "{", "[]", "[1,2,3,4]", '[["a"],[[1,[2]]],[],1]', '[["a"],[["1",["b"]]],[],1]', "[" * 100_000, "null"],
    )
    def test_what_a_form_cannot_have_sent_is_refused(self, text):
        with pytest.raises(Refused, match="Choose the file again"):
            unpacked(text)


CELL = st.one_of(
    st.sampled_from(
        ["", "yes", "no", "not_applicable", "(clear)", "(not asked)", "true", "C01", "looked_after; other", "'", "=1"]
    ),
    st.text(max_size=6),
)
NAME = st.one_of(
    st.sampled_from(
        ["reference", "sample", "2.1.1", "2.1.1.reason", "2.2.2", "2.2.2.a", "safety_factors", "SUP7", "counted", ""]
    ),
    st.text(max_size=6),
)


@pytest.mark.django_db
class TestWhateverAFileHolds:
    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(header=st.lists(NAME, max_size=6), rows=st.lists(st.lists(CELL, max_size=7), max_size=4))
    def test_the_dry_run_never_breaks(self, inspection, case, lead, header, rows):
        held = unpacked(
            packed(Table(tuple(header), tuple((place, tuple(cells)) for place, cells in enumerate(rows, 2))))
        )
        checked, _ = dry_run(inspection=inspection, table=held, by=lead, own=False)
        assert checked.rows == len(rows)
        for change in checked.changes:
            assert change.case.pk == case.pk
        assert all(fault.reason.endswith(".") for fault in checked.faults)

    @settings(deadline=None)
    @given(data=st.binary(max_size=300))
    def test_bytes_are_a_table_or_a_sentence(self, data):
        try:
            opened(b"reference,2.1.1\n" + data)
        except Refused as refusal:
            assert str(refusal).endswith("Nothing was changed.")


def test_what_cannot_be_read_is_named_for_what_it_should_be():
    with pytest.raises(Refused, match="table of answers as CSV"):
        opened(b"\x00\x01")
