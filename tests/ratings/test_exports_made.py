"""Files made in the background: asked for, made, fetched, cancelled, made again, removed; by whom, and what goes wrong."""

import json
import os
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from inspections.actions import add_member
from inspections.errors import Refused
from ratings.exporting import files
from ratings.exporting.actions import (
    ATTEMPTS,
    UNHEARD_SECONDS,
    Stopped,
    ask_export,
    begin_export,
    cancel_export,
    note_progress,
    retry_export,
    sweep_exports,
)
from ratings.exporting.drawing import BEGIN, drawing, redrawn
from ratings.exporting.making import make_export
from ratings.exporting.states import SWEEP, TABLE, WORKER, Step, can, steps_from
from ratings.models import Export, ExportState, Result
from tests.people import person
from tests.ratings.programmes import read
from tests.servers import wait_for

pytestmark = pytest.mark.django_db

PAGE = django_settings.BASE_DIR / "docs" / "exports.md"
FIGURES = ["inspections", "key_questions", "prompts"]


@pytest.fixture(autouse=True)
def folder(exports_folder):
    """Keep the files of every test apart, and return their folder."""
    return exports_folder


@pytest.fixture
def ask(manager):
    """Return a function that asks for an export, a manager's unless told otherwise; nobody makes it yet."""

    def asked(by=None, tables=FIGURES, format="json", **chosen):
        return ask_export(kind="programme", asked={"tables": tables, **chosen}, format=format, by=by or manager)

    return asked


@pytest.fixture(autouse=True)
def nobody_at_work():
    """Let what is sent lie until somebody comes for it, also where there is no broker."""
    was, current_app.conf.task_always_eager = current_app.conf.task_always_eager, False
    yield
    current_app.conf.task_always_eager = was


@pytest.fixture
def in_process(nobody_at_work):
    """Have tasks done at once by whoever sends them, as where there is no broker."""
    current_app.conf.task_always_eager = True


@pytest.fixture
def made(ask, inspection):
    """Return an export that is ready."""
    export = ask()
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.DONE
    return export


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def later(export, **fields):
    """Let time pass: put moments of an export into the past."""
    Export.objects.filter(pk=export.pk).update(**fields)
    export.refresh_from_db()


def an_age_ago():
    return timezone.now() - timedelta(days=1)


def state_of(export):
    return Export.objects.values_list("state", flat=True).get(pk=export.pk)


def page_of(export, name="my_export"):
    return reverse(f"ratings:{name}", args=[export.public_id])


class TestTheTable:
    @pytest.mark.parametrize("state", ExportState)
    def test_every_state_is_reached_and_left(self, state):
        assert state == ExportState.QUEUED or state in {rule.to for rule in TABLE.values()}
        assert steps_from(state)

    @pytest.mark.parametrize("step", Step)
    def test_nobody_takes_a_step_that_does_not_begin_there(self, step):
        assert [state for state in ExportState if can(step, state)] == list(TABLE[step].begins)
        assert TABLE[step].to not in TABLE[step].begins

    def test_only_the_machine_makes_and_removes(self):
        machines = {step for step, rule in TABLE.items() if rule.taken_by in (WORKER, SWEEP)}
        assert machines == set(Step) - {Step.CANCEL, Step.RETRY}

    def test_the_page_shows_what_the_table_says(self):
        text = PAGE.read_text(encoding="utf-8")
        assert redrawn(text) == text, "Run `manage.py draw_exports`: the table of states was changed."

    def test_the_command_writes_the_page(self, settings, tmp_path, capsys):
        settings.BASE_DIR = tmp_path
        page = tmp_path / "docs" / "exports.md"
        page.parent.mkdir()
        page.write_text(f"{BEGIN}\n<!-- End of the drawing. -->")
        call_command("draw_exports")
        assert drawing() in page.read_text()
        assert capsys.readouterr().out == "Drew docs/exports.md.\n"


