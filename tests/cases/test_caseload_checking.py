"""What the columns and rows of a caseload say: names of columns, values, identifiers, windows, one child once."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.caseload.checking import NOT_SHOWN, check_table, checksum, strata_of
from cases.caseload.columns import identifying, match_columns, targets
from cases.caseload.identifiers import identifier_as_reference, identifier_in
from cases.caseload.reading import Table
from cases.sampling import Candidate as Drawn
from cases.sampling import draw
from standards.reader import load
from tests.cases.caseloads import FIELDWORK, HEADER, ROWS

YOUTH = load("youth-2018")


def worded(text):
    return YOUTH.worded(text, {})


def check(rows, header=HEADER, **given):
    table = Table(tuple(header), tuple(enumerate(map(tuple, rows), start=2)))
    return check_table(table, match_columns(header, YOUTH, worded).columns, YOUTH, FIELDWORK, worded, **given)


def row(**changes):
    """Return the first row with some values changed, by part of the column's name."""
    made = list(ROWS[0])
    for name, value in changes.items():
        made[next(place for place, held in enumerate(HEADER) if held.lower().startswith(name))] = value
    return made


def only_fault(**changes):
    (fault,) = check([row(**changes)]).faults
    return fault


class TestColumns:
    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("Case reference", "reference"),
            ("CASE_REF.", "reference"),
            ("YP ID", "child"),
            ("Disposal type", "disposal"),
            ("disposal_date", "disposal_date"),
            ("Date of disposal or release", "disposal_date"),
            ("Gender", "sex"),
            ("harm_classification", "harm_classification"),
            ("The YOT's classification of risk of serious harm", "harm_classification"),
            ("RoSH", "harm_classification"),
            ("Safety & Well-being", "safety_classification"),
            ("Principal offence", "offence"),
            ("Is there a victim?", "victim"),
        ],
    )
    def test_are_known_by_code_label_and_usual_names(self, name, code):
        assert match_columns([name], YOUTH, worded).columns == {0: code}

    def test_every_target_is_known_by_its_code_and_its_label(self):
        for target in targets(YOUTH, worded):
            for name in (target.code, target.label):
                assert match_columns([name.upper()], YOUTH, worded).columns == {0: target.code}

    def test_what_is_unknown_and_what_is_there_twice_is_not_settled(self):
        matching = match_columns(["Ref", "Case ID", "Outcome", "Worker"], YOUTH, worded)
        assert matching.columns == {2: "disposal"}
        assert matching.twice == ("reference",)
        assert matching.missing == ("reference", "disposal_date")
        assert not matching.settled
        assert match_columns(HEADER, YOUTH, worded).settled

    @pytest.mark.parametrize(
        ("name", "about"),
        [
            ("Name", "names"),
            ("Child's first name", "names"),
            ("SURNAME", "names"),
            ("FirstName", "names"),
            ("initials", "names"),
            ("D.O.B.", "dates of birth"),
            ("Date of birth", "dates of birth"),
            ("dateofbirth", "what identifies people"),
            ("NHS no", "NHS numbers"),
            ("PNC", "police or prison numbers"),
            ("PNC_ID", "police or prison numbers"),
            ("NOMIS number", "police or prison numbers"),
            ("Home address", "addresses"),
            ("Post code", "addresses"),
            ("postcode", "addresses"),
            ("E-mail", "email addresses"),
            ("Mobile", "telephone numbers"),
            ("Contact number", "what identifies people"),
        ],
    )
    def test_that_identify_people_are_told(self, name, about):
        assert identifying([name], match_columns([name], YOUTH, worded)) == {name: about}

    @pytest.mark.parametrize(
        "name",
        ["Name of disposal", "Local disposal", "Ethnicity", "Age", "Team", "Length of order", "Number of contacts"],
    )
    def test_that_identify_nobody_are_not(self, name):
        assert identifying([name], match_columns([name], YOUTH, worded)) == {}


