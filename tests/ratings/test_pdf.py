"""Annex 2 as a PDF, read back: it has the figures of the JSON, and its structure is tagged."""

import io
import re
import sys

import pypdf
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from audit.models import Event
from ratings.annex import as_data, build_annex
from ratings.exports import FORMATS, FormatNotAvailable, get_format, pdf
from tests.people import EXAMPLES

pytestmark = pytest.mark.django_db


def kinds(node):
    """Yield the kind of every element in the tree of tags."""
    node = node.get_object()
    if isinstance(node, list):
        for held in node:
            yield from kinds(held)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node["/S"]
        if "/K" in node:
            yield from kinds(node["/K"])


@pytest.mark.parametrize("slug", sorted(path.stem for path in EXAMPLES.glob("*.json")))
def test_it_holds_what_the_json_holds_and_is_tagged(make_example, slug):
    inspection = make_example(slug)
    annex = build_annex(inspection, inspection.result)
    read = pypdf.PdfReader(io.BytesIO(FORMATS["pdf"].render(annex)))
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in read.pages))
    data, at = as_data(annex), 0
    assert f"Score:{data['score']}/{data['maximum']}" in text
    for domain in data["domains"]:
        for standard in domain["standards"]:
            mark = "\\*" if standard["discretion"] else ""
            begun = re.compile(
                re.escape(re.sub(r"\s", "", f"{standard['code']}.{standard['title']}"))
                + ".*?"
                + re.escape(annex.labels[standard["rating"]].replace(" ", ""))
                + mark
            )
            at = begun.search(text, at).end()
            for asked in standard["key_questions"]:
                line = f"{asked['code']}.{asked['text']}"
                counts = (
                    f"{asked['yes']}yes,{asked['no']}no,{asked['not_applicable']}notapplicable,"
                    f"{asked['not_asked']}notasked,{asked['unanswered']}unanswered"
                )
                at = text.index(re.sub(r"\s", "", line), at)
                row = text[at : at + 500]
                assert counts in row
                assert f"{asked['percent']}%" in row
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert read.metadata.title == f"{annex.service}: {annex.heading}, inspection results"
    found = list(kinds(root["/StructTreeRoot"]))
    # A table that runs over pages is tagged once for each; its caption is on the first.
    assert found.count("/Caption") == len(data["domains"])
    assert {"/Table", "/H1", "/H2", "/TH", "/TD", "/TR", "/P"} <= set(found)
    assert b"pdfuaid" not in FORMATS["pdf"].render(annex)


class TestWithoutItsLibrary:
    @pytest.fixture
    def without(self, monkeypatch):
        """Let WeasyPrint be installed and not find what it draws with."""

        class Failing:
            def find_spec(self, name, path=None, target=None):
                if name == "weasyprint":
                    raise OSError("cannot load library 'libpango-1.0-0'")

        monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
        monkeypatch.setattr(sys, "meta_path", [Failing(), *sys.meta_path])

    @pytest.mark.usefixtures("without")
    def test_the_page_and_the_command_say_what_to_do(self, client, sefton, lead):
        client.force_login(lead)
        response = client.get(reverse("ratings:export", args=[sefton.public_id, "pdf"]))
        assert response.status_code == 503
        assert pdf.NOT_HERE in response.content.decode()
        with pytest.raises(CommandError, match="WeasyPrint is not installed"):
            call_command("annex", "sefton-2019", "--format", "pdf")
        assert not Event.objects.filter(action="annex.exported").exists()

    def test_where_it_is_not_installed_the_page_says_so(self, client, sefton, lead, monkeypatch):
        monkeypatch.delitem(FORMATS, "pdf")
        client.force_login(lead)
        html = client.get(reverse("ratings:annex", args=[sefton.public_id])).content.decode()
        assert pdf.NOT_HERE in html
        assert client.get(reverse("ratings:export", args=[sefton.public_id, "pdf"])).status_code == 404
        with pytest.raises(FormatNotAvailable, match=r"requirements-pdf\.txt"):
            get_format("pdf")
