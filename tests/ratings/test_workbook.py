"""The workbooks hold what the JSON holds, cell by cell, and the cases as they were answered."""

import csv
import io
from collections import Counter
from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import Event
from cases.actions import exclude_case, record_answer
from cases.answers import Given
from inspections.models import Inspection
from ratings.actions import lock_ratings
from ratings.annex import as_data
from ratings.exports import FORMATS
from ratings.exports.cases import STATES, CaseAnswers
from ratings.exports.taking import take_out
from ratings.exports.workbook import annex_sheets
from tests.people import EXAMPLES
from tests.ratings.office import converted, needs_libreoffice
from tests.ratings.workbooks import read_ods, read_xlsx
from tests.signing_off import make_ready

pytestmark = pytest.mark.django_db

SLUGS = sorted(path.stem for path in EXAMPLES.glob("*.json"))
READ = {"xlsx": read_xlsx, "ods": read_ods}
FIGURES = ["Cover", "Contents", "Notes", "Standards", "Key questions", "Professional discretion", "Rating scale"]
EVIDENCE = ["Prompts", "Cases", "Notes on cases"]


def read(inspection, code):
    annex, content, _ = take_out(inspection, FORMATS[code])
    return annex, READ[code.rpartition(".")[2]](io.BytesIO(content))


def or_shorthand(value, shorthand="[z]"):
    return shorthand if value is None else value


@pytest.mark.parametrize("slug", SLUGS)
def test_both_workbooks_hold_what_the_json_holds_cell_by_cell(make_example, slug):
    inspection = make_example(slug)
    for ending in READ:
        annex, found = read(inspection, f"figures.{ending}")
        data, labels = as_data(annex), annex.labels
        assert list(found) == [*FIGURES, "Data dictionary"]
        cover = dict(found["Cover"].rows)
        for name, held in {
            "Service": data["service"],
            "Inspection": data["inspection"],
            "Standards": data["standards"],
            "Score": str(data["score"]),
            "Maximum score": str(data["maximum"]),
            "Overall rating": labels[data["overall"]],
            "Sequence": str(data["sequence"]),
            "Computed at": annex.computed_at,
            "State": "Provisional: the ratings are not locked and may still change.",
            "Invented answers": "Case answers in this inspection are invented to fit published percentages.",
        }.items():
            assert cover[name] == held
        standards, questions = iter(found["Standards"].dicts), iter(found["Key questions"].dicts)
        used = iter(found["Professional discretion"].dicts)
        for domain in data["domains"]:
            for standard in domain["standards"]:
                row = next(standards)
                assert (row["Domain"], row["Domain title"]) == (domain["code"], domain["title"])
                assert [row[name] for name in ("Standard", "Title", "Statement")] == [
                    standard[name] for name in ("code", "title", "statement")
                ]
                assert row["Rating"] == labels[standard["rating"]]
                assert row["Calculated rating"] == or_shorthand(labels.get(standard["calculated"]))
                assert row["Discretion"] == ("yes" if standard["discretion"] else "no")
                if standard["discretion"]:
                    moved = standard["discretion"]
                    assert next(used) == {
                        "Standard": standard["code"],
                        "From": labels[moved["from"]],
                        "To": labels[moved["to"]],
                        "Key question": moved["key_question"],
                        "Percentage yes": moved["percent"],
                        "Reason": moved["reason"],
                        "Decided by": moved["decided_by"],
                        "Ratified by": moved["ratified_by"],
                        "Decided at": moved["decided_at"],
                    }
                for question in standard["key_questions"]:
                    row = next(questions)
                    assert (row["Standard"], row["Key question"]) == (standard["code"], question["code"])
                    assert row["Text"] == question["text"]
                    for name in (*STATES, "percent"):
                        column = "Percentage yes" if name == "percent" else name.replace("_", " ").capitalize()
                        assert row[column] == or_shorthand(question[name])
                        assert type(row[column]) is (str if question[name] is None else int)
                    assert row["Band"] == or_shorthand(labels.get(question["band"]))
                if not standard["key_questions"]:
                    for code in (key for key in inspection.document.key_questions if key.startswith(standard["code"])):
                        row = list(next(questions).values())
                        assert (row[3], row[5:]) == (code, ["[z]"] * 7)
        assert next(standards, None) is next(questions, None) is None
        assert next(used, {"Standard": "[z]"})["Standard"] == "[z]"
        assert sum(row["Score"] for row in found["Standards"].dicts) == data["score"]
        assert_described(found, FIGURES)
        assert "Confidential" not in cover


