"""The pages of the caseload: a list is sent, its columns settled, checked, and imported or discarded; the candidates."""

import io
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from cases.caseload.actions import confirm_draft, import_caseload, keep_draft
from cases.caseload.reading import MOST_BYTES
from cases.caseload.template import KINDS, template
from cases.caseload.uploads import checked_upload, opened
from cases.drawing import adjust_sample, draw_sample
from cases.models import Candidate, Caseload, CaseloadDraft
from cases.tasks import drop_drafts
from config.worker import app
from inspections.errors import Refused
from inspections.models import Inspection, Lifecycle, State
from tests.cases.caseloads import FIELDWORK, HEADER, ROWS, as_csv, as_ods, as_xlsx, caseload
from tests.cases.posting import change, fields_of, said, send

pytestmark = pytest.mark.django_db
WHOLE = as_csv([HEADER, *ROWS])


@pytest.fixture
def inspection(make_inspection):
    """Return an inspection that is planned, with its day of fieldwork."""
    return make_inspection(state=State.PLANNED, fieldwork_started=FIELDWORK)


@pytest.fixture
def url(inspection):
    return reverse("cases:caseload", args=[inspection.public_id])


@pytest.fixture
def check_url(inspection):
    return reverse("cases:caseload_check", args=[inspection.public_id])


@pytest.fixture
def page(signed_in, lead):
    """Return a client of the lead inspector."""
    return signed_in(lead)


@pytest.fixture
def upload(url, page):
    """Return a function that sends a file from a page as it stands, and returns the response."""

    def upload(data=WHOLE, *, start=None, client=page, **changes):
        fields = change(fields_of(start or client.get(url)), changes)
        sent = {name: values if len(values) > 1 else values[0] for name, values in fields.lists()}
        return client.post(url, sent | ({"file": SimpleUploadedFile("cases.csv", data)} if data is not None else {}))

    return upload


def read(inspection, data=WHOLE):
    table, matching = opened(inspection, data)
    return checked_upload(inspection, table, matching.columns)


def press(client, check_url, do="import"):
    """Press a button of the page that shows what a list would bring."""
    html = client.get(check_url).content.decode()
    forms = [
        Fields
        for Fields in re.findall(r"<form method=\"post\".*?</form>", html, re.DOTALL)
        if f'value="{do}"' in Fields
    ]
    held = dict(re.findall(r'name="(do|draft|base)"\s+value="([^"]*)"', forms[0]))
    return client.post(check_url, held)


def references(inspection):
    return list(inspection.candidates.values_list("reference", flat=True))


