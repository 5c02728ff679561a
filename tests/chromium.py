"""Finding a Chromium for the browser tests; `python -m tests.chromium` gets one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find_chromium(playwright):
    """Return the path of a Chromium, or None: the one `CHROMIUM` names, the machine's, or Playwright's own."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    for found in [*map(shutil.which, NAMES), str(ON_MACOS) if ON_MACOS.exists() else None]:
        if found:
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def works(playwright):
    """Return whether there is a Chromium that starts."""
    path = find_chromium(playwright)
    try:
        if path:
            playwright.chromium.launch(executable_path=path, args=FLAGS).close()
    except Error:
        return False
    return bool(path)


def ways():
    """Yield the commands that may get a Chromium here, as lists of commands."""
    yield [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and os.geteuid() == 0:
        yield [["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]]


def main():
    """Get a Chromium unless there is one, and say so when none is to be had: the tests will skip what needs it."""
    with sync_playwright() as playwright:
        if works(playwright):
            return
        for commands in ways():
            print(f"Getting a Chromium for the browser tests: {' '.join(commands[-1])}", flush=True)
            done = all(
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
                == 0
                for command in commands
            )
            if done and works(playwright):
                return
    print(
        "No Chromium is to be had, so the browser tests will be skipped. Install chromium, or set CHROMIUM to the path "
        "of a Chromium or Chrome.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
