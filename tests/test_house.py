"""How the house is built: imports go downwards, pages and documents keep up with the code, nothing strange is committed."""

import ast
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
# From the top down: each room may import those after it.
ROOMS = ("config", "ratings", "cases", "inspections", "standards", "accounts", "audit", "govuk")
PURE = (
    "standards",
    "ratings/scoring.py",
    "ratings/firmness.py",
    "cases/sampling.py",
    "cases/proposing.py",
    "inspections/suited.py",
    "cases/adjustments.py",
    "cases/balance.py",
    *(f"cases/caseload/{name}.py" for name in ("reading", "workbook", "columns", "identifiers", "checking")),
)
PURE_NAMES = {place.removesuffix(".py").replace("/", ".") for place in PURE}


def modules(*places):
    """Return the Python files of rooms, migrations left out."""
    found = chain.from_iterable(
        [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py")) for place in places
    )
    return [path for path in found if path.exists() and "migrations" not in path.parts]


def imported(path):
    """Return the names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: name the room."
            yield node.module


class TestImports:
    @pytest.mark.parametrize("room", ROOMS)
    def test_go_downwards(self, room):
        above = set(ROOMS[: ROOMS.index(room)]) | {"tests", "bench"}
        upwards = [
            f"{path.relative_to(ROOT)} imports {name}"
            for path in modules(room)
            for name in imported(path)
            if name.split(".")[0] in above
        ]
        assert not upwards

    def test_pure_modules_import_no_django(self):
        wrong = [
            f"{path.relative_to(ROOT)} imports {name}"
            for path in modules(*PURE)
            for name in imported(path)
            if name.split(".")[0] in {"django", "celery", *ROOMS} - {"standards"} and name not in PURE_NAMES
        ]
        assert not wrong

    def test_they_work_where_there_is_no_django(self):
        script = (
            "import sys; sys.modules['django'] = None; import standards.reader, ratings.firmness; "
            "standards.reader.load('youth-2018')"
        )
        ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr

    def test_every_package_is_a_room_with_a_description(self):
        packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
        assert packages == set(ROOMS)
        readme = (ROOT / "README.md").read_text()
        for room in ROOMS:
            assert ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text())), (
                f"{room} says not what it is"
            )
            assert f"`{room}/`" in readme

    def test_only_actions_write_answers_and_revisions(self):
        written = re.compile(
            r"\b(Answer|AnswerRevision|CaseRevision|Judgement|DiscretionDecision|Event)\.objects\.(create|bulk_)"
        )
        writers = {str(path.relative_to(ROOT)) for path in modules(*ROOMS) if written.search(path.read_text())}
        assert {Path(name).name for name in writers} <= {"actions.py"}, writers


class TestRequirements:
    @pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
    def test_each_is_pinned_and_says_why_it_is_there(self, path):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,]+\])?==\S+ +# \S.{8,}", line), line

    def test_none_is_wanted_twice(self):
        names = [
            re.match(r"[\w.-]+", line)[0].lower()
            for path in ROOT.glob("requirements*.txt")
            for line in path.read_text().splitlines()
            if line and not line.startswith(("#", "-r "))
        ]
        assert len(names) == len(set(names))


def committed():
    """Return the files that are committed, or where there is no repository those that could be."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    left_out = {".venv", "var", "staticfiles", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not left_out & set(path.parts)]


def test_nothing_committed_speaks_of_a_machine_or_a_registry():
    # Put together here, so that this file does not speak of them itself.
    strange = re.compile(
        "|".join(
            [
                r"(?<![\w./])/(work|root|Users)" + "/",
                "/home" + r"/(?!linuxbrew)",
                "pypi" + r"\.org",
                "pythonhosted" + r"\.org",
            ]
            + [f"registry{name}" for name in (r"\.npmjs", r"\.yarnpkg")]
            + ["deb" + r"\.debian\.org", "proxy" + r"\.golang\.org"]
        )
    )
    found = []
    for path in committed():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in strange.finditer(text)]
    assert not found


class TestDocuments:
    PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_links_lead_somewhere(self, page):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} points to {target}"

    @pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda page: page.name)
    def test_a_decision_is_one_page_with_its_consequences(self, page):
        text = page.read_text()
        assert text.startswith("# ")
        assert "**Decision.**" in text
        assert "**Consequences.**" in text
        assert len(text.split()) < 700

    def test_every_variable_is_in_the_table_and_no_other(self):
        read = set()
        for path in (ROOT / "config").glob("*.py"):
            read |= set(re.findall(r"""(?:\benv(?:\.\w+)?\(|environ(?:\.get\(|\[))\s*"([A-Z_]+)""", path.read_text()))
        table = (ROOT / "docs" / "running.md").read_text().split("| Variable |")[1].split("\n\n")[0]
        described = set(re.findall(r"`([A-Z_]{3,})`", re.sub(r"\|[^|]*\|[^|]*\|$", "|", table, flags=re.MULTILINE)))
        assert read == described

    def test_every_check_is_described(self):
        defined = set(re.findall(r"evenhand\.E\d+", (ROOT / "config" / "checks.py").read_text()))
        assert defined == set(re.findall(r"evenhand\.E\d+", (ROOT / "docs" / "running.md").read_text()))

    def test_every_command_is_described(self):
        ours = {name for name, app in get_commands().items() if isinstance(app, str) and app in ROOMS}
        text = "".join(page.read_text() for page in self.PAGES)
        assert not {name for name in ours if name not in text}

    def test_every_make_target_is_in_the_readme(self):
        targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
        readme = (ROOT / "README.md").read_text()
        assert not [target for target in targets if f"make {target}" not in readme]
