"""The form of another sector's standards, from the document alone."""

from pathlib import Path

import pytest
from django.urls import reverse

from standards import reader
from tests.cases.posting import fields_of

BAKERY = Path(__file__).parents[1] / "documents" / "bakery-hygiene.yaml"


@pytest.fixture
def bakery(make_inspection, make_case):
    document = reader.read(BAKERY.read_text(), BAKERY.name)
    inspection = make_inspection(document=document, terms={"baker": "food business"})
    return make_case(inspection, sample="ovens", disposal="high_street", profile={"size": "small"})


def test_the_form_shows_and_saves(save, signed_in, inspector, bakery, page_of, answer_of):
    response = save(
        bakery,
        "B1",
        {
            "answer-cream": "false",
            "answer-B1.1.a": "yes",
            "answer-B1.1": "not_applicable",
            "answer-opened_early": "no",
            "answer-pests": ["mice", "none"],
        },
    )
    assert response["Location"] == page_of(bakery, "B2")
    assert answer_of(bakery, "B1.1").reason_awaited
    assert answer_of(bakery, "pests").value == '["mice", "none"]'
    assert not answer_of(bakery, "B1.2").asked
    html = signed_in(inspector).get(page_of(bakery, "B1")).content.decode()
    assert "Does the food business work with cream or custard?" in html
    assert "It is asked where the food business works with cream or custard." in html
    assert "not baking that day" in html
    assert save(bakery, "B2", {"answer-advice": "Wash hands."})["Location"] == reverse(
        "cases:submit", args=[bakery.public_id]
    )


def test_every_page_of_it(signed_in, inspector, bakery, page_of):
    client = signed_in(inspector)
    for url in (
        reverse("cases:list", args=[bakery.inspection.public_id]),
        *(reverse(f"cases:{name}", args=[bakery.public_id]) for name in ("case", "history", "submit")),
    ):
        html = client.get(url).content.decode()
        assert "{baker}" not in html
        assert "young" not in html
    assert client.get(page_of(bakery, "A1")).status_code == 404
    assert "answer-B2.1" not in fields_of(client.get(page_of(bakery, "B1")))
