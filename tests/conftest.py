"""How the tests run: on which servers, and what a skip means.

`tests/servers.py` finds the servers, `tests/people.py` has the cast, `tests/working.py` the worker and
`tests/browsing.py` the browser.
"""

import os
from functools import partialmethod

import pytest

from tests import servers

PROVIDED = pytest.StashKey[servers.Provided]()
IN_CI = os.environ.get("CI", "").lower() in ("true", "1")
FIXTURES = ("tests.people", "tests.working", "tests.browsing")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Have servers before Django reads its settings, which it does in pytest-django's hook of the same name."""
    if runs_elsewhere(config):
        if os.environ.get("REDIS_URL"):
            raise pytest.UsageError("Tests side by side need a Redis each. Unset REDIS_URL, or leave out -n.")
        config.stash[PROVIDED] = servers.Provided(on="each process has its own")
        return  # and names no settings: the others would read theirs before they have servers
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in the thread of the tests.
    provided = servers.Provided(on="none, tests are only listed")
    if not config.option.collectonly:
        provided = servers.provide()
    config.stash[PROVIDED] = provided
    if provided.untested and IN_CI:
        provided.stop_all()
        raise pytest.UsageError("CI=true wants everything tested.\n" + "\n".join(provided.untested))

    from django.conf import settings  # pytest-django sets Django up only once settings are loaded

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; nobody attacks these


def runs_elsewhere(config):
    """Return whether this process only hands out the tests (`-n 2`), to others that run them on servers of their own."""
    return config.getoption("dist", "no") != "no" and not hasattr(config, "workerinput")


def pytest_unconfigure(config):
    """Stop the servers."""
    if PROVIDED in config.stash:
        config.stash[PROVIDED].stop_all()


def pytest_sessionstart(session):
    """Register the fixtures that need models, now that Django is set up."""
    if runs_elsewhere(session.config):
        return
    for name in FIXTURES:
        session.config.pluginmanager.import_plugin(name)
    empty_tables_through_the_door()


def empty_tables_through_the_door():
    """Let the emptying of tables between tests through the append-only triggers (see `audit.append_only`)."""
    from django.db import OperationalError
    from django.db.backends.base.operations import BaseDatabaseOperations

    from audit.append_only import door_open

    def execute_sql_flush(self, sql_list, through=BaseDatabaseOperations.execute_sql_flush):
        # A page that was closed in the middle of a request leaves the server at work on it. Where the two meet all the
        # same, PostgreSQL ends the emptying, which is then done once the request is.
        for attempt in range(5):
            servers.wait_for(nobody_else_works, "Somebody still works in the database of the tests.")
            try:
                with door_open("tables are emptied between tests"):
                    through(self, sql_list)
                return
            except OperationalError:
                if attempt == 4:
                    raise

    BaseDatabaseOperations.execute_sql_flush = partialmethod(execute_sql_flush)


def nobody_else_works():
    """Return whether no other connection is in the middle of anything in this database."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND state <> 'idle'"
        )
        return cursor.fetchone() == (0,)


def pytest_report_header(config):
    """Say on which servers the tests run."""
    return f"servers: {config.stash[PROVIDED].on}"


def pytest_collection_modifyitems(config, items):
    """Mark tests by what they use, and leave out those whose servers are not there.

    With SQLite asked for, tests of PostgreSQL or the broker are not part of the run; where a server was not to be
    had, they are skipped and named.
    """
    from django.conf import settings

    lacking = set()
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        lacking.add("postgresql")
    if settings.CELERY_TASK_ALWAYS_EAGER:
        lacking.add("broker")
    left_out, kept = [], []
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if used & {"db", "transactional_db", "live_server"} or item.get_closest_marker("django_db"):
            item.add_marker("database")
        if "chromium" in used or item.path.parent.name == "browser":
            item.add_marker("browser")
        if "redis_server" in used or "worker" in used:
            item.add_marker("broker")
        lacks = {name for name in lacking if item.get_closest_marker(name)}
        if lacks and config.stash[PROVIDED].sqlite_on_purpose:
            left_out.append(item)
            continue
        if lacks:
            item.add_marker(pytest.mark.skip(reason=f"needs {' and '.join(sorted(lacks))}, which is not here"))
        kept.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Fail what is skipped, where CI=true wants everything tested."""
    report = yield
    return _not_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Fail files that skip themselves, where CI=true wants everything tested."""
    report = yield
    return _not_skipped(report)


def _not_skipped(report):
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI=true wants everything tested, but this is skipped. {reason}"
    return report


def pytest_terminal_summary(terminalreporter, config):
    """Say loudly, at the very end, what was not tested."""
    lines = list(config.stash[PROVIDED].untested)
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)]
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in skipped]
    lines += [f"{reasons.count(reason)} skipped: {reason}" for reason in dict.fromkeys(reasons)]
    if lines:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        for line in lines:
            terminalreporter.line(line, red=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """Keep SQLite's test database in a file, as it is when it is used: one in memory knows no WAL and no waiting."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("sqlite") / "test.sqlite3")


@pytest.fixture(autouse=True)
def empty_cache(request):
    """Empty the cache, and with it Redis, before each test that could use it: rate limits, messages, the worker's sign."""
    if request.node.get_closest_marker("database"):
        from django.core.cache import cache

        cache.clear()


@pytest.fixture
def provided(request):
    """Return what the tests stand on, a `servers.Provided`."""
    return request.config.stash[PROVIDED]
