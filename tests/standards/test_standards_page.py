"""The page for whoever writes a document names every key that there is."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from standards import document

PAGE = (Path(__file__).parents[2] / "docs" / "standards-documents.md").read_text(encoding="utf-8")
WRITTEN = [
    document.Option, document.Term, document.Band, document.OverallBand, document.Discretion, document.Disposal,
    document.Sample, document.Sampling, document.Fact, document.Applicability, document.Prompt, document.KeyQuestion,
    document.Standard, document.Domain, document.CaseQuestion, document.ProfileField, document.Document,
]  # fmt: skip


@pytest.mark.parametrize("part", WRITTEN, ids=lambda part: part.__name__)
def test_every_key_is_explained(part):
    assert [field.name for field in fields(part) if not re.search(rf"`{field.name}[`:]", PAGE)] == []