class TestAListIsSent:
    @pytest.mark.parametrize("make", [as_csv, as_xlsx, as_ods])
    def test_it_is_checked_then_imported(self, upload, page, url, check_url, inspection, lead, make):
        response = upload(make([HEADER, *ROWS]))
        assert response["Location"] == check_url
        assert not Candidate.objects.exists()
        shown = said(page.get(check_url))
        assert "This list has no faults. Nothing is imported yet." in shown
        assert "Court 2 Referral order 1 Youth rehabilitation order 1" in shown
        assert "Out-of-court 1 Youth conditional caution 1 All 3" in shown
        assert "RoSH read as The YOT's classification of risk of serious harm" in shown
        assert "classification of safety and wellbeing: 1" in shown
        assert press(page, check_url)["Location"] == url
        assert references(inspection) == ["C-001", "C-002", "O-001"]
        assert not CaseloadDraft.objects.exists()
        caseload = said(page.get(url))
        assert "3 cases are imported." in caseload
        assert f"Imported by {lead.name}" in caseload
        assert [event.action for event in Event.objects.order_by("-pk")[:2]] == [
            "caseload.imported",
            "caseload.checked",
        ]

    def test_the_same_file_twice_changes_nothing(self, upload, page, url, check_url, inspection):
        upload()
        press(page, check_url)
        before, events = list(inspection.candidates.values_list("pk")), Event.objects.count()
        for data in (WHOLE, as_xlsx([HEADER, *ROWS])):
            assert upload(data)["Location"] == url
            assert "says what the caseload says already" in said(page.get(url))
        assert list(inspection.candidates.values_list("pk")) == before
        assert (Event.objects.count(), CaseloadDraft.objects.count()) == (events, 0)

    def test_another_list_says_what_it_changes(self, upload, page, check_url, inspection):
        upload()
        press(page, check_url)
        rows = [ROWS[0], [*ROWS[1][:4], "Male", *ROWS[1][5:]], ["O-002", *ROWS[2][1:]]]
        upload(as_csv([HEADER, *rows]))
        shown = said(page.get(check_url))
        assert "1 case is new" in shown
        assert "1 case of the caseload is not in this list, and would be taken out" in shown
        assert "1 case has other particulars" in shown
        press(page, check_url)
        assert references(inspection) == ["C-001", "C-002", "O-002"]

    def test_one_child_is_drawn_once_unless_the_lead_says_otherwise(self, upload, page, check_url, inspection):
        data = WHOLE.replace(b"P-02", b"P-01")
        upload(data)
        assert "1 more row is another disposal of a child who is in the list already." in said(page.get(check_url))
        upload(data, disposals="each")
        shown = said(page.get(check_url))
        assert "All 3" in shown
        assert "Each disposal is a case of its own" in shown
        assert CaseloadDraft.objects.count() == 1

    def test_columns_that_are_not_known_are_said_and_chosen(self, upload, page, check_url, inspection):
        data = WHOLE.replace(b"Case reference", b"Nummer").replace(b"Sex,", b"S,")
        asked = upload(data, disposals="each")
        assert asked.status_code == 200
        assert "No column is known as Case reference." in said(asked)
        assert not any(value in asked.content.decode() for value in ("C-001", "P-01", "Referral order"))
        fields = fields_of(asked)
        assert fields["column-disposal"] == "Disposal"
        assert (fields["column-reference"], fields["column-sex"], fields["disposals"]) == ("", "", "each")
        # Nothing selected, and no file: both are said, and what was chosen stays.
        refused = upload(None, start=asked, **{"column-sex": "S"})
        assert refused.status_code == 400
        assert "Choose the file with the list of cases." in said(refused)
        assert fields_of(refused)["column-sex"] == "S"
        refused = upload(data, start=refused)
        assert "Case reference: select the column that holds it." in said(refused)
        again = {"column-reference": "Nummer", "column-age": "S"}
        refused = upload(data, start=refused, **again)
        assert "“S” is selected twice" in said(refused)
        kept = fields_of(refused)
        assert (kept["column-reference"], kept["column-sex"], kept["column-age"]) == ("Nummer", "S", "S")
        assert upload(data, start=refused, **{"column-age": "Age"})["Location"] == check_url
        assert CaseloadDraft.objects.get().rows[1][6]["sex"] == "female"
        assert "Nummer read as Case reference" in said(page.get(check_url))

    def test_two_columns_of_one_name_are_told_apart(self, upload, page, inspection):
        data = as_csv(
            [["Case", "Disposal", "Date", "Date"], *([held[0], held[2], "2019-01-01", held[3]] for held in ROWS)]
        )
        asked = upload(data)
        assert "More than one column could be Date of disposal." in said(asked)
        upload(data, start=asked, **{"column-disposal_date": "Date (column 4)"})
        assert CaseloadDraft.objects.get().rows[0][4] == "2026-03-02"

    def test_another_file_than_the_columns_were_chosen_for(self, upload):
        asked = upload(WHOLE.replace(b"Case reference", b"Nummer"))
        refused = upload(WHOLE, start=asked, **{"column-reference": "Nummer"})
        assert "this file has no column “Nummer”. Select another." in said(refused)
        assert '<option value="Case reference"' in refused.content.decode()

    def test_somebody_wants_to_say_which_column_is_which(self, upload):
        asked = upload(choose="on")
        fields = fields_of(asked)
        assert fields["column-reference"] == "Case reference"
        upload(start=asked, **{"column-sex": ""})
        assert "sex" not in CaseloadDraft.objects.get().rows[0][6]


