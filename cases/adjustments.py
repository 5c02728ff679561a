"""How the plan of a sample may depart from the standards document, and the document with that laid over it.

Values in, new values out. What is adjusted is a dictionary, as JSON takes it, of any of: `confidence` in per cent,
`margin_of_error` in percentage points, `shares` in per cent by sample (of all but the last, which takes the rest),
`windows` as [nearest, farthest] months before fieldwork by sample, and `sizes`, final numbers of cases by sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from standards.document import Document, Sample

LEAST_CONFIDENCE, BELOW_CONFIDENCE = 50, 100  # per cent
WIDEST_MARGIN = 50  # percentage points
FARTHEST = 60  # months before fieldwork
MOST_CASES = 100_000
BY_SAMPLE = ("shares", "windows", "sizes")


def as_document(document: Document) -> dict[str, Any]:
    """Return what may be adjusted as the document has it, in the shape of an adjustment; it has no final sizes."""
    return {
        "confidence": _plain(100 * document.sampling.confidence),
        "margin_of_error": document.sampling.margin_of_error,
        "shares": {sample.code: _plain(100 * sample.share) for sample in document.samples[:-1]},
        "windows": {sample.code: list(sample.window_months) for sample in document.samples},
        "sizes": {},
    }


def departures(document: Document, adjusted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is adjusted without what the document says anyway and without what is empty."""
    stands = as_document(document)
    left: dict[str, Any] = {}
    for name, value in adjusted.items():
        if name in BY_SAMPLE:
            plain = {code: _plain(held) for code, held in value.items()}
            value = {code: held for code, held in plain.items() if held not in (None, stands[name].get(code))}
        else:
            value = _plain(value)
        if value not in (None, {}, stands.get(name)):
            left[name] = value
    return left


def faults(document: Document, adjusted: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with an adjustment, in a sentence by field: `confidence`, `margin_of_error`, `share_CODE`,
    `nearest_CODE`, `farthest_CODE`, `size_CODE`.

    Raises ValueError for what no form can give: another name, and a sample that the document does not have.
    """
    samples = {sample.code: sample for sample in document.samples}
    for name, value in adjusted.items():
        if name not in ("confidence", "margin_of_error", *BY_SAMPLE):
            raise ValueError(f"{name} is nothing that may be adjusted.")
        if name in BY_SAMPLE and (unknown := set(value) - set(samples)):
            raise ValueError(f"{', '.join(sorted(unknown))}: the standards have no such sample.")
    found: dict[str, str] = {}
    confidence, margin = adjusted.get("confidence"), adjusted.get("margin_of_error")
    if confidence is not None and not (
        LEAST_CONFIDENCE <= confidence < BELOW_CONFIDENCE and round(confidence, 1) == confidence
    ):
        found["confidence"] = "Enter a confidence from 50 to 99.9 per cent, such as 80 or 97.5."
    if margin is not None and not (1 <= margin <= WIDEST_MARGIN and int(margin) == margin):
        found["margin_of_error"] = "Enter a margin of error from 1 to 50, in whole percentage points."
    found |= _share_faults(document, adjusted.get("shares", {}))
    for code, months in adjusted.get("windows", {}).items():
        found |= _window_faults(samples[code], *months)
    sizes = adjusted.get("sizes", {})
    for code, size in sizes.items():
        if size is not None and not 0 <= size <= MOST_CASES:
            found[f"size_{code}"] = f"Enter how many {samples[code].label} cases to draw, from 0 to {MOST_CASES:,}."
    return found


def adjusted_document(document: Document, adjusted: Mapping[str, Any]) -> Document:
    """Return the standards document with an adjustment without faults laid over its sampling and its samples."""
    adjusted = departures(document, adjusted)
    if not adjusted:
        return document
    sampling = document.sampling
    if "confidence" in adjusted:
        sampling = replace(sampling, confidence=round(adjusted["confidence"] / 100, 3))
    if "margin_of_error" in adjusted:
        sampling = replace(sampling, margin_of_error=int(adjusted["margin_of_error"]))
    shares = {sample.code: sample.share for sample in document.samples}
    if "shares" in adjusted:
        shares |= {code: round(share / 100, 3) for code, share in adjusted["shares"].items()}
        last = document.samples[-1].code
        shares[last] = round(1 - sum(share for code, share in shares.items() if code != last), 3)
    windows = adjusted.get("windows", {})
    samples = tuple(
        replace(
            sample,
            share=shares[sample.code],
            window_months=tuple(windows.get(sample.code, sample.window_months)),
        )
        for sample in document.samples
    )
    return replace(document, sampling=sampling, samples=samples)


def _share_faults(document: Document, shares: Mapping[str, Any]) -> dict[str, str]:
    *first, last = document.samples
    labels = {sample.code: sample.label for sample in document.samples}
    given = {code: share for code, share in shares.items() if share is not None}
    found = {}
    for code, share in given.items():
        if code == last.code:
            found[f"share_{code}"] = (
                f"The {last.label} cases are the rest of the sample: adjust the share of the others."
            )
        elif not (0 < share < 100 and round(share, 1) == share):
            found[f"share_{code}"] = (
                f"Enter a share of {labels[code]} cases above 0 and below 100 per cent, such as 60."
            )
    if given and not found and sum(given.get(sample.code, 100 * sample.share) for sample in first) >= 100:
        found[f"share_{next(iter(given))}"] = f"Enter less, so that {last.label} cases have a share too."
    return found


def _window_faults(sample: Sample, nearest: int, farthest: int) -> dict[str, str]:
    for name, months in (("nearest", nearest), ("farthest", farthest)):
        if not 0 <= months <= FARTHEST:
            return {f"{name}_{sample.code}": f"Enter months before fieldwork from 0 to {FARTHEST}, such as 6."}
    if nearest > farthest:
        return {
            f"farthest_{sample.code}": "Enter as many months here as in the nearest month, or more: the window would end "
            "before it begins."
        }
    return {}


def _plain(value: Any) -> Any:
    """Return a number as people write it, 80 and not 80.0, and months as a list, as JSON has them."""
    if isinstance(value, float):
        rounded = round(value, 3)
        return int(rounded) if rounded == int(rounded) else rounded
    return list(value) if isinstance(value, tuple) else value
