"""Settings behave as docs/running.md says, tried from outside in processes of their own."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core import checks

from accounts.models import User
from config.checks import check_demonstration_accounts
from tests import servers

ROOT = settings.BASE_DIR
NEEDED = {
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-of-this-test-alone-0123456789",
    "ALLOWED_HOSTS": "evenhand.example",
    "DATABASE_URL": "postgres://nobody@localhost/nothing",
    "REDIS_URL": "redis://localhost/0",
}
PRODUCTION = {"EVENHAND_ENV": "production", **NEEDED}


@pytest.fixture
def run(tmp_path):
    """Return a function that runs manage.py with an environment of its own and nothing of ours."""

    def command(*arguments, **env):
        bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "EVENHAND_VAR": str(tmp_path / "var")}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=bare | env,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


class TestWithNothingSaid:
    def test_commands_work_on_sqlite_with_a_generated_key(self, run, tmp_path):
        assert run("migrate", "--verbosity", "0").returncode == 0
        key = (tmp_path / "var" / "secret_key").read_text()
        assert len(key) >= 50
        assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0
        listed = run("recount")
        assert (listed.stdout, listed.returncode) == ("0 inspections recounted, no difference.\n", 0), listed.stderr
        assert (tmp_path / "var" / "secret_key").read_text() == key

    def test_no_migration_is_missing(self, run):
        assert run("makemigrations", "--check", "--dry-run").returncode == 0

    def test_a_var_folder_that_cannot_be_is_named(self, run, tmp_path):
        (tmp_path / "file").touch()
        ended = run("check", EVENHAND_VAR=str(tmp_path / "file" / "var"))
        assert ended.returncode == 1
        assert "Set EVENHAND_VAR to a folder that can be written" in ended.stderr
        assert "Traceback" not in ended.stderr

    @pytest.mark.postgresql
    def test_with_only_a_database_said(self, run):
        with servers.postgres() as url:
            assert run("migrate", "--verbosity", "0", DATABASE_URL=url).returncode == 0
            ended = run("recount", DATABASE_URL=url)
            assert (ended.returncode, ended.stderr) == (0, "")


class TestProduction:
    def test_each_missing_variable_is_named_with_the_remedy(self, run):
        ended = run("check", EVENHAND_ENV="production")
        assert ended.returncode == 1
        for name in NEEDED:
            assert f"{name} is missing: set it to" in ended.stderr
        assert "Traceback" not in ended.stderr

    @pytest.mark.parametrize("name", NEEDED)
    def test_one_missing_is_enough(self, run, name):
        ended = run("check", **{**PRODUCTION, name: ""})
        assert ended.returncode == 1
        assert ended.stderr.count("is missing") == 1
        assert f"{name} is missing" in ended.stderr

    def test_the_deployment_check_has_nothing_to_say(self, run):
        ended = run("check", "--deploy", "--fail-level", "DEBUG", **PRODUCTION)
        assert (ended.returncode, ended.stdout) == (0, "System check identified no issues (0 silenced).\n"), (
            ended.stderr
        )

    def test_trying_out_is_refused(self, run):
        ended = run("try_out", **PRODUCTION)
        assert ended.returncode == 1
        assert "demonstration accounts are never added" in ended.stderr

    def test_a_provider_named_by_half_is_told_of_each_missing_part(self, run):
        ended = run("check", **PRODUCTION, OPENID_ISSUER="https://login.example.org")
        assert ended.returncode == 1
        for name in ("OPENID_CLIENT_ID", "OPENID_CLIENT_SECRET"):
            assert f"{name} is missing, so nobody can sign in with OpenID Connect." in ended.stderr

    def test_debug_stays_off(self, run):
        script = "from django.conf import settings; print(settings.DEBUG, settings.SESSION_COOKIE_SECURE)"
        ended = run("shell", "--verbosity", "0", "-c", script, DEBUG="true", **PRODUCTION)
        assert ended.stdout == "False True\n", ended.stderr


@pytest.mark.parametrize(
    ("name", "value", "identity"),
    [
        ("REDIS_URL", "unix:///run/redis.sock", "evenhand.E001"),
        ("SWEEP_SECONDS", 0, "evenhand.E002"),
        ("EVENHAND_STANDARDS_FOLDERS", ["/no/such/folder"], "evenhand.E003"),
        ("EVENHAND_STANDARDS_FOLDERS", "malformed", "evenhand.E004"),
        ("DATABASE", "sqlite3", "evenhand.E005"),
        ("ALLOWED_HOSTS", ["*"], "evenhand.E006"),
        ("SECOND_STEP_ROLES", ["lead"], "evenhand.E008"),
        ("OPENID_CLIENT_ID", "", "evenhand.E009"),
        ("OPENID_ISSUER", "", "evenhand.E009"),
        ("OPENID_ISSUER", "login.example.org", "evenhand.E010"),
        ("OPENID_ISSUER", "https://login.example.org/?realm=1", "evenhand.E010"),
        ("OPENID_ISSUER", "http://login.example.org", "evenhand.E011"),
    ],
)
def test_a_misconfiguration_is_named(settings, monkeypatch, name, value, identity, tmp_path):
    engine = value if name == "DATABASE" else "postgresql"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", f"django.db.backends.{engine}")
    if value == "malformed":
        value = [tmp_path]
        (tmp_path / "broken.yaml").write_text("code: broken\n")
    if name.startswith("OPENID"):
        settings.OPENID_ISSUER, settings.OPENID_CLIENT_ID = "https://login.example.org", "evenhand"
        settings.OPENID_CLIENT_SECRET = "secret"
    setattr(settings, name, value)
    found = checks.run_checks(include_deployment_checks=True)
    assert [error.id for error in found if error.id.startswith("evenhand")] == [identity]
    assert all(error.hint for error in found if error.id == identity)


@pytest.mark.django_db
def test_demonstration_accounts_in_production_are_named(settings):
    User.objects.create_user("demo@example.org", "Demo", is_demo=True)
    assert check_demonstration_accounts(None, databases=["default"]) == []
    settings.PRODUCTION = True
    assert [error.id for error in check_demonstration_accounts(None, databases=["default"])] == ["evenhand.E007"]
    assert check_demonstration_accounts(None, databases=None) == []
