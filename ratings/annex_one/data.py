"""Annex 1 written down: as data for programs, and as text to read."""

import json
from dataclasses import asdict

from ratings.annex_one.figures import AnnexOne, SampleFigures
from ratings.annex_one.sentences import sections
from ratings.exports.document import INVENTED

FORMAT = "evenhand-annex-one/1"


def as_data(figures: AnnexOne) -> dict:
    """Return the figures and their sentences as plain dicts and lists, in the form that docs/formats.md describes."""
    names = ("inspection", "service", "standards", "standards_version", "sequence", "at")
    return {
        "format": FORMAT,
        **{name: getattr(figures, name) for name in names},
        "invented_answers": figures.invented_answers,
        "cases": figures.cases,
        "submitted": figures.submitted,
        "draw": _draw(figures.draw),
        "samples": [_sample(sample) for sample in figures.samples],
        "organisational_delivery": {
            "surveyed": dict(figures.methodology.surveyed),
            **{
                name: getattr(figures.methodology, name)
                for name in ("meetings", "focus_groups", "interviews", "observations")
            },
        },
        "sentences": [
            {"sample": section.sample or None, "about": sentence.about, "text": sentence.text}
            for section in sections(figures)
            for sentence in section.sentences
        ],
        "small_groups": [asdict(group) for group in figures.small_groups],
    }


def as_json(figures: AnnexOne) -> str:
    """Return the figures as JSON text."""
    return json.dumps(as_data(figures), ensure_ascii=False, indent=1) + "\n"


def as_text(figures: AnnexOne) -> str:
    """Return the sentences as text: a heading and a paragraph for each section, and what may not be told yet."""
    parts = [f"{figures.heading}: {figures.service}", *([INVENTED] if figures.invented_answers else [])]
    for section in sections(figures):
        said = " ".join(sentence.text for sentence in section.sentences)
        if said:
            parts += [part for part in (section.title, said, section.hidden) if part]
    return "\n\n".join(parts) + "\n"


def _draw(draw):
    if draw is None:
        return None
    return {
        "eligible": draw.eligible,
        "size": draw.size,
        "size_by_rule": draw.by_rule,
        "confidence": draw.confidence,
        "margin_of_error": draw.margin_of_error,
        "margin_reached": _tenth(draw.margin),
        "matched": [code for code, _ in draw.matched],
    }


def _sample(sample: SampleFigures):
    return {
        "code": sample.code,
        "title": sample.title,
        "cases": sample.cases,
        "percent": sample.percent,
        "eligible": sample.eligible,
        "margin_reached": _tenth(sample.margin),
        "groups": [{"code": held.code, "cases": held.cases} for held in sample.groups],
        "disposals": [
            {"code": held.code, "label": held.label, "group": held.group or None, "cases": held.cases}
            for held in sample.disposals
        ],
        "dates": {
            "first": sample.dates.first and sample.dates.first.isoformat(),
            "last": sample.dates.last and sample.dates.last.isoformat(),
            **{name: getattr(sample.dates, name) for name in ("within", "outside", "not_recorded")},
        },
        "profile": [
            {
                "code": field.code,
                "label": field.label,
                "several": field.several,
                "counts": [
                    {"code": held.code or None, "label": held.label, "cases": held.cases} for held in field.counts
                ],
            }
            for field in sample.profile
        ],
        "facts": None
        if sample.facts is None
        else [
            {
                "code": fact.code,
                "text": fact.text,
                "true": fact.holds,
                "false": fact.holds_not,
                "not_established": fact.not_established,
            }
            for fact in sample.facts
        ],
        "interviews": sample.interviews
        and {name: getattr(sample.interviews, name) for name in ("held", "not_held", "not_recorded")},
        "hidden": sample.hidden or None,
        "without_file": sample.without_file,
        "excluded": [
            {"code": held.code or None, "reason": held.label, "cases": held.cases, "replaced": held.replaced}
            for held in sample.excluded
        ],
    }


def _tenth(points):
    return None if points is None else round(points, 1)