class TestFilesWithFaults:
    def test_every_fault_is_a_row_and_nothing_is_kept(self, upload, inspection):
        rows = [
            ["John Smith", "", "Fine", "2026-03-01", "", "", "", ""],
            ["C-001", "", "Referral order", "1999-01-01", *[""] * 4],
        ]
        refused = upload(as_csv([HEADER, *ROWS, *rows]), disposals="each")
        shown = said(refused)
        assert refused.status_code == 400
        assert (
            "There are 4 faults in this file. Correct them, and send the file again. Nothing of it was kept." in shown
        )
        assert "Line 5 Case reference (not shown) This looks like a name." in shown
        assert "Line 5 Disposal Fine This is no disposal." in shown
        assert "Line 6 Case reference C-001 This reference is on line 2 already." in shown
        assert "Line 6 Date of disposal 1999-01-01 This is outside the window" in shown
        assert "John" not in shown
        assert "Faults by column: Case reference 2, Disposal 1, Date of disposal 1." in shown
        assert fields_of(refused)["disposals"] == "each"
        assert not CaseloadDraft.objects.exists()
        assert not Candidate.objects.exists()

    def test_faults_that_are_too_many_to_show(self, upload):
        refused = upload(
            as_csv([HEADER, *([f"C-{number}", "", "Fine", "2026-03-02", *[""] * 4] for number in range(250))])
        )
        assert "There are 250 faults" in said(refused)
        assert refused.content.decode().count("This is no disposal") == 200
        assert "50 more faults are not shown here." in said(refused)

    def test_chosen_columns_stay_while_faults_are_corrected(self, upload):
        faulty = WHOLE.replace(b"Case reference", b"Nummer").replace(b"YCC", b"RO")
        refused = upload(faulty, start=upload(faulty), **{"column-reference": "Nummer"})
        assert "This may be Referral order or Reparation order." in said(refused)
        upload(WHOLE.replace(b"Case reference", b"Nummer"), start=refused)
        assert CaseloadDraft.objects.exists()

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (None, "Choose the file with the list of cases."),
            (b"", "This file is empty."),
            (b"PK\x03\x04", "This workbook is damaged"),
            (b"\xd0\xcf\x11\xe0", "old format, or protected by a password"),
            (as_csv(ROWS), "The first row has to name the columns"),
            (as_csv([HEADER]), "There are no rows below the names of the columns."),
            (as_csv([[*HEADER, "Surname"], *ROWS]), "by the names of its columns: “Surname” (names)"),
            (b"a" * (MOST_BYTES + 1), "This file is larger than 20 MB"),
        ],
        ids=["none", "empty", "damaged", "old", "no names", "no rows", "identifying", "large"],
    )
    def test_files_that_are_refused(self, upload, data, sentence):
        refused = upload(data, disposals="each", choose="on")
        assert refused.status_code == 400
        assert sentence in said(refused)
        assert "<title>Error: " in refused.content.decode()
        kept = fields_of(refused)
        assert (kept["disposals"], kept["choose"]) == ("each", "on")
        assert not CaseloadDraft.objects.exists()

    def test_forged_fields(self, upload, page, url):
        refused = page.post(
            url, {"file": io.BytesIO(WHOLE), "disposals": "all", "known": ["x"] * 1500, "column-sex": "<b>"}
        )
        assert refused.status_code == 400
        assert "<b>" not in refused.content.decode()


