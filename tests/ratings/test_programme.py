"""The programme as data: what its tables hold, what is hidden, who has which inspections in it."""

import io
import json
from collections import Counter
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from accounts.roles import ROLES
from audit.models import Event
from cases.actions import exclude_case, record_answer, set_imported_state
from cases.answers import Given
from cases.models import Answer
from inspections.actions import add_member, create_inspection
from inspections.errors import Refused
from inspections.models import Inspection, Service
from ratings.actions import lock_ratings
from ratings.annex import as_data, build_annex
from ratings.models import Result
from ratings.programme import writing
from ratings.programme.chosen import Chosen, check_may_see, choices_among, programme_of, whole_programme
from ratings.programme.tables import FIGURES, TABLES, rows_of
from ratings.programme.writing import FORMATS
from ratings.scoring import percentage
from tests.ratings.programmes import as_book_cells, as_csv_cell, read, written
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db


def chosen(**by):
    return [held.slug for held in Chosen(**by).among(whole_programme())]


@pytest.fixture
def nottingham(make_example):
    """Return an example in which discretion was used."""
    return make_example("nottingham-city-2020")


@pytest.fixture
def frozen(rated, lead):
    """Return the Annex of an inspection as its ratings were agreed."""
    return lock_ratings(inspection=make_ready(rated, lead), by=lead)


class TestTables:
    def test_ratings_percentages_and_counts_are_those_of_annex_2(self, sefton, nottingham, tmp_path):
        tables = read(written(tmp_path, "json", FIGURES)[0])
        for inspection in (sefton, nottingham):
            annex = as_data(build_annex(inspection, inspection.result))
            [row] = [row for row in tables["inspections"] if row["inspection"] == inspection.slug]
            standards = [held for domain in annex["domains"] for held in domain["standards"]]
            assert {name: row[name] for name in ("score", "maximum", "overall", "sequence", "service")} == {
                name: annex[name] for name in ("score", "maximum", "overall", "sequence", "service")
            }
            assert {held["code"]: row[f"rating.{held['code']}"] for held in standards} == {
                held["code"]: held["rating"] for held in standards
            }
            assert row["discretion"] == ", ".join(held["code"] for held in standards if held["discretion"])
            assert row["invented_answers"] is True
            found = [row for row in tables["key_questions"] if row["inspection"] == inspection.slug]
            expected = [
                {**asked, "rating": held["rating"], "calculated": held["calculated"], "standard": held["code"]}
                for held in standards
                for asked in held["key_questions"]
            ]
            assert [
                {name: row["key_question" if name == "code" else name] for name in wanted}
                for row, wanted in zip(found, expected, strict=True)
            ] == expected

    def test_prompts_have_the_stored_counts(self, sefton, tmp_path):
        rows = read(written(tmp_path, "json", ("prompts",))[0])["prompts"]
        counted = ("yes", "no", "not_applicable", "not_asked", "unanswered")
        stored = sefton.result.tallies
        assert {row["prompt"]: [row[name] for name in counted] for row in rows} == {
            code: counts for code, counts in stored.items() if code not in sefton.document.key_questions
        }
        assert all(row["percent"] == percentage(row["yes"], row["yes"] + row["no"]) for row in rows)

    def test_case_answers_add_up_to_the_counts(self, sefton, lead, tmp_path):
        exclude_case(case=sefton.cases.first(), reason="conflict of interest", by=lead)
        rows = read(written(tmp_path, "json", ("answers",))[0])["answers"]
        found = Counter((row["question"], row["counts_as"]) for row in rows if row["counted"] and row["counts_as"])
        tallies = Result.objects.get(inspection=sefton).tallies
        states = ("yes", "no", "not_applicable", "not_asked", "unanswered")
        assert found == {
            (code, state): count
            for code, counts in tallies.items()
            for state, count in zip(states, counts, strict=True)
            if count
        }
        assert {row["case"] for row in rows if not row["counted"]} == {sefton.cases.first().reference}
        assert len(rows) == Answer.objects.exclude(kind="text").count()

    def test_texts_that_people_wrote_are_not_in_it(self, case, lead, tmp_path):
        given = Given("2.1.1", "not_applicable", reason="Kim said no.", note="Kim's file.")
        record_answer(case=case, by=lead, given=given)
        record_answer(case=case, by=lead, given=Given("notebook", "Kim was not in."))
        assert "Kim" not in written(tmp_path, "json", TABLES)[0].read_text()

    def test_what_is_behind_is_computed_first(self, case, lead, settle, tmp_path):
        settle()
        record_answer(case=case, by=lead, given=Given("2.1.1", "no"))
        rows = read(written(tmp_path, "json", FIGURES)[0])
        assert rows["inspections"][0]["sequence"] == Inspection.objects.get(pk=case.inspection_id).sequence.value
        [row] = [row for row in rows["key_questions"] if row["key_question"] == "2.1.1"]
        assert (row["no"], row["percent"], row["band"]) == (1, 0, "inadequate")

    def test_figures_and_answers_are_of_one_moment(self, case, lead, tmp_path, monkeypatch):
        computed = []

        def then_somebody_answers(inspection_id, recompute=writing.recompute):
            recompute(inspection_id=inspection_id)
            if not computed:
                record_answer(case=case, by=lead, given=Given("2.1.1", "yes"))
            computed.append(inspection_id)

        monkeypatch.setattr(writing, "recompute", then_somebody_answers)
        rows = read(written(tmp_path, "json", TABLES)[0])
        assert computed == [case.inspection_id] * 2
        assert next(row for row in rows["key_questions"] if row["key_question"] == "2.1.1")["yes"] == 1
        assert next(row for row in rows["answers"] if row["question"] == "2.1.1")["counts_as"] == "yes"

    def test_agreed_ratings_carry_their_checksum(self, frozen, tmp_path):
        [row] = read(written(tmp_path, "json", ("inspections",))[0])["inspections"]
        assert row["checksum"] == frozen.checksum
        assert row["locked_at"]
        assert row["state"] == "locked"

    def test_as_many_rows_as_were_foretold(self, inspection, case, make_case, tmp_path):
        make_case(inspection, sample="out_of_court", disposal="youth_caution")
        for tables in (FIGURES, ("answers",), TABLES):
            told = []
            _, done = written(tmp_path, "csv", tables, tell=told.append)
            assert done.rows == rows_of(whole_programme(), tables) == told[-1]
            assert done.inspections == [inspection.pk]


