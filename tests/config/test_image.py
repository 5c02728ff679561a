"""What goes into the image is enough to run, and no more."""

import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
ENVIRONMENT = {
    "EVENHAND_ENV": "production",
    "SECRET_KEY": "only-for-collecting",
    "ALLOWED_HOSTS": "none",
    "DATABASE_URL": "postgres://",
    "REDIS_URL": "redis://",
}


def let_in():
    """Return the names that .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Return a folder with what the image holds, static files collected as the Dockerfile does."""
    folder = tmp_path_factory.mktemp("image")
    for name in let_in():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    run(folder, "collectstatic", "--noinput", "--verbosity", "0")
    return folder


def run(folder, *arguments, **env):
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **ENVIRONMENT, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_it_runs(image):
    run(image, "check", "--deploy", "--fail-level", "ERROR")
    assert (image / "staticfiles" / "staticfiles.json").exists()


def test_it_carries_standards_and_examples(image):
    listed = {path.name for path in image.rglob("*") if path.suffix in (".yaml", ".json")}
    assert {"youth-2018.yaml", "sefton-2019.json"} <= listed


def test_it_carries_no_tests_and_no_secrets(image):
    assert not {"tests", "bench", ".env", ".git", "var"} & set(let_in())


def test_the_dockerfile_builds_with_the_same_values():
    text = (ROOT / "Dockerfile").read_text()
    assert all(f"{name}={value}" in text for name, value in ENVIRONMENT.items())
    assert text.count("\nUSER ") == 1