class TestBeforeItIsImported:
    def test_a_list_is_discarded(self, upload, page, url, check_url):
        upload()
        assert "was checked and is not imported yet" in said(page.get(url))
        assert press(page, check_url, "discard")["Location"] == url
        assert not CaseloadDraft.objects.exists()
        assert Event.objects.latest("pk").action == "caseload.discarded"
        assert page.get(check_url)["Location"] == url

    def test_a_list_is_its_senders_alone(self, upload, manager, check_url):
        upload()
        client = Client()
        client.force_login(manager)
        assert client.get(check_url).status_code == 302
        draft = str(CaseloadDraft.objects.get().public_id)
        for do in ("import", "discard"):
            client.post(check_url, {"do": do, "draft": draft, "base": ""})
        assert CaseloadDraft.objects.exists()
        assert not Candidate.objects.exists()

    @pytest.mark.parametrize("draft", ["", "x", "00000000-0000-0000-0000-000000000007"])
    def test_a_list_that_is_not_there(self, page, check_url, draft):
        refused = page.post(check_url, {"do": "import", "draft": draft})
        assert refused.status_code == 400
        assert "This list is not there any more" in said(refused)

    def test_an_older_list_is_not_imported_for_a_newer_one(self, upload, page, check_url, inspection):
        upload()
        older = fields_of(page.get(check_url))
        upload(as_csv(caseload(4)))
        older["do"] = "import"
        older = change(older, {"do": "import", "draft": older.getlist("draft")[0]})
        assert "This list is not there any more" in said(send(page, check_url, older))
        assert references(inspection) == []

    def test_fieldwork_is_moved_meanwhile(self, upload, page, check_url, inspection, lead):
        upload()
        draft = CaseloadDraft.objects.get()
        Inspection.objects.update(fieldwork_started=FIELDWORK + timedelta(days=1))
        shown = page.get(check_url)
        assert "Fieldwork was moved from 2 November 2026 to 3 November 2026" in said(shown)
        assert "Import these" not in said(shown)
        refused = page.post(check_url, {"do": "import", "draft": str(draft.public_id), "base": ""})
        assert refused.status_code == 400
        assert "Send the file again." in said(refused)
        assert references(inspection) == []
        Inspection.objects.update(fieldwork_started=None)
        with pytest.raises(Refused, match="No day is planned"):
            confirm_draft(inspection=inspection, draft=draft.public_id, base="", by=lead)

    def test_the_same_list_is_checked_for_other_windows(self, upload, page, url, check_url, inspection):
        upload()
        press(page, check_url)
        seed, before = Caseload.objects.get().seed, list(inspection.candidates.values_list("pk"))
        warning = "The list below was checked for other windows"
        assert warning not in said(page.get(url))
        Inspection.objects.update(fieldwork_started=FIELDWORK + timedelta(days=1))
        assert warning in said(page.get(url))
        assert "was checked for other windows" in said(page.get(reverse("cases:plan", args=[inspection.public_id])))
        assert upload()["Location"] == check_url
        shown = said(page.get(check_url))
        assert "No case: this is the list that was imported." in shown
        assert "Use the list for these windows" in shown
        press(page, check_url)
        shown = said(page.get(url))
        assert "The list is checked for the windows as they are now. No case in it changed." in shown
        assert warning not in shown
        assert (Caseload.objects.get().seed, list(inspection.candidates.values_list("pk"))) == (seed, before)
        assert Event.objects.latest("pk").summary.startswith("Checked the same list against the windows")
        assert upload()["Location"] == url

    def test_a_page_that_was_opened_on_a_list_that_is_not_there(self, upload, page, check_url, inspection):
        upload()
        draft = str(CaseloadDraft.objects.get().public_id)
        refused = page.post(check_url, {"do": "import", "draft": draft, "base": "forged"})
        assert refused.status_code == 400
        assert "opened on a list that is not there" in said(refused)
        assert references(inspection) == []

    def test_windows_are_adjusted_meanwhile(self, upload, page, check_url, inspection, lead):
        upload()
        adjusted = {"windows": {"court": [6, 10]}}
        adjust_sample(inspection=inspection, adjusted=adjusted, reason="Few disposals this summer.", base=None, by=lead)
        shown = page.get(check_url)
        assert "The windows were adjusted after this list was checked." in said(shown)
        draft = str(CaseloadDraft.objects.get().public_id)
        assert page.post(check_url, {"do": "import", "draft": draft, "base": ""}).status_code == 400
        assert references(inspection) == []

    def test_fieldwork_begins_meanwhile(self, upload, page, url, check_url, inspection):
        upload()
        draft = str(CaseloadDraft.objects.get().public_id)
        Lifecycle.objects.filter(inspection=inspection).update(state=State.FIELDWORK)
        assert "has begun" in said(page.get(check_url))
        refused = page.post(check_url, {"do": "import", "draft": draft, "base": ""})
        assert (refused.status_code, references(inspection)) == (400, [])
        assert "Fieldwork of this inspection has begun" in said(refused)
        refused = page.post(url, {"file": io.BytesIO(WHOLE), "disposals": "one"})
        assert refused.status_code == 400
        assert "Fieldwork of this inspection has begun" in said(refused)
        assert 'type="file"' not in refused.content.decode()

    def test_cases_are_in_the_sample(self, page, url, inspection, make_case):
        make_case(inspection)
        assert "are in the sample already" in said(page.get(url))
        refused = page.post(url, {"file": io.BytesIO(WHOLE), "disposals": "one"})
        assert refused.status_code == 400
        assert not CaseloadDraft.objects.exists()

    def test_no_day_of_fieldwork(self, page, url):
        Inspection.objects.update(fieldwork_started=None)
        assert "No day is planned yet on which fieldwork begins" in said(page.get(url))
        assert page.post(url, {"file": io.BytesIO(WHOLE), "disposals": "one"}).status_code == 400

    def test_somebody_else_imports_meanwhile(self, upload, page, check_url, inspection, manager):
        upload()
        stale = fields_of(page.get(check_url))
        stale = change(stale, {"do": "import", "draft": stale.getlist("draft")[0]})
        import_caseload(inspection=inspection, upload=read(inspection, as_csv(caseload(5))), by=manager)
        refused = send(page, check_url, stale)
        assert refused.status_code == 400
        assert f"{manager.name} imported another list after you opened this page." in said(refused)
        assert len(references(inspection)) == 5
        assert press(page, check_url).status_code == 302
        assert references(inspection) == ["C-001", "C-002", "O-001"]

    def test_somebody_else_imports_the_same_meanwhile(self, upload, page, check_url, inspection, manager):
        upload()
        import_caseload(inspection=inspection, upload=read(inspection), by=manager)
        events = Event.objects.count()
        press(page, check_url)
        assert Caseload.objects.get().by == manager
        assert (Event.objects.count(), CaseloadDraft.objects.count()) == (events, 0)

    def test_a_list_that_nobody_imports_is_dropped_after_a_day(self, inspection, lead, page, check_url):
        fresh = keep_draft(inspection=inspection, upload=read(inspection), by=lead)
        drop_drafts()
        assert CaseloadDraft.objects.get() == fresh
        CaseloadDraft.objects.update(at=timezone.now() - timedelta(days=1, seconds=1))
        assert page.get(check_url).status_code == 302
        with pytest.raises(Refused, match="not there any more"):
            confirm_draft(inspection=inspection, draft=fresh.public_id, base="", by=lead)
        drop_drafts()
        assert not CaseloadDraft.objects.exists()


