"""python -m standards: the check for whoever writes a document."""

from pathlib import Path

from standards.__main__ import main

BAKERY = Path(__file__).parents[1] / "documents" / "bakery-hygiene.yaml"


def test_a_valid_document(capsys):
    assert main([str(BAKERY)]) == 0
    assert capsys.readouterr().out == f"{BAKERY}: Hygiene in bakeries, version 3, is valid.\n"


def test_every_fault_is_on_a_line_of_its_own(tmp_path, capsys):
    file = tmp_path / "bakery-hygiene.yaml"
    text = BAKERY.read_text(encoding="utf-8").replace("minimum: 30", "minimum: 31").replace("margin: 3", "margin: 300")
    file.write_text(text, encoding="utf-8")
    assert main([str(BAKERY), str(file)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{file}: bands[1].minimum: 30 would be in no band: give 30.",
        f"{file}: discretion.margin: Give percentage points from 0 to 100.",
    ]


def test_no_file(capsys):
    assert main([]) == 1
    assert main(["nowhere.yaml"]) == 1
    assert capsys.readouterr().err == (
        "Name the files to check: python -m standards FILE...\n"
        "nowhere.yaml: There is no such file, or its name does not end in .yaml.\n"
    )