class TestTheRow:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"state": "lost"},
            {"state": "done"},
            {"file_name": "x"},
            {"state": "failed"},
            {"why": "So."},
            {"state": "running"},
            {"lease_until": timezone.now()},
        ],
    )
    def test_the_database_refuses_what_cannot_be(self, ask, inspection, wrong):
        export = ask()
        with pytest.raises(IntegrityError), transaction.atomic():
            Export.objects.filter(pk=export.pk).update(**wrong)

    def test_only_one_is_made_at_a_time(self, ask, inspection):
        first, second = ask(), ask()
        assert begin_export(first.pk)
        assert begin_export(second.pk) is None
        assert state_of(second) == ExportState.QUEUED
        with pytest.raises(IntegrityError), transaction.atomic():
            Export.objects.filter(pk=second.pk).update(state="running", lease_until=timezone.now())


class TestMaking:
    def test_the_file_is_whole_and_alone_and_nobody_elses(self, made, folder, inspection):
        assert names(folder) == [made.file_name]
        path = folder / made.file_name
        assert path.stat().st_size == made.bytes
        assert path.stat().st_mode & 0o077 == 0 == folder.stat().st_mode & 0o077
        assert made.rows_done == made.rows_of == sum(len(rows) for rows in read(path).values())
        assert made.expires_at - made.ended_at == timedelta(days=django_settings.EXPORT_DAYS)
        assert Event.objects.get(action="export.made").detail["rows"] == made.rows_done

    def test_it_is_made_after_the_commit(self, ask, inspection, in_process, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            export = ask()
            assert state_of(export) == ExportState.QUEUED
        assert state_of(export) == ExportState.DONE

    def test_the_choice_holds_when_it_is_made(self, ask, make_inspection, folder):
        make_inspection(slug="a", state="planned")
        make_inspection(slug="b")
        export = ask(state="planned")
        make_export(export.pk)
        export.refresh_from_db()
        assert [row["inspection"] for row in read(folder / export.file_name)["inspections"]] == ["a"]

    def test_case_answers_are_recorded_where_they_came_from(self, ask, inspection, make_case):
        make_case(inspection)
        export = ask(tables=["answers"])
        make_export(export.pk)
        assert Event.objects.filter(action="evidence.read", inspection=str(inspection.public_id)).count() == 1

    def test_where_they_were_not_shown_or_it_is_ones_own_inspection_no_reading_is_recorded(
        self, ask, make_inspection, make_case, manager, lead
    ):
        make_case(make_inspection(slug="hidden", figures_open=False))
        own = make_inspection(slug="own")
        add_member(inspection=own, user=manager, role="quality_lead", by=lead)
        read_from_outside = make_inspection(slug="open")
        make_export(ask(tables=["answers"]).pk)
        readings = Event.objects.filter(action="evidence.read").values_list("inspection", flat=True)
        assert list(readings) == [str(read_from_outside.public_id)]

    def test_without_them_no_reading_is_recorded(self, made):
        assert not Event.objects.filter(action="evidence.read").exists()

    def test_the_second_time_nothing_happens(self, made, folder):
        make_export(made.pk)
        make_export(made.pk + 1)
        assert names(folder) == [made.file_name]

    def test_a_role_that_was_lost_meanwhile_is_refused(self, ask, manager, inspection, folder):
        export = ask()
        User.objects.filter(pk=manager.pk).update(role="")
        make_export(export.pk)
        export.refresh_from_db()
        assert export.state == ExportState.FAILED
        assert export.why == "Your role cannot see the whole programme and take it out. Ask a manager."
        assert names(folder) == []
        assert Event.objects.get(action="export.failed").detail["why"] == export.why

    def test_what_cannot_be_written_fails_with_a_sentence(self, ask, inspection, settings, tmp_path):
        settings.EXPORTS_FOLDER = tmp_path / "file" / "exports"
        (tmp_path / "file").write_text("no folder")
        export = ask()
        make_export(export.pk)
        export.refresh_from_db()
        assert export.why.startswith("The file could not be written.")

    def test_what_goes_wrong_in_the_middle_leaves_no_half_file(self, ask, inspection, make_inspection, settle, folder):
        last = make_inspection(service_name="Zshire")
        settle()
        Result.objects.filter(inspection=last).update(tallies={})
        export = ask()
        make_export(export.pk)
        export.refresh_from_db()
        assert export.state == ExportState.FAILED
        assert export.why.startswith("Something went wrong that should not have.")
        assert names(folder) == []

    def test_the_next_one_follows(self, ask, inspection, in_process):
        first, second = ask(), ask()
        make_export(first.pk)
        assert [state_of(first), state_of(second)] == [ExportState.DONE] * 2

    def test_a_role_without_the_programme_asks_for_nothing(self, ask, lead, inspection):
        with pytest.raises(Refused, match="cannot see the whole programme"):
            ask(by=lead)
        assert not Export.objects.exists()


class TestCancelling:
    def test_one_that_waits(self, ask, manager, inspection, folder):
        export = ask()
        cancel_export(export=export, by=manager)
        make_export(export.pk)
        assert state_of(export) == ExportState.CANCELLED
        assert names(folder) == []

    def test_whoever_makes_one_is_told(self, ask, manager, inspection):
        export = ask()
        begun = begin_export(export.pk)
        cancel_export(export=Export.objects.get(pk=export.pk), by=manager)
        with pytest.raises(Stopped):
            note_progress(begun, rows_done=1)
        assert state_of(export) == ExportState.CANCELLED

    def test_one_that_is_ready_is_not_cancelled(self, made, manager, folder):
        with pytest.raises(Refused, match="has moved on"):
            cancel_export(export=made, by=manager)
        assert names(folder) == [made.file_name]

    def test_one_that_is_cancelled_is_made_again(self, ask, manager, inspection, folder):
        export = ask()
        cancel_export(export=export, by=manager)
        retry_export(export=export, by=manager)
        make_export(export.pk)
        export.refresh_from_db()
        assert export.state == ExportState.DONE
        actions = Event.objects.filter(action__startswith="export.").order_by("id").values_list("action", flat=True)
        assert [*actions] == ["export.asked", "export.cancelled", "export.asked_again", "export.made"]


class TestTheSweep:
    def test_whoever_is_not_heard_of_any_more_loses_it(self, ask, inspection, folder):
        export = ask()
        begun = begin_export(export.pk)
        left = files.working_folder(begun)
        (left / "inspections.csv").write_text("half")
        sweep_exports()
        assert state_of(export) == ExportState.RUNNING  # it was heard of just now
        later(export, lease_until=an_age_ago())
        sweep_exports()
        assert state_of(export) == ExportState.QUEUED
        assert names(folder) == []
        make_export(export.pk)
        assert state_of(export) == ExportState.DONE
        with pytest.raises(Stopped):  # the first one comes back from the dead
            note_progress(begun, rows_done=1)

    def test_the_third_time_it_is_given_up(self, ask, inspection, manager):
        export = ask()
        for _ in range(ATTEMPTS):
            assert begin_export(export.pk)
            later(export, lease_until=an_age_ago())
            sweep_exports()
        export.refresh_from_db()
        assert export.state == ExportState.FAILED
        assert export.why.startswith("The worker stopped 3 times")
        retry_export(export=export, by=manager)
        make_export(export.pk)
        assert state_of(export) == ExportState.DONE

    def test_a_message_that_was_lost_is_sent_again(self, ask, inspection, in_process):
        export = ask()
        sweep_exports()
        assert state_of(export) == ExportState.QUEUED  # the message may be on its way still
        later(export, queued_at=timezone.now() - timedelta(seconds=UNHEARD_SECONDS + 1))
        sweep_exports()
        assert state_of(export) == ExportState.DONE

    def test_files_whose_time_is_over_are_removed(self, made, folder, manager, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            sweep_exports()
        assert names(folder) == [made.file_name]
        later(made, expires_at=an_age_ago())
        with django_capture_on_commit_callbacks(execute=True):
            sweep_exports()
        assert names(folder) == []
        assert state_of(made) == ExportState.EXPIRED
        assert Event.objects.get(action="export.expired").who == "Evenhand"
        made.refresh_from_db()
        retry_export(export=made, by=manager)
        make_export(made.pk)
        assert state_of(made) == ExportState.DONE

    def test_what_belongs_to_no_export_is_removed_by_and_by(self, made, folder):
        (folder / f"{uuid4()}-1.csv").write_text("half")
        (folder / f"unfinished-{uuid4()}-2").mkdir()
        (folder / "somebody-elses").mkdir()
        (folder / "backup-2026.csv").write_text("of great worth")
        sweep_exports()
        assert len(names(folder)) == 5  # somebody may be at it this very moment
        old = an_age_ago().timestamp()
        for path in folder.iterdir():
            os.utime(path, (old, old))
        sweep_exports()
        assert set(names(folder)) == {made.file_name, "somebody-elses", "backup-2026.csv"}


class TestPages:
    def test_one_that_waits(self, signed_in, manager, ask, inspection):
        export, _ = ask(), ask()
        content = signed_in(manager).get(page_of(export)).content.decode()
        assert "Waiting" in content
        assert "Refresh</a>" in content
        assert "Cancel this export" in content
        assert 'data-seen="0-queued"' in content
        assert "Download</a>" not in content

    def test_how_far_one_is(self, signed_in, manager, ask, inspection):
        export = ask()
        note_progress(begin_export(export.pk), rows_done=1234, rows_of=56789)
        waits = ask()
        client = signed_in(manager)
        assert "1,234 of 56,789 rows" in client.get(page_of(export)).content.decode()
        assert "1 export before it" in client.get(page_of(waits)).content.decode()
        assert "1,234 of 56,789 rows" in client.get(reverse("ratings:my_exports")).content.decode()

    def test_cancelling_and_making_again(self, signed_in, manager, ask, inspection):
        export = ask()
        client = signed_in(manager)
        for do, said, state in (
            ("cancel", "The export is cancelled.", ExportState.CANCELLED),
            ("retry", "The file is made again.", ExportState.QUEUED),
        ):
            response = client.post(page_of(export), {"do": do}, follow=True)
            assert said in response.content.decode()
            assert state_of(export) == state

    def test_what_cannot_be_done_is_said(self, signed_in, manager, made):
        for do, sentence in (("cancel", "has moved on meanwhile"), ("burn", "Choose one of the buttons")):
            response = signed_in(manager).post(page_of(made), {"do": do})
            assert response.status_code == 400
            assert sentence in response.content.decode()

    def test_the_list_has_ones_own_newest_first(self, signed_in, manager, made, ask):
        other = person("Mo Other", role="manager")
        ask(by=other)
        newest = ask(tables=["answers"], format="csv")
        content = signed_in(manager).get(reverse("ratings:my_exports")).content.decode()
        assert content.count('role="rowheader"') == 2
        assert content.index(str(newest.public_id)) < content.index(str(made.public_id))
        assert "All inspections: case answers" in content

    def test_the_list_costs_the_same_however_long(self, signed_in, manager, made, ask, django_assert_num_queries):
        from django.test.utils import CaptureQueriesContext

        client = signed_in(manager)
        with CaptureQueriesContext(connection) as few:
            client.get(reverse("ratings:my_exports"))
        for _ in range(4):
            ask()
        with django_assert_num_queries(len(few)):
            client.get(reverse("ratings:my_exports"))

    def test_whoever_has_none_is_told(self, signed_in, stranger):
        response = signed_in(stranger).get(reverse("ratings:my_exports"))
        assert "You have not asked for any export" in response.content.decode()

    def test_open_pages_hear_of_it(self, signed_in, manager, ask, inspection):
        export, client = ask(), signed_in(manager)
        first = client.get(page_of(export, "my_export_live"))
        assert first.json() == {
            "format": "evenhand-live/1",
            "sequence": "0-queued",
            "behind": False,
            "worker_away": False,
            "figures": "",
        }
        known = {"If-None-Match": first["ETag"]}
        assert client.get(page_of(export, "my_export_live"), headers=known).status_code == 304
        begin_export(export.pk)
        assert client.get(page_of(export, "my_export_live"), headers=known).json()["sequence"] == "1-running"


class TestFetching:
    def test_the_file_is_sent_as_it_lies_there_and_recorded(self, signed_in, manager, made, folder):
        response = signed_in(manager).get(page_of(made, "my_export_file"))
        assert b"".join(response.streaming_content) == (folder / made.file_name).read_bytes()
        assert response["Content-Type"] == "application/json"
        assert 'filename="evenhand-programme-20' in response["Content-Disposition"]
        assert response["Cache-Control"] == "no-store, private"
        event = Event.objects.get(action="export.fetched")
        assert event.detail["asked"] == made.asked
        assert event.who == manager.name

    def test_those_of_somebody_else_are_not_there(self, signed_in, made, folder):
        client = signed_in(person("Mo Other", role="manager"))
        for name in ("my_export", "my_export_file", "my_export_live"):
            assert client.get(page_of(made, name)).status_code == 404
            made_up = reverse(f"ratings:{name}", args=[uuid4()])
            assert client.get(made_up).status_code == 404
        for do in ("cancel", "retry"):
            assert client.post(page_of(made), {"do": do}).status_code == 404
        assert state_of(made) == ExportState.DONE

    def test_whoever_lost_the_role_is_refused_with_a_sentence(self, signed_in, manager, made):
        client = signed_in(manager)
        User.objects.filter(pk=manager.pk).update(role="administrator")
        response = client.get(page_of(made, "my_export_file"))
        assert response.status_code == 403
        sentence = "Your role, administrator, cannot see the whole programme and take it out."
        assert sentence in response.content.decode()
        content = client.get(page_of(made)).content.decode()
        assert sentence in content
        assert "Download</a>" not in content
        assert not Event.objects.filter(action="export.fetched").exists()

    def test_nor_is_it_made_again_for_them(self, signed_in, manager, ask, inspection):
        export = ask()
        cancel_export(export=export, by=manager)
        client = signed_in(manager)
        User.objects.filter(pk=manager.pk).update(role="administrator")
        response = client.post(page_of(export), {"do": "retry"})
        assert response.status_code == 400
        assert "cannot see the whole programme" in response.content.decode()
        assert state_of(export) == ExportState.CANCELLED

    def test_a_file_that_is_not_there_any_more_can_be_made_again(self, signed_in, manager, made, folder):
        (folder / made.file_name).unlink()
        response = signed_in(manager).get(page_of(made, "my_export_file"), follow=True)
        assert "The file is not there any more." in response.content.decode()
        assert "Make it again" in response.content.decode()

    def test_a_folder_that_cannot_be_reached_loses_nothing(self, signed_in, manager, made, folder):
        aside = folder.rename(folder.with_name("aside"))
        response = signed_in(manager).get(page_of(made, "my_export_file"), follow=True)
        assert "Files cannot be reached at present." in response.content.decode()
        assert state_of(made) == ExportState.DONE
        aside.rename(folder)
        again = signed_in(manager).get(page_of(made, "my_export_file"))
        assert b"".join(again.streaming_content) == (folder / made.file_name).read_bytes()

    def test_there_is_none_before_it_is_ready(self, signed_in, manager, ask, inspection):
        assert signed_in(manager).get(page_of(ask(), "my_export_file")).status_code == 404


@pytest.mark.django_db(transaction=True)
class TestWithAWorker:
    def test_it_is_made(self, folder, worker, ask, inspection):
        export = ask()
        wait_for(lambda: state_of(export) == ExportState.DONE, "The export was not made.")
        export.refresh_from_db()
        assert names(folder) == [export.file_name]

    @pytest.mark.postgresql
    def test_one_that_is_killed_in_the_middle_leaves_nothing_half_done(self, folder, worker, ask, inspection):
        with holding("ratings_discretiondecision"):
            export = ask()
            wait_for(lambda: names(folder) and Export.objects.get(pk=export.pk).rows_of, "The export was not begun.")
            worker.kill()
        export.refresh_from_db()
        assert export.state == ExportState.RUNNING
        assert names(folder) == [files.working_name(export)]
        later(export, lease_until=an_age_ago())  # a minute later
        worker.start(beat=True)
        wait_for(lambda: state_of(export) == ExportState.DONE, "The export was not made again.")
        export.refresh_from_db()
        assert export.attempt == 2
        assert names(folder) == [export.file_name]
        assert json.loads((folder / export.file_name).read_text())["tables"]["inspections"]["rows"]

    @pytest.mark.postgresql
    def test_one_that_is_cancelled_in_the_middle_leaves_nothing(self, folder, worker, ask, manager, inspection):
        with holding("ratings_discretiondecision"):
            export = ask()
            wait_for(lambda: names(folder) and Export.objects.get(pk=export.pk).rows_of, "The export was not begun.")
            cancel_export(export=Export.objects.get(pk=export.pk), by=manager)
        wait_for(lambda: names(folder) == [], "What there was of the export is still there.")
        assert state_of(export) == ExportState.CANCELLED


class holding:
    """Lets nobody else read a table for as long as the block, from a connection of its own."""

    def __init__(self, table):
        self.table = table
        self.held, self.over = threading.Event(), threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self._hold)
        self.thread.start()
        assert self.held.wait(20)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _hold(self):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE")
                self.held.set()
                self.over.wait(60)
        finally:
            connections.close_all()