class TestValues:
    def test_are_read_as_codes(self):
        checked = check(ROWS)
        assert checked.faults == ()
        first, second, third = checked.stored
        assert first[:-1] == ["C-001", "P-01", "court", "referral_order", "2026-03-02", 1]
        assert first[-1] == {
            "sex": "male",
            "harm_classification": "low",
            "safety_classification": "medium",
            "age": 15,
        }
        assert second[:-1] == ["C-002", "P-02", "court", "youth_rehabilitation_order", "2026-04-05", 1]
        assert second[-1] == {"sex": "female", "harm_classification": "high", "age": 17}
        assert third[:-1] == ["O-001", "P-03", "out_of_court", "youth_conditional_caution", "2026-07-02", 1]
        assert third[-1] == {
            "sex": "female",
            "harm_classification": "not_classified",
            "safety_classification": "low",
        }

    def test_no_classification_and_not_classified_are_one_stratum(self):
        checked = check(ROWS)
        assert checked.unclassified == {"sex": 0, "harm_classification": 1, "safety_classification": 1}
        found = [strata_of(YOUTH, held.disposal, held.profile) for held in checked.found]
        assert found[1:] == [
            ("female", "youth_rehabilitation_order", "high", ""),
            ("female", "youth_conditional_caution", "", "low"),
        ]
        candidates = [
            Drawn(held.reference, held.sample, strata_of(YOUTH, held.disposal, held.profile)) for held in checked.found
        ]
        assert sum(len(stratum.drawn) for stratum in draw(candidates, {"court": 1, "out_of_court": 1}, "seed")) == 2

    @pytest.mark.parametrize("text", ["REFERRAL  ORDER", "referral_order", "referral-order"])
    def test_are_compared_without_case_and_punctuation(self, text):
        assert check([row(disposal=text)]).found[0].disposal == "referral_order"

    @pytest.mark.parametrize(
        "text", ["2026-03-02", "2/3/2026", "02.03.2026", "2 Mar 2026", "02-Mar-26", "2026-03-02 00:00:00"]
    )
    def test_days_are_read_as_the_british_write_them(self, text):
        assert check([row(date=text)]).found[0].disposal_date == date(2026, 3, 2)

    def test_several_of_one_column(self):
        header = [*HEADER, "Care status"]
        checked = check([[*ROWS[0], "Looked after; section_47"]], header)
        assert checked.found[0].profile["care_status"] == ["looked_after", "section_47"]

    def test_columns_that_were_not_matched_are_not_read(self):
        table = Table((*HEADER, "Worker"), ((2, (*ROWS[0], "Somebody Else")),))
        columns = match_columns(table.header, YOUTH, worded).columns
        checked = check_table(table, columns, YOUTH, FIELDWORK, worded)
        assert "Somebody" not in str(checked)


class TestFaults:
    @pytest.mark.parametrize(
        ("changes", "column", "value", "reason"),
        [
            ({"disposal": "Fine"}, "Disposal", "Fine", "This is no disposal"),
            ({"disposal": "RO"}, "Disposal", "RO", "Referral order or Reparation order"),
            ({"disposal": ""}, "Disposal", "", "missing"),
            ({"case": ""}, "Case reference", "", "missing"),
            ({"case": "x1" * 31}, "Case reference", "x1" * 30 + "…", "longer than 60"),
            ({"date": ""}, "Date of disposal", "", "missing"),
            ({"date": "31/02/2026"}, "Date of disposal", "31/02/2026", "not a date"),
            ({"date": "45000"}, "Date of disposal", "45000", "not a date"),
            ({"date": "2026-02-01"}, "Date of disposal", "2026-02-01", "2 February 2026 to 2 May 2026"),
            ({"date": "2026-05-03"}, "Date of disposal", "2026-05-03", "outside the window"),
            ({"sex": "Other"}, "Sex", "Other", "no value of this column"),
            ({"rosh": "Severe"}, "RoSH", "Severe", "no value of this column"),
            ({"age": "fifteen"}, "Age", "fifteen", "whole number"),
            ({"sex": "a.b@example.org"}, "Sex", NOT_SHOWN, "no value of this column"),
        ],
    )
    def test_say_line_column_value_and_reason(self, changes, column, value, reason):
        fault = only_fault(**changes)
        assert (fault.line, fault.column, fault.value) == (2, column, value)
        assert reason in fault.reason

    @pytest.mark.parametrize("day", ["2026-02-02", "2026-05-02"])
    def test_the_ends_of_the_window_are_in_it(self, day):
        assert check([row(date=day)]).faults == ()

    def test_the_window_is_that_of_the_sample(self):
        assert (
            "out-of-court cases have a disposal from 2 June 2026 to 2 August 2026" in only_fault(disposal="YC").reason
        )

    def test_a_reference_that_is_there_twice(self):
        (fault,) = check([row(), row(case="c-001", child="P-9")]).faults
        assert (fault.line, fault.value) == (3, "c-001")
        assert "on line 2 already" in fault.reason

    def test_every_fault_of_every_row_is_told(self):
        checked = check([row(case="", disposal="x", date="y", sex="z"), row(), [*row(case="C-9"), "more"]])
        assert [fault.line for fault in checked.faults] == [2, 2, 2, 2, 4]
        assert "more values here than the 8 columns" in checked.faults[-1].reason

    @pytest.mark.parametrize("column", ["case", "child"])
    @pytest.mark.parametrize(
        ("text", "about"),
        [
            ("John Smith", "a name"),
            ("SMITH, John", "a name"),
            ("smith", "a name"),
            ("Mary-Ann O'Neill 2", "a name"),
            ("Zoë Müller", "a name"),
            ("12/03/2010", "a date"),
            ("2010-03-12", "a date"),
            ("12 March 2010", "a date"),
            ("943 476 5919", "an NHS number"),
            ("9434765919", "an NHS number"),
            ("2019/1234567A", "a police national computer number"),
            ("A1234BC", "a prison number"),
            ("AB123456C", "a national insurance number"),
            ("a.smith@example.org", "an email address"),
            ("07700 900123", "a telephone number"),
            ("+44 (0)7700 900123", "a telephone number"),
            ("(0115) 496 0123", "a telephone number"),
            ("07700900123", "a telephone number"),
            ("SW1A 1AA", "a postcode"),
        ],
    )
    def test_identifiers_in_place_of_a_reference(self, column, text, about):
        fault = only_fault(**{column: text})
        assert about in fault.reason
        assert "reference of your own" in fault.reason
        assert fault.value == NOT_SHOWN
        assert text not in str(fault)

    @pytest.mark.parametrize(
        "text",
        [
            "C-001",
            "1",
            "00042",
            "YJS/2026/0137",
            "Case 12",
            "YOT Court 7",
            "a1b2c3",
            "20-114",
            "9434765918",
            "X_93-a",
            "OOCD 4",
        ],
    )
    def test_references_are_not_taken_for_identifiers(self, text):
        assert identifier_as_reference(text) == ""

    @settings(deadline=None)
    @given(st.from_regex(r"\A[A-Z]{1,4}-[0-9]{1,9}\Z"))
    def test_letters_a_hyphen_and_a_number_are_a_reference(self, text):
        assert identifier_as_reference(text) == ""

    def test_text_may_not_hold_identifiers_either(self):
        header = [*HEADER, "Local disposal"]
        (fault,) = check([[*ROWS[0], "Ring 07700 900123"]], header).faults
        assert "a telephone number" in fault.reason
        assert identifier_in("Triage plus, 12 weeks") == ""