def test_beat_drops_lists_that_nobody_imports():
    assert "cases.drop_old_drafts" in {held["task"] for held in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "cases.drop_old_drafts" in app.tasks


class TestTheTemplate:
    @pytest.mark.parametrize("kind", KINDS)
    def test_filled_in_it_is_taken(self, page, inspection, kind):
        response = page.get(reverse("cases:caseload_template", args=[inspection.public_id, kind]))
        assert response.status_code == 200
        assert f'-caseload.{kind}"' in response["Content-Disposition"]
        with pytest.raises(Refused, match="There are no rows below the names of the columns"):
            opened(inspection, response.content)
        if kind == "csv":
            filled = response.content + b"C-1,P-1,Referral order,2026-03-02,,,15,Male\r\n"
            assert len(read(inspection, filled).stored) == 1

    def test_every_column_of_it_is_known(self, inspection):
        header = template(inspection, "csv").decode("utf-8-sig")
        table, matching = opened(inspection, f"{header}C-1".encode())
        assert set(matching.columns) == set(range(len(table.header)))
        assert matching.settled

    def test_no_other_kind(self, page, inspection):
        assert page.get(reverse("cases:caseload_template", args=[inspection.public_id, "exe"])).status_code == 404


class TestTheCandidates:
    @pytest.fixture
    def candidates_url(self, inspection):
        return reverse("cases:candidates", args=[inspection.public_id])

    @pytest.fixture
    def imported(self, inspection, lead):
        return import_caseload(inspection=inspection, upload=read(inspection), by=lead)

    def test_they_are_listed_in_the_words_of_the_standards(self, page, imported, candidates_url):
        shown = said(page.get(candidates_url))
        assert "C-002 Court Youth rehabilitation order 5 Apr 2026 Female High Not classified" in shown
        assert "O-001 Out-of-court Youth conditional caution 2 Jul 2026 Female Not classified Low" in shown

    def test_those_outside_their_windows_once_fieldwork_is_moved(self, page, imported, url, candidates_url):
        assert "outside" not in said(page.get(url)).split("Import another list")[0]
        Inspection.objects.update(fieldwork_started=FIELDWORK - timedelta(days=60))
        shown = said(page.get(url))
        assert "2 of the cases below now lie outside their windows" in shown
        assert "Outside the window" in said(page.get(candidates_url))
        only = said(page.get(f"{candidates_url}?outside"))
        assert ("C-001" in only, "C-002" in only, "O-001" in only) == (False, True, True)

    def test_none_is_outside_once_the_sample_is_drawn(self, page, imported, url, candidates_url, lead):
        draw_sample(inspection=imported.inspection, by=lead)
        Inspection.objects.update(fieldwork_started=FIELDWORK - timedelta(days=60))
        shown = said(page.get(url))
        assert "outside" not in shown
        assert "checked for other windows" not in shown
        assert "Outside the window" not in said(page.get(candidates_url))

    def test_they_are_kept_on_no_device(self, page, imported, url, check_url, candidates_url, upload):
        upload(as_csv(caseload(4)))
        for path in (url, check_url, candidates_url):
            assert "data-never-kept" in page.get(path).content.decode().split(">", 2)[1]

    def test_pages(self, page, inspection, lead, candidates_url):
        import_caseload(inspection=inspection, upload=read(inspection, as_csv(caseload(230))), by=lead)
        assert "C-00050" in said(page.get(candidates_url))
        last = said(page.get(f"{candidates_url}?page=5"))
        assert ("C-00200" in last, "C-00230" in last) == (False, True)

    def test_reading_from_outside_the_team_is_recorded(self, signed_in, manager, imported, candidates_url, url):
        client = signed_in(manager)
        client.get(url)
        assert not Event.objects.filter(action="evidence.read").exists()
        client.get(candidates_url)
        assert "the list of candidates" in Event.objects.get(action="evidence.read").summary

    def test_not_for_inspectors(self, signed_in, inspector, imported, url, check_url, candidates_url):
        client = signed_in(inspector)
        assert [client.get(path).status_code for path in (url, check_url, candidates_url)] == [403] * 3
        assert client.post(url, {"file": io.BytesIO(WHOLE), "disposals": "one"}).status_code == 403
        assert "Caseload" not in said(client.get(reverse("cases:list", args=[imported.inspection.public_id])))

    def test_pages_cost_the_same_however_many_there_are(self, page, inspection, lead, url, candidates_url, check_url):
        def cost():
            counts = []
            for path in (url, candidates_url, check_url):
                with CaptureQueriesContext(connection) as queries:
                    assert page.get(path).status_code == 200
                counts.append(len(queries))
            return counts

        import_caseload(inspection=inspection, upload=read(inspection), by=lead)
        keep_draft(inspection=inspection, upload=read(inspection, as_csv(caseload(2))), by=lead)
        cost()
        few = cost()
        import_caseload(inspection=inspection, upload=read(inspection, as_csv(caseload(90))), by=lead)
        keep_draft(inspection=inspection, upload=read(inspection, as_csv(caseload(95))), by=lead)
        assert cost() == few