@pytest.mark.parametrize("slug", SLUGS)
def test_cases_are_those_of_the_database_and_counting_them_gives_the_figures(make_example, slug):
    inspection = make_example(slug)
    for code in READ:
        _, found = read(inspection, code)
        assert list(found) == [*FIGURES, *EVIDENCE, "Data dictionary"]
        assert_described(found, [*FIGURES, *EVIDENCE])
        assert "evidence about children" in dict(found["Cover"].rows)["Confidential"]
        rows = {row["reference"]: row for row in found["Cases"].dicts}
        assert len(rows) == inspection.cases.count() == len(found["Cases"].rows)
        for case in inspection.cases.prefetch_related("answers"):
            assert_answered(rows[case.reference], case)
        for name in ("Key questions", "Prompts"):
            for row in found[name].dicts:
                question = row["Prompt"] if name == "Prompts" else row["Key question"]
                if row["Yes"] != "[z]":
                    counted = Counter(held[question] for held in rows.values() if held["counted"] == "yes")
                    for state in STATES:
                        assert row[state.replace("_", " ").capitalize()] == counted[state]
                    assert set(counted) <= {*STATES, "[z]"}


def assert_answered(row, case):
    """Check that a row of the sheet of cases is what the database has of a case."""
    assert (row["sample"], row["disposal"], row["status"]) == (case.sample, case.disposal, case.state)
    for name, value in case.profile.items():
        wanted = "; ".join(value) if isinstance(value, list) else value
        assert row[name] == (date.fromisoformat(wanted) if name.endswith("_date") else wanted)
    for answer in case.answers.all():
        if answer.kind == "rated":
            assert row[answer.question] == ((answer.value or "unanswered") if answer.asked else "not_asked")


