"""Finding, reading and writing standards documents."""

import hashlib
import json
from pathlib import Path

import pytest

from standards.reader import (
    MalformedDocument,
    UnknownDocument,
    available,
    canonical_json,
    checksum,
    load,
    read,
    read_json,
)

OTHERS = Path(__file__).parents[1] / "documents"
BAKERY = (OTHERS / "bakery-hygiene.yaml").read_text(encoding="utf-8")


def test_the_documents_there_are():
    assert "youth-2018" in available()
    assert "bakery-hygiene" not in available()
    assert available([OTHERS])["bakery-hygiene"] == OTHERS / "bakery-hygiene.yaml"


def test_every_document_there_is_reads():
    for code in available([OTHERS]):
        assert load(code, [OTHERS]).code == code


def test_an_unknown_document_is_refused_with_those_there_are():
    with pytest.raises(UnknownDocument, match=r'^There is no standards document "youth-1066"; there are: .*youth-2018'):
        load("youth-1066")


def test_a_code_cannot_lead_out_of_the_folder():
    with pytest.raises(UnknownDocument):
        load("../documents/youth-2018")


def test_a_later_folder_wins(tmp_path):
    (tmp_path / "bakery-hygiene.yaml").write_text(BAKERY.replace("version: 3", "version: 4"), encoding="utf-8")
    assert load("bakery-hygiene", [OTHERS]).version == 3
    assert load("bakery-hygiene", [OTHERS, tmp_path]).version == 4


def test_a_file_is_named_for_its_code(tmp_path):
    (tmp_path / "cakes.yaml").write_text(BAKERY, encoding="utf-8")
    with pytest.raises(MalformedDocument) as refused:
        load("cakes", [tmp_path])
    assert str(refused.value) == 'code: The file is called "cakes.yaml", so give "cakes", or rename the file.'
    assert refused.value.where == "cakes.yaml"


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "cakes.yaml").write_bytes("title: Pâtisserie".encode("latin-1"))
    with pytest.raises(MalformedDocument, match="This is not UTF-8 text: save it as UTF-8"):
        load("cakes", [tmp_path])


def test_canonical_json_gives_the_same_document_back():
    for code in available([OTHERS]):
        document = load(code, [OTHERS])
        text = canonical_json(document)
        again = read_json(text)
        assert again == document
        assert canonical_json(again) == text
        assert checksum(again) == checksum(document) == hashlib.sha256(text.encode()).hexdigest()


def test_canonical_json_does_not_depend_on_how_the_document_was_written():
    document = json.loads(canonical_json(load("bakery-hygiene", [OTHERS])))
    backwards = json.dumps(dict(reversed(document.items())), indent=4)
    assert canonical_json(read_json(backwards)) == canonical_json(load("bakery-hygiene", [OTHERS]))


def test_another_word_is_another_checksum():
    document = read(BAKERY, "bakery")
    assert checksum(read(BAKERY.replace("flour_moths", "beetles"), "bakery")) != checksum(document)


def test_the_same_text_is_parsed_once():
    assert read(BAKERY, "here") is read(BAKERY, "there")


def test_another_sector_has_its_own_scale_samples_and_words():
    bakery = load("bakery-hygiene", [OTHERS])
    assert [band.score for band in bakery.bands] == [0, 1, 2, 4, 6]
    assert {code: standard.method for code, standard in bakery.standards.items()} == {
        "A1": "judgement",
        "B1": "percentage",
        "B2": "percentage",
    }
    assert [code for code, standard in bakery.standards.items() if not standard.counts_in_total] == ["B2"]
    assert bakery.maximum == 12
    assert list(bakery.questions("ovens")) == [
        "cream", "B1.1.a", "B1.1.b", "B1.1", "B1.2.a", "B1.2", "opened_early", "pests", "B2.1.a", "B2.1",
        "close_now", "advice",
    ]  # fmt: skip
    assert bakery.worded("Does the {baker} bake?", {"baker": "pobydd"}) == "Does the pobydd bake?"


def test_a_key_that_came_later_leaves_the_checksums_of_older_documents_alone():
    without = BAKERY.replace("    about: alert\n    alert_when: [at_once, today]\n", "")
    assert "about" not in canonical_json(read(without, "bakery"))
    assert '"about":"alert","alert_when":["at_once","today"]' in canonical_json(read(BAKERY, "bakery"))
