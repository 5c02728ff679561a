"""An installation as it runs: gunicorn, worker and beat as processes of their own, in production's settings."""

import http.client
import json
import re
import subprocess
import sys
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from accounts.models import User
from tests.people import PASSWORD
from tests.servers import Process, free_port, wait_for
from tests.working import environment

HOST = "evenhand.example"
SWEEP_SECONDS = 1
BEHIND_PROXY = {"X-Forwarded-Proto": "https"}


class Browser:
    """Speaks HTTP to the web server as the proxy in front of it would, and keeps cookies."""

    def __init__(self, port):
        self._port = port
        self.cookies = SimpleCookie()

    def ask(self, path, form=None, host=HOST, headers=BEHIND_PROXY):
        """Return (response, text)."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        cookies = "; ".join(f"{name}={held.value}" for name, held in self.cookies.items())
        sent = {"Host": host, "Cookie": cookies, "Referer": f"https://{HOST}/", **headers}
        if form is None:
            connection.request("GET", path, headers=sent)
        else:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", path, urlencode(form), sent)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        for value in response.headers.get_all("Set-Cookie") or []:
            self.cookies.load(value)
        connection.close()
        return response, text

    def sign_in(self, email, password):
        """Send the sign-in form and return (response, text)."""
        _, text = self.ask("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[1]
        return self.ask(
            "/accounts/login/?next=/inspections/", {"csrfmiddlewaretoken": token, "login": email, "password": password}
        )


class Installation:
    """The processes of docker-compose.yml, started by hand."""

    def __init__(self, folder):
        self.port = free_port()
        self.browser = Browser(self.port)
        self._folder = folder
        self._env = environment(
            EVENHAND_ENV="production",
            SECRET_KEY="0123456789-abcdefghijklmnopqrstuvwxyz-of-this-test-alone-0123456789",
            ALLOWED_HOSTS=HOST,
            STATIC_ROOT=str(folder / "static"),
            SWEEP_SECONDS=str(SWEEP_SECONDS),
            BIND=f"127.0.0.1:{self.port}",
            PYTHONPATH=str(settings.BASE_DIR),
            LOG_LEVEL="INFO",
        )

    def run(self, *command):
        """Run a command to its end."""
        subprocess.run(
            [sys.executable, *command], cwd=settings.BASE_DIR, env=self._env, check=True, capture_output=True
        )

    def start(self, name, *command):
        """Start a process and return it."""
        return Process([sys.executable, "-m", *command], log=self._folder / f"{name}.log", env=self._env)

    def ready(self):
        """Return what /readyz says: (status, body)."""
        response, text = self.browser.ask("/readyz", host="10.0.0.7", headers={})
        return response.status, json.loads(text)


@pytest.mark.broker
@pytest.mark.postgresql
def test_an_installation(transactional_db, tmp_path):
    installation = Installation(tmp_path)
    running = {}
    hashed = PBKDF2PasswordHasher().encode(PASSWORD, "salt-of-this-test")
    for name, is_demo in (("Mani Doyle", False), ("Ines Inspector", True)):
        email = f"{name.split()[0].lower()}@example.org"
        User.objects.create(email=email, name=name, role="manager", password=hashed, is_demo=is_demo)
    try:
        # Without the collected files the web server says what is missing, and does not start.
        refused = installation.start("refused", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi")
        running["refused"] = refused
        wait_for(lambda: not refused.alive, "The web server started without its static files.")
        assert "Run manage.py collectstatic first" in refused.printed

        installation.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")
        web = running["web"] = installation.start("web", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi")
        web.wait_until(lambda: answers(installation.browser), "The web server")
        status, said = installation.ready()
        assert (status, said["worker"]) == (503, "not reached")

        celery = ("celery", "-A", "config")
        running["worker"] = installation.start("worker", *celery, "worker", "--concurrency", "1")
        schedule = str(tmp_path / "schedule")
        running["beat"] = installation.start("beat", *celery, "beat", "--schedule", schedule, "--pidfile", "")
        wait_for(lambda: installation.ready()[0] == 200, f"Never ready. {running['worker'].printed[-2000:]}")

        pages_are_guarded(installation.browser)
        people_sign_in(installation)

        running["worker"].kill()
        wait_for(lambda: installation.ready()[0] == 503, "A dead worker was not noticed.", seconds=20 * SWEEP_SECONDS)
        assert installation.ready()[1] == {
            "status": "not ready",
            "database": "ok",
            "broker": "ok",
            "worker": "not reached",
        }
        logs_are_json(web)
    finally:
        for process in running.values():
            process.stop()


def answers(browser):
    """Return whether the web server does."""
    try:
        return browser.ask("/healthz", headers={})[0].status == 200
    except OSError:
        return False


def pages_are_guarded(browser):
    """Check that plain HTTP is sent to HTTPS, and that pages load hashed files that browsers may keep for ever."""
    response, _ = browser.ask("/accounts/login/", headers={})
    assert (response.status, response.headers["Location"]) == (301, f"https://{HOST}/accounts/login/")
    assert browser.ask("/accounts/login/", host="evil.example")[0].status == 400
    response, text = browser.ask("/accounts/login/")
    assert response.status == 200
    assert "max-age=31536000; includeSubDomains; preload" in response.headers["Strict-Transport-Security"]
    assert "trying-evenhand-out" not in text
    sheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', text)[1]
    response, _ = browser.ask(sheet)
    assert (response.status, response.headers["Cache-Control"]) == (200, "max-age=315360000, public, immutable")


def people_sign_in(installation):
    """Check that a person gets in with cookies for HTTPS alone, and a demonstration account does not."""
    response, text = Browser(installation.port).sign_in("ines@example.org", PASSWORD)
    assert response.status == 200
    assert "Demonstration accounts do not work here" in text
    browser = installation.browser
    response, _ = browser.sign_in("mani@example.org", PASSWORD)
    assert (response.status, response.headers["Location"]) == (302, "/inspections/")
    assert all(held["secure"] for held in browser.cookies.values())
    response, _ = browser.ask("/inspections/")
    assert (response.status, response.headers["Location"]) == (
        302,
        "/accounts/steps/",
    )  # in production managers need one
    response, text = browser.ask("/accounts/steps/")
    assert response.status == 200
    assert "Mani Doyle" in text


def logs_are_json(web):
    """Check that every line of the web server's log is JSON, and holds no password."""
    lines = [json.loads(line) for line in web.printed.splitlines()]
    assert any(line.get("request_id") for line in lines)
    assert PASSWORD not in web.printed