@needs_libreoffice
def test_libreoffice_opens_each_of_them_and_reads_the_same_figures(example_annex, make_example, tmp_path):
    annexes = {slug: example_annex(slug) for slug in SLUGS}
    sefton = make_example("sefton-2019")
    for slug, annex in annexes.items():
        for ending in READ:
            (tmp_path / f"{slug}-figures-{ending}.{ending}").write_bytes(FORMATS[f"figures.{ending}"].render(annex))
    for ending in READ:
        (tmp_path / f"sefton-2019-{ending}.{ending}").write_bytes(take_out(sefton, FORMATS[ending])[1])
    made = converted(tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1")
    for slug, annex in annexes.items():
        wanted = [
            [question["code"], *(str(or_shorthand(question[name])) for name in (*STATES, "percent"))]
            for domain in as_data(annex)["domains"]
            for standard in domain["standards"]
            for question in standard["key_questions"]
        ]
        for name in [f"{slug}-figures-{ending}" for ending in READ] + (
            [f"{slug}-{ending}" for ending in READ] if slug == "sefton-2019" else []
        ):
            rows = list(csv.reader(io.StringIO(made[f"{name}-Key questions"])))
            top = next(index for index, row in enumerate(rows) if "Key question" in row and "Yes" in row)
            columns = ["Key question", *(state.replace("_", " ").capitalize() for state in STATES), "Percentage yes"]
            found = [[dict(zip(rows[top], row, strict=False))[column] for column in columns] for row in rows[top + 1 :]]
            assert [row for row in found if row[1] != "[z]"] == wanted, name
    assert len(list(csv.reader(io.StringIO(made["sefton-2019-ods-Cases"])))) > sefton.cases.count()


def assert_described(found, titles):
    """Check what the guidance on accessible spreadsheets asks for, and that the dictionary has every column."""
    for title, sheet in found.items():
        assert all(value not in (None, "") for row in (sheet.columns, *sheet.rows) for value in row), title
        assert all(sheet.above)
        assert sheet.fixed[0] == len(sheet.above) + 1
    named = [(row["Sheet"], row["Column"]) for row in found["Data dictionary"].dicts]
    described = [title for title in found if title in {sheet for sheet, _ in named}]
    assert described == titles[3:]
    assert named == [(title, column) for title in described for column in found[title].columns]
    assert all(row["What it means"] != "[z]" for row in found["Data dictionary"].dicts)
    assert [row[0] for row in found["Contents"].rows] == list(found)[2:]


def test_columns_follow_the_standards(sefton):
    columns = [column.name for column in CaseAnswers(sefton).columns]
    rated = [
        name
        for name in columns
        if name in {*sefton.document.questions("court"), *sefton.document.questions("out_of_court")}
    ]
    assert rated.index("2.1.1.a") < rated.index("2.1.1") < rated.index("2.1.2.a") < rated.index("3.1.1.a")
    assert len(set(columns)) == len(columns)
    assert not {"notebook", "interview_slot", "interview_others"} & set(columns)


@pytest.fixture
def case(sefton):
    """Return a court case of Sefton in which there was a reason to review."""
    return sefton.cases.get(reference="C01")


def give(case, by, question, value, **more):
    row = case.answers.get(question=question)
    given = Given(question, value, base=row.version, command_id=uuid4(), **more)
    return record_answer(case=case, by=by, given=given)


def test_every_kind_of_answer_stands_as_its_code(sefton, lead, inspector, case):
    give(case, inspector, "2.1.1", "not_applicable", reason="It was never due.", note="=1+1", source="file")
    give(case, inspector, "SUP5", '["lifestyle", "family"]')
    give(case, inspector, "SUP11.narrative", "A story.\nIn two lines.")
    give(case, inspector, "harm_changes", "false", change_reason="Nothing changed after all.")
    exclude_case(case=sefton.cases.get(reference="C02"), reason="No file could be had.", by=lead)
    for code in READ:
        _, found = read(sefton, code)
        row = next(held for held in found["Cases"].dicts if held["reference"] == "C01")
        assert (row["2.1.1"], row["SUP5"], row["SUP11.narrative"]) == ("not_applicable", "lifestyle; family", "given")
        assert (row["harm_changes"], row["2.4.3"], row["2.4.3.a"]) == ("false", "not_asked", "not_asked")
        assert (row["3.1.1"], row["excluded"], row["counted"]) == ("[z]", "[z]", "yes")
        left_out = next(held for held in found["Cases"].dicts if held["reference"] == "C02")
        assert (left_out["excluded"], left_out["counted"]) == ("No file could be had.", "no")
        notes = {held["question"]: held for held in found["Notes on cases"].dicts if held["reference"] == "C01"}
        assert (notes["2.1.1"]["reason"], notes["2.1.1"]["note"], notes["2.1.1"]["source"]) == (
            "It was never due.", "=1+1", "file",
        )  # fmt: skip
        assert notes["SUP11.narrative"]["answer"] == "A story.\nIn two lines."
        assert_cases_count(found)


def assert_cases_count(found):
    for row in found["Key questions"].dicts:
        if row["Yes"] != "[z]":
            cases = [held for held in found["Cases"].dicts if held["counted"] == "yes"]
            assert row["Yes"] == sum(held[row["Key question"]] == "yes" for held in cases)


def test_locked_ratings_say_so(sefton, lead):
    frozen = lock_ratings(inspection=make_ready(sefton, lead), by=lead)
    locked = Inspection.objects.get(pk=sefton.pk)
    for ending in READ:
        cover = dict(read(locked, f"figures.{ending}")[1]["Cover"].rows)
        assert cover["Checksum"] == frozen.checksum
        assert cover["State"].startswith(f"Ratings locked by {lead.name} at ")


class TestCasesAsCsv:
    def test_it_is_the_sheet_of_cases(self, sefton):
        _, found = read(sefton, "ods")
        _, content, cases = take_out(sefton, FORMATS["cases.csv"])
        rows = list(csv.DictReader(io.StringIO(content, newline="")))
        assert len(rows) == cases == sefton.cases.count()
        for row, shown in zip(rows, found["Cases"].dicts, strict=True):
            assert row.pop("inspection") == sefton.slug
            assert row.pop("sequence") == str(sefton.result.sequence)
            assert row.pop("invented_answers") == "true"
            assert [value or None for value in row.values()] == [
                None if value in ("[z]", "[x]") else str(value) for value in shown.values()
            ]


def test_the_mark_is_all_that_tells_the_two_tables_apart(sefton):
    plain, marked = (take_out(sefton, FORMATS[code])[1] for code in ("csv", "bom.csv"))
    assert marked.encode() == b"\xef\xbb\xbf" + plain.encode()


class TestWhoTakesCasesOut:
    def test_a_manager_outside_the_team_is_recorded_as_a_reader(self, client, sefton, manager):
        client.force_login(manager)
        assert client.get(reverse("ratings:export", args=[sefton.public_id, "xlsx"])).status_code == 200
        count = sefton.cases.count()
        assert Event.objects.get(action="evidence.read").summary == (
            f"Opened the answers of {count} cases, as a file, from outside the team."
        )
        event = Event.objects.get(action="annex.exported")
        assert event.detail == {"format": "xlsx", "sequence": sefton.result.sequence, "cases": count}
        assert f"with the answers of {count} cases" in event.summary

    def test_figures_alone_are_no_reading_of_evidence(self, client, sefton, manager):
        client.force_login(manager)
        assert client.get(reverse("ratings:export", args=[sefton.public_id, "figures.xlsx"])).status_code == 200
        assert not Event.objects.filter(action="evidence.read").exists()

    def test_nobody_gets_cases_while_figures_are_hidden(self, client, closed, lead):
        client.force_login(lead)
        for code in ("xlsx", "ods", "cases.csv"):
            assert client.get(reverse("ratings:export", args=[closed.public_id, code])).status_code == 403
        assert not Event.objects.filter(action="annex.exported").exists()


def test_a_change_between_figures_and_cases_is_in_both(sefton, inspector, case, monkeypatch):
    """What comes in after the figures were computed makes them be computed once more."""
    from ratings.exports import taking

    computed = []

    def recompute(*, inspection_id):
        result = taking_recompute(inspection_id=inspection_id)
        if not computed:
            give(case, inspector, "2.1.1", "no" if case.answers.get(question="2.1.1").value == "yes" else "yes")
        computed.append(result.sequence)
        return result

    taking_recompute = taking.recompute
    monkeypatch.setattr(taking, "recompute", recompute)
    annex, found = read(sefton, "ods")
    assert computed[1] == computed[0] + 1 == annex.sequence
    assert_cases_count(found)


def test_sheets_are_described_without_reading_them(sefton):
    annex, _, _ = take_out(sefton, FORMATS["json"])
    assert [sheet.title for sheet in annex_sheets(annex)] == [*FIGURES, "Data dictionary"]
