"""LibreOffice, as those who get the exports open them."""

import os
import shutil
import subprocess

import pytest

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(not SOFFICE and not os.environ.get("CI"), reason="LibreOffice is not here")


def converted(folder, to):
    """Convert every file in a folder, in one run. Return the texts of the files made, by their names without the ending."""
    return {path.stem: path.read_text(encoding="utf-8-sig") for path in saved(folder, to)}


def saved(folder, to):
    """Open every file in a folder and save it as another kind, in one run. Return the paths of the files made.

    Fails where LibreOffice complained. What is broken is repaired only when somebody is there to be asked; here it is
    not loaded.
    """
    files = sorted(path for path in folder.iterdir() if path.is_file())
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    done = subprocess.run(
        [SOFFICE, "--headless", profile, "--convert-to", to, "--outdir", folder / "made", *files],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "Error" not in done.stderr + done.stdout
    assert "repair" not in done.stderr + done.stdout
    made = sorted((folder / "made").iterdir())
    names = {path.stem for path in made}
    assert {path.stem for path in files} <= names | {name.rpartition("-")[0] for name in names}
    return made