class TestFormats:
    def test_each_holds_what_the_json_holds_cell_by_cell(self, nottingham, closed_too, tmp_path):
        data = read(written(tmp_path, "json", TABLES)[0])
        packed, _ = written(tmp_path, "csv", TABLES)
        assert packed.suffix == ".zip"
        found = read(packed)
        assert [*found] == [*data] == list(TABLES)
        for table, rows in data.items():
            assert found[table] == [{name: as_csv_cell(value) for name, value in row.items()} for row in rows]
        for format in ("xlsx", "ods"):
            found = read(written(tmp_path, format, FIGURES)[0])
            assert [*found] == list(FIGURES)
            for table, rows in found.items():
                assert rows == as_book_cells(table, data[table])

    @pytest.mark.parametrize("format", ["xlsx", "ods"])
    def test_a_workbook_takes_no_case_answers(self, inspection, tmp_path, format):
        with pytest.raises(Refused, match="does not hold as many rows as there are case answers"):
            written(tmp_path, format, TABLES)

    def test_one_table_is_a_csv_file_of_its_own(self, inspection, tmp_path):
        file, _ = written(tmp_path, "csv", ("inspections",))
        assert read(file)["inspections"][0]["inspection"] == inspection.slug

    def test_no_text_runs_as_a_formula(self, inspection, tmp_path):
        Service.objects.update(name='=HYPERLINK("http://example.org")')
        file, _ = written(tmp_path, "csv", ("inspections",))
        assert read(file)["inspections"][0]["service"] == '\'=HYPERLINK("http://example.org")'
        data, _ = written(tmp_path, "json", ("inspections",))
        assert read(data)["inspections"][0]["service"] == '=HYPERLINK("http://example.org")'

    def test_the_file_says_what_it_is(self, inspection, tmp_path):
        data = json.loads(written(tmp_path, "json", ("inspections",))[0].read_text())
        assert data["format"] == "evenhand-programme/1"
        notes = dict(data["notes"])
        assert notes["Chosen"] == "All inspections. 1 inspection."
        assert notes["Not shown"] == "Nothing: figures of every inspection are shown."

    def test_a_table_without_rows_is_there(self, tmp_path):
        assert read(written(tmp_path, "json", TABLES)[0]) == {table: [] for table in TABLES}


