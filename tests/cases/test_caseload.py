"""Importing a caseload: the writer, what is recorded, and the command."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from cases.caseload.actions import import_caseload
from cases.caseload.uploads import checked_upload, opened
from cases.models import Candidate, Caseload
from inspections.errors import Refused, Unfit
from inspections.models import Inspection, Lifecycle, State
from tests.cases.caseloads import FIELDWORK, HEADER, ROWS, as_csv, as_ods, as_xlsx, caseload

pytestmark = pytest.mark.django_db
WHOLE = as_csv([HEADER, *ROWS])


@pytest.fixture
def inspection(make_inspection):
    """Return an inspection that is planned, with its day of fieldwork."""
    return make_inspection(state=State.PLANNED, fieldwork_started=FIELDWORK)


def read(inspection, data=WHOLE, **given):
    table, matching = opened(inspection, data)
    return checked_upload(inspection, table, matching.columns, **given)


def references(inspection):
    return list(inspection.candidates.values_list("reference", flat=True))


class TestTheWriters:
    def test_candidates_are_what_the_file_says(self, inspection, lead):
        import_caseload(inspection=inspection, upload=read(inspection), by=lead)
        first = inspection.candidates.get(reference="C-002")
        assert (first.number, first.child, first.sample, first.disposal) == (
            2,
            "P-02",
            "court",
            "youth_rehabilitation_order",
        )
        assert (first.disposal_date.isoformat(), first.disposals) == ("2026-04-05", 1)
        assert first.profile == {"sex": "female", "harm_classification": "high", "age": 17}
        assert first.to_draw.strata == ("female", "youth_rehabilitation_order", "high", "")

    def test_the_same_file_twice_changes_nothing(self, inspection, lead):
        import_caseload(inspection=inspection, upload=read(inspection), by=lead)
        before = list(inspection.candidates.values_list("pk", "public_id"))
        events = Event.objects.count()
        assert import_caseload(inspection=inspection, upload=read(inspection), by=lead) is None
        assert (
            import_caseload(inspection=inspection, upload=read(inspection, as_xlsx([HEADER, *ROWS])), by=lead) is None
        )
        assert list(inspection.candidates.values_list("pk", "public_id")) == before
        assert Event.objects.count() == events

    def test_the_same_file_for_other_windows_changes_what_is_told_of_it_alone(self, inspection, lead, manager):
        import_caseload(inspection=inspection, upload=read(inspection), by=lead)
        before = list(inspection.candidates.values_list("pk", "public_id"))
        stood = Caseload.objects.get()
        Inspection.objects.update(fieldwork_started=FIELDWORK + timedelta(days=1))
        upload = read(Inspection.objects.get())
        caseload = import_caseload(inspection=inspection, upload=upload, by=manager)
        assert caseload.told["windows"]["court"] == ["2026-02-03", "2026-05-03"]
        assert list(inspection.candidates.values_list("pk", "public_id")) == before
        stands = Caseload.objects.get()
        assert (stands.told, stands.seed, stands.by, stands.at) == (caseload.told, stood.seed, lead, stood.at)
        event = Event.objects.latest("pk")
        assert event.summary.startswith(
            "Checked the same list against the windows as they are now: court cases from 3 F"
        )
        assert import_caseload(inspection=inspection, upload=upload, by=manager) is None

    def test_a_second_file_takes_the_place_of_the_first(self, inspection, lead):
        import_caseload(inspection=inspection, upload=read(inspection), by=lead)
        import_caseload(inspection=inspection, upload=read(inspection, as_csv(caseload(3))), by=lead)
        assert references(inspection) == ["C-00001", "C-00002", "C-00003"]
        assert Caseload.objects.count() == 1

    def test_a_file_with_faults_is_kept_by_nobody(self, inspection, lead):
        upload = read(inspection, as_csv([HEADER, *ROWS, ["C-009", "", "Fine", "", "", "", "", ""]]))
        with pytest.raises(Unfit):
            import_caseload(inspection=inspection, upload=upload, by=lead)
        assert not Candidate.objects.exists()

    def test_only_before_fieldwork_and_before_cases_are_drawn(self, inspection, lead, make_case):
        upload = read(inspection)
        lifecycle = Lifecycle.objects.filter(inspection=inspection)
        for state in set(State) - {State.PLANNED}:
            lifecycle.update(state=state)
            with pytest.raises(Refused, match="has begun"):
                import_caseload(inspection=inspection, upload=upload, by=lead)
        lifecycle.update(state=State.PLANNED)
        make_case(inspection)
        with pytest.raises(Refused, match="in the sample already"):
            import_caseload(inspection=inspection, upload=upload, by=lead)
        assert references(inspection) == []

    def test_only_when_it_is_known_when_fieldwork_begins(self, inspection, lead):
        upload = read(inspection)
        Inspection.objects.update(fieldwork_started=None)
        with pytest.raises(Refused, match="No day is planned"):
            import_caseload(inspection=inspection, upload=upload, by=lead)

    def test_what_is_recorded_counts_and_names_no_case(self, inspection, lead):
        import_caseload(inspection=inspection, upload=read(inspection), by=lead)
        event = Event.objects.latest("pk")
        assert event.summary == "Imported a caseload of 3 cases, 2 court and 1 out-of-court."
        assert event.detail == {"candidates": 3, "court": 2, "out-of-court": 1}
        written = str(list(Event.objects.values_list("summary", "detail", "reason")))
        assert not [held for held in ROWS if held[0] in written or held[1] in written]


class TestFilesThatAreRefused:
    @pytest.mark.parametrize("make", [as_csv, as_xlsx, as_ods])
    def test_columns_that_identify_people(self, inspection, make):
        data = make([[*HEADER, "Surname", "DOB"], *([*held, "Smith", "12/03/2010"] for held in ROWS)])
        with pytest.raises(Refused) as refusal:
            opened(inspection, data)
        assert "“Surname” (names); “DOB” (dates of birth)" in str(refusal.value)
        assert "Take these columns out" in str(refusal.value)
        assert "Smith" not in str(refusal.value)

    def test_a_file_without_names_of_columns(self, inspection):
        with pytest.raises(Refused, match="first row has to name the columns"):
            opened(inspection, as_csv(ROWS))

    def test_a_file_that_cannot_be_read(self, inspection):
        with pytest.raises(Refused, match="Nothing of this file was kept"):
            opened(inspection, b"PK\x03\x04")


class TestTheCommand:
    def run(self, inspection, tmp_path, capsys, *options, data=WHOLE):
        path = tmp_path / "caseload.csv"
        path.write_bytes(data)
        call_command("import_caseload", inspection.slug, str(path), *options)
        return json.loads(capsys.readouterr().out)

    def test_it_imports(self, inspection, tmp_path, capsys):
        printed = self.run(inspection, tmp_path, capsys)
        assert printed == {
            "rows": 3,
            "candidates": 3,
            "samples": {"court": 2, "out-of-court": 1},
            "not_classified": {"sex": 0, "harm_classification": 1, "safety_classification": 1},
            "notes": [],
            "dry_run": False,
            "changed": True,
        }
        assert references(inspection) == ["C-001", "C-002", "O-001"]
        assert self.run(inspection, tmp_path, capsys)["changed"] is False

    def test_a_dry_run_imports_nothing(self, inspection, tmp_path, capsys):
        printed = self.run(inspection, tmp_path, capsys, "--dry-run")
        assert (printed["candidates"], printed["changed"]) == (3, False)
        assert references(inspection) == []

    def test_columns_of_other_names(self, inspection, tmp_path, capsys):
        data = WHOLE.replace(b"Case reference", b"Nummer").replace(b"Sex,", b"S,")
        with pytest.raises(CommandError, match="No column is known as Case reference"):
            self.run(inspection, tmp_path, capsys, data=data)
        options = ("--column", "reference=Nummer", "--column", "Sex=S")
        assert self.run(inspection, tmp_path, capsys, *options, data=data)["not_classified"]["sex"] == 0
        for wrong, sentence in (("nothing=S", "Nothing is called nothing"), ("sex=T", "0 columns called T")):
            with pytest.raises(CommandError, match=sentence):
                self.run(inspection, tmp_path, capsys, *options, "--column", wrong, data=data)

    def test_every_fault_is_a_line(self, inspection, tmp_path, capsys):
        data = as_csv([HEADER, *ROWS, ["John Smith", "", "Fine", "2026-03-01", "", "", "", ""]])
        with pytest.raises(CommandError) as refusal:
            self.run(inspection, tmp_path, capsys, data=data)
        lines = str(refusal.value).splitlines()
        assert lines[0].startswith("line 5, Case reference, “(not shown)”: This looks like a name")
        assert lines[1].startswith("line 5, Disposal, “Fine”: This is no disposal")
        assert lines[2] == "2 faults. Nothing was imported."
        assert references(inspection) == []

    def test_every_disposal(self, inspection, tmp_path, capsys):
        data = WHOLE.replace(b"P-02", b"P-01")
        assert self.run(inspection, tmp_path, capsys, data=data)["candidates"] == 2
        assert self.run(inspection, tmp_path, capsys, "--every-disposal", data=data)["candidates"] == 3

    def test_what_it_cannot_do_is_a_sentence(self, inspection, tmp_path, capsys):
        with pytest.raises(CommandError, match="There is no inspection nowhere"):
            call_command("import_caseload", "nowhere", "x.csv")
        with pytest.raises(CommandError, match="cannot be read: No such file"):
            call_command("import_caseload", inspection.slug, str(tmp_path / "x.csv"))
        with pytest.raises(CommandError, match="Nothing of this file was kept"):
            self.run(inspection, tmp_path, capsys, data=b"PK")
        Lifecycle.objects.filter(inspection=inspection).update(state=State.FIELDWORK)
        with pytest.raises(CommandError, match="has begun"):
            self.run(inspection, tmp_path, capsys)
