"""/healthz and /readyz, for those who watch over an installation."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone

from config import health
from ratings.freshness import WORKER_SEEN

pytestmark = pytest.mark.django_db
STRANGE_HOST = {"host": "10.0.0.7:8000"}


def test_the_process_lives(client):
    response = client.get("/healthz", headers=STRANGE_HOST)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]
    assert response["X-Request-ID"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_read_only_and_need_no_session(client, path):
    assert client.post(path).status_code == 405
    assert not client.get(path).cookies


def test_other_pages_want_their_own_host_name(client, settings):
    settings.ALLOWED_HOSTS = ["evenhand.example"]
    assert client.get("/accounts/login/", headers=STRANGE_HOST).status_code == 400


def test_a_database_that_is_away_is_named(client, monkeypatch):
    def away():
        raise OperationalError("password=secret is wrong")

    cache.set(WORKER_SEEN, timezone.now())
    monkeypatch.setattr(health, "_database", away)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "database": "not reached", "broker": "ok", "worker": "ok"}


def test_in_process_the_worker_is_the_process_itself(client, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    response = client.get("/readyz")
    assert (response.status_code, response.json()["worker"]) == (200, "ok")


@pytest.mark.broker
class TestWorkerSeen:
    @pytest.mark.parametrize(("seconds_ago", "status"), [(0, 200), (59, 200), (61, 503)])
    def test_not_longer_ago_than_six_sweeps(self, client, settings, seconds_ago, status):
        settings.SWEEP_SECONDS = 10
        cache.set(WORKER_SEEN, timezone.now() - timedelta(seconds=seconds_ago))
        response = client.get("/readyz")
        assert response.status_code == status
        assert response.json()["worker"] == ("ok" if status == 200 else "not reached")

    def test_never(self, client):
        assert client.get("/readyz").status_code == 503


def test_a_broker_that_is_away_is_named(client, redis_server):
    redis_server.kill()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "database": "ok",
        "broker": "not reached",
        "worker": "not reached",
    }
    assert client.get("/healthz").status_code == 200