@pytest.fixture
def closed_too(make_inspection, make_case):
    """Return an inspection whose figures are hidden, beside any other: its one case is still being read."""
    hidden = make_inspection(figures_open=False)
    make_case(hidden)
    return hidden


class TestHiddenFigures:
    def test_they_stay_hidden_and_the_file_says_so(self, closed, tmp_path):
        file, done = written(tmp_path, "json", TABLES)
        sentence = "Figures are not shown until every case is submitted: 22 of 24 court cases are."
        assert done.withheld == [(closed.slug, sentence)]
        assert [closed.slug, sentence] in json.loads(file.read_text())["notes"]
        tables = read(file)
        [row] = tables["inspections"]
        assert row["not_shown"] == sentence
        assert row["score"] is row["overall"] is None
        shown = {name for name, value in row.items() if name.startswith("rating.") and value}
        assert shown == {"rating.1.1", "rating.1.2", "rating.1.3", "rating.1.4"}  # judged without cases
        for table in ("key_questions", "prompts"):
            for row in tables[table]:
                assert row["not_shown"] == sentence
                figures = ("yes", "no", "not_applicable", "not_asked", "unanswered", "percent", "rating", "band")
                assert {row.get(name) for name in figures} == {None}
        assert tables["answers"] == []

    def test_they_are_shown_once_every_case_is_submitted(self, closed_too, lead, tmp_path):
        set_imported_state(case=closed_too.cases.get(), state="submitted", by=lead)
        file, done = written(tmp_path, "json", TABLES)
        assert done.withheld == []
        assert read(file)["answers"]


class TestWhoHasWhat:
    def test_a_manager_has_every_inspection(self, manager, inspection, closed_too):
        assert set(programme_of(manager)) == {inspection, closed_too}

    @pytest.mark.parametrize("role", ["observer", "local_assessor", "inspector"])
    def test_in_a_team_the_role_there_counts(self, manager, inspection, closed_too, lead, role):
        add_member(inspection=inspection, user=manager, role=role, by=lead)
        assert (inspection in programme_of(manager)) is (role == "inspector")
        assert closed_too in programme_of(manager)

    def test_archived_ones_are_left_out(self, manager, inspection):
        Inspection.objects.update(archived_at=inspection.created_at)
        assert not programme_of(manager)

    def test_who_may_see_it(self, everybody):
        for role in ROLES.values():
            if role.code == "manager":
                check_may_see(everybody[role])
                continue
            with pytest.raises(Refused, match="cannot see the whole programme and take it out"):
                check_may_see(everybody[role])

    def test_whose_account_is_closed_may_not(self, manager):
        manager.is_active = False
        with pytest.raises(Refused, match="Your role, manager, cannot"):
            check_may_see(manager)


class TestChoosing:
    @pytest.fixture
    def three(self, make_inspection, lead):
        from standards import reader

        other = reader.load("bakery-hygiene", ["tests/documents"])
        make_inspection(slug="a", fieldwork_started=date(2019, 2, 4))
        make_inspection(slug="b", fieldwork_started=date(2020, 2, 4), state="planned")
        make_inspection(document=other, slug="c")

    def test_by_year_standards_and_state(self, three):
        assert chosen() == ["c", "a", "b"]
        assert chosen(year=2019) == ["a"]
        assert chosen(standards="youth-2018/1") == chosen(standards="youth-2018") == ["a", "b"]
        assert chosen(standards="youth-2018/2") == []
        assert chosen(state="planned") == ["b"]
        assert chosen(year=2019, state="planned") == []

    def test_what_there_is_to_choose_from(self, three, django_assert_num_queries):
        with django_assert_num_queries(2):
            choices = choices_among(whole_programme())
        assert [code for code, _ in choices.years] == ["2020", "2019"]
        assert [code for code, _ in choices.standards] == ["bakery-hygiene/3", "youth-2018/1"]

    def test_in_words(self):
        assert Chosen().words == "All inspections"
        assert Chosen(2019, "youth-2018/1", "published").words == (
            "Fieldwork in 2019, standards youth-2018 version 1, at “Published”"
        )

    def test_other_standards_have_columns_of_their_own(self, three, tmp_path):
        rows = read(written(tmp_path, "json", FIGURES)[0])["inspections"]
        assert len({tuple(row) for row in rows}) == 1
        assert {"rating.1.1", "rating.2.1"} <= set(rows[0])


