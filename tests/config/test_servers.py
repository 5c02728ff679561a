"""What the tests stand on does what it says."""

import subprocess
import sys

import psycopg
import pytest
import redis
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from cases.actions import record_answer
from cases.answers import Given
from ratings.freshness import behind
from tests import servers


@pytest.mark.postgresql
class TestFromWheelsAlone:
    def test_postgresql(self):
        with servers.postgres(durable=True, from_wheel=True) as url, psycopg.connect(url) as opened:
            assert opened.info.server_version >= 180000
            assert opened.execute("SHOW fsync").fetchone() == opened.execute("SHOW synchronous_commit").fetchone()

    def test_redis(self):
        with servers.redis(from_wheel=True) as url, redis.Redis.from_url(url) as client:
            assert client.ping()


class TestServersNeverOutliveTheTests:
    @pytest.mark.parametrize(
        "end", ["pass", "os.kill(os.getpid(), signal.SIGTERM)", "os.kill(os.getpid(), signal.SIGKILL)"]
    )
    def test_however_they_end(self, end, tmp_path):
        script = (
            "import os, signal\nfrom tests import servers\nserver = servers.Redis()\n"
            f"print(server.process.process.pid, server.process.log.parent, flush=True)\n{end}\n"
        )
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=False
        )
        process, folder = ended.stdout.split()
        assert process.isdigit(), ended.stderr
        servers.wait_for(lambda: not servers.Path(folder).exists(), f"{folder} was left behind.")


class TestTablesBetweenTests:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("time", [1, 2])
    def test_rows_are_gone_in_the_next_test(self, time, request):
        kept = {"contenttypes.contenttype", "auth.permission"}  # Django itself puts these back
        left = {model._meta.label_lower for model in apps.get_models() if model.objects.exists()} - kept
        assert not left
        request.getfixturevalue("sefton")

    @pytest.mark.django_db(transaction=True)
    def test_the_door_is_shut_within_a_test(self, case):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_door")
            assert cursor.fetchone() == (0,)
            with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
                cursor.execute("DELETE FROM audit_event")


class TestWorker:
    def test_it_computes_what_is_saved(self, worker, case, inspector):
        worker.wait_until_settled()
        record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="yes"))
        worker.wait_until_settled()
        case.inspection.refresh_from_db()
        assert case.inspection.result.tallies["2.1.1"][0] == 1

    def test_killed_it_is_gone_and_another_sweeps_up(self, worker, case, inspector):
        worker.kill()
        assert not worker.answers()
        record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="yes"))
        assert behind()
        worker.start(beat=True).wait_until_settled()

    def test_redis_is_killed_and_comes_back(self, redis_server, transactional_db, case, inspector):
        redis_server.kill()
        record_answer(case=case, by=inspector, given=Given(question="2.1.1", value="yes"))
        assert behind() == [case.inspection_id]
        redis_server.start()


class TestBrowser:
    def test_a_page_is_open_and_sound(self, page, axe, live_server):
        page.goto("/accounts/login/")
        axe(page)

    def test_complaints_are_heard(self, page, watch):
        watch.allow("Content security policy|Content Security Policy|refused|boom")
        page.goto("/accounts/login/")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">Red</p>')")
        page.evaluate("setTimeout(() => { throw new Error('boom') })")
        page.wait_for_function("true")
        servers.wait_for(lambda: page.title() and len(watch.complaints) >= 2, f"Heard only {watch.complaints}.")

    def test_without_javascript(self, plain_page, axe):
        plain_page.goto("/accounts/login/")
        axe(plain_page)

    def test_a_person_is_signed_in(self, phone, sign_in, lead, sefton):
        sign_in(phone, lead)
        phone.goto("/accounts/logout/")
        assert "Sign out" in phone.content()
