"""The short form of `make chaos`: everything is killed at random, and nothing confirmed is lost or doubled."""

import subprocess
import sys

from django.conf import settings


def test_nothing_confirmed_is_lost_or_doubled_while_everything_is_killed(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "bench.chaos", "--saves", "300", "--seconds", "150", "--logs", tmp_path],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Nothing was lost and nothing doubled." in ended.stdout
    assert len(list(tmp_path.glob("client-*.log"))) == 8