class TestCommand:
    def run(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        call_command("programme", *map(str, arguments), stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def test_it_writes_the_file_and_nothing_else(self, inspection, tmp_path):
        file = tmp_path / "programme.json"
        out, err = self.run("--format", "json", "--output", file)
        assert out == ""
        assert err.endswith(f"Wrote {file}: {rows_of(whole_programme(), FIGURES)} rows.\n")
        assert [path.name for path in tmp_path.iterdir()] == ["programme.json"]
        assert set(read(file)) == set(FIGURES)

    def test_tables_and_inspections_are_chosen_by_options(self, make_inspection, case, make_case, tmp_path):
        make_case(make_inspection(slug="chosen", fieldwork_started=date(2019, 2, 4)))
        file = tmp_path / "answers.csv"
        self.run("--format", "csv", "--table", "answers", "--year", 2019, "--state", "fieldwork", "--output", file)
        assert {row["inspection"] for row in read(file)["answers"]} == {"chosen"}
        with pytest.raises(CommandError, match="No inspection is chosen"):
            self.run("--format", "csv", "--year", 1999, "--output", tmp_path / "none.zip")

    def test_it_says_what_is_not_shown(self, closed_too, tmp_path):
        _, err = self.run("--format", "json", "--output", tmp_path / "programme.json")
        assert "Figures of 1 inspection are not shown until every case is submitted." in err

    def test_it_is_recorded(self, make_inspection, tmp_path):
        chosen = make_inspection(fieldwork_started=date(2019, 2, 4))
        self.run("--format", "json", "--table", "answers", "--year", 2019, "--output", tmp_path / "programme.json")
        event = Event.objects.get(action="export.made")
        assert event.detail["asked"] == {"year": 2019, "tables": ["answers"]}
        assert event.detail["format"] == "json"
        read_there = Event.objects.filter(action="evidence.read", inspection=str(chosen.public_id))
        assert "Took the case answers out" in read_there.get().summary

    def test_what_cannot_be_is_refused_and_leaves_nothing(self, inspection, tmp_path):
        (tmp_path / "folder").mkdir()
        for arguments, sentence in (
            (("--format", "docx", "--output", tmp_path / "x"), "docx is not a format of the programme"),
            (("--format", "json", "--output", tmp_path / "folder"), "is not a file"),
            (("--format", "json", "--output", tmp_path / "no" / "x"), "cannot be written"),
        ):
            with pytest.raises(CommandError, match=sentence):
                self.run(*arguments)
        assert [path.name for path in tmp_path.iterdir()] == ["folder"]

    def test_an_old_file_stays_when_writing_fails(self, case, settle, tmp_path):
        file = tmp_path / "programme.json"
        file.write_text("old")
        settle()
        Result.objects.update(tallies={})  # which no page can make anything of
        with pytest.raises(KeyError):
            self.run("--format", "json", "--output", file)
        assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_every_format_has_words():
    assert all(held.label and held.several and held.one for held in FORMATS.values())


def test_creating_an_inspection_needs_no_fieldwork_date(lead, tmp_path):
    from standards import reader

    create_inspection(
        by=lead,
        slug="undated",
        service_slug="undated",
        service_name="Undated",
        service_short_name="Undated",
        document=reader.load("youth-2018"),
    )
    [row] = read(written(tmp_path, "json", ("inspections",))[0])["inspections"]
    assert row["year"] is row["fieldwork_started"] is None
