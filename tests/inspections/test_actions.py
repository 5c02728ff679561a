"""Inspections through their actions: standards pinned for life, judgements with their rationale."""

from dataclasses import replace

import pytest

from audit.models import Event
from inspections.actions import (
    archive_inspection,
    create_inspection,
    current_judgements,
    pin_standards,
    record_judgement,
)
from inspections.errors import Refused
from inspections.models import PinnedStandards, Sequence

pytestmark = pytest.mark.django_db


def test_a_document_is_pinned_once(inspection):
    assert pin_standards(document=inspection.document) == inspection.standards
    assert PinnedStandards.objects.count() == 1


def test_a_document_that_changed_under_the_same_version_is_refused(inspection):
    changed = replace(inspection.document, title="Other words")
    with pytest.raises(Refused, match="new version number"):
        pin_standards(document=changed)
    assert pin_standards(document=replace(changed, version=changed.version + 1)) != inspection.standards


def test_a_slug_is_used_once(inspection, lead):
    with pytest.raises(Refused, match="already an inspection"):
        create_inspection(
            by=lead,
            slug=inspection.slug,
            service_slug="other",
            service_name="Other",
            service_short_name="Other",
            document=inspection.document,
        )


def test_an_archived_inspection_keeps_everything_under_a_dated_slug(inspection, lead):
    slug = inspection.slug
    archived = archive_inspection(inspection=inspection, by=lead)
    assert archived.slug.startswith(f"{slug}-replaced-")
    assert archived.archived_at
    assert Event.objects.filter(action="inspection.archived").count() == 1


class TestJudgement:
    def test_the_newest_counts_and_the_older_stay(self, inspection, lead):
        for rating in ("good", "outstanding"):
            record_judgement(inspection=inspection, standard="1.1", rating=rating, rationale="Seen.", by=lead)
        assert current_judgements(inspection)["1.1"].rating == "outstanding"
        assert inspection.judgements.count() == 2
        assert current_judgements(inspection)["1.1"].sequence == Sequence.objects.get(inspection=inspection).value

    @pytest.mark.parametrize(
        ("parts", "sentence"),
        [
            ({"standard": "2.1"}, "not rated by judgement"),
            ({"standard": "9.9"}, "1.1, 1.2, 1.3, 1.4"),
            ({"rating": "splendid"}, "not a rating"),
            ({"rationale": "  "}, "needs a rationale"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, inspection, lead, parts, sentence):
        whole = {"standard": "1.1", "rating": "good", "rationale": "Seen."}
        with pytest.raises(Refused, match=sentence):
            record_judgement(inspection=inspection, by=lead, **{**whole, **parts})
        assert not inspection.judgements.exists()