class TestOneChild:
    ROWS = [
        row(case="C-1", date="2026-03-01"),
        row(case="C-2", date="2026-04-01", child="p-01"),
        ["O-1", "P-01", "YC", "2026-07-01", "", "", "", ""],
        row(case="C-3", child=""),
        row(case="C-4", child=""),
    ]

    def test_is_one_candidate_by_the_latest_disposal(self):
        checked = check(self.ROWS)
        assert [(held.reference, held.disposals) for held in checked.found] == [("O-1", 3), ("C-3", 1), ("C-4", 1)]
        assert (checked.rows, checked.set_aside) == (5, 2)

    def test_on_one_day_the_first_row_counts(self):
        checked = check([row(case="C-1"), row(case="C-2")])
        assert [held.reference for held in checked.found] == ["C-1"]

    def test_unless_every_disposal_is_to_be_one(self):
        checked = check(self.ROWS, every_disposal=True)
        assert [held.reference for held in checked.found] == ["C-1", "C-2", "O-1", "C-3", "C-4"]
        assert checked.set_aside == 0


def test_the_checksum_follows_what_is_said_and_not_how():
    header = HEADER[::-1]
    turned = check([held[::-1] for held in ROWS], header)
    assert checksum(check(ROWS).stored) == checksum(turned.stored)
    assert checksum(check(ROWS).stored) != checksum(check(ROWS[:2]).stored)


def test_another_document_has_other_columns():
    """Nothing here knows what is inspected."""
    bakery = load("bakery-hygiene", [Path(__file__).parents[1] / "documents"])
    sample = bakery.samples[0]
    names = [target.code for target in targets(bakery, lambda text: text)]
    assert names == ["reference", "child", "disposal", "disposal_date", "size"]
    header = ("Reference", "Disposal", "Date", "Size of the bakery")
    code = sample.disposals[0].code
    other = replace(bakery, samples=(replace(sample, window_months=(0, 1)), *bakery.samples[1:]))
    table = Table(header, ((2, ("B-1", code, "2026-11-01", "S")),))
    columns = match_columns(header, other, lambda text: text).columns
    checked = check_table(table, columns, other, FIELDWORK, lambda text: text)
    assert checked.faults == ()
    assert checked.found[0].profile == {"size": "small"}
