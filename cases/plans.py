"""The plan of a sample, as it follows from the eligible cases, the standards document and what was adjusted.

Reads only; `cases.drawing` writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from cases import sampling
from cases.adjustments import adjusted_document
from cases.models import SampleAdjustment
from standards.document import Document, Sample


@dataclass(frozen=True)
class SamplePlan:
    """How many cases of each kind are drawn, out of which, and why.

    `document` has the adjustments laid over it. `by_rule` is the plan that follows from it, and `adjustment` the newest
    `SampleAdjustment` (None without one), whose final sizes count in place of those of the rule. `windows` are the first and
    last day of eligible disposals by sample, and there are none while it is not known when fieldwork begins.
    """

    document: Document
    by_rule: sampling.Plan
    adjustment: SampleAdjustment | None
    fieldwork: date | None

    @property
    def adjusted(self) -> Mapping[str, Any]:
        """What is adjusted; {} where the document holds."""
        return self.adjustment.adjusted if self.adjustment else {}

    @property
    def sizes(self) -> dict[str, int]:
        """How many cases are drawn of each sample, in the order of the document."""
        final = self.adjusted.get("sizes", {})
        return {side.sample: final.get(side.sample, side.size) for side in self.by_rule.sides}

    @property
    def total(self) -> int:
        """How many cases are drawn in all."""
        return sum(self.sizes.values())

    @property
    def eligible(self) -> dict[str, int]:
        """How many cases are eligible of each sample."""
        return {side.sample: side.eligible or 0 for side in self.by_rule.sides}

    @property
    def windows(self) -> dict[str, tuple[date, date]]:
        """The first and the last day of eligible disposals, by sample."""
        return windows_of(self.document, self.fieldwork)

    @property
    def too_large(self) -> list[Sample]:
        """The samples whose final size is more than there are eligible cases."""
        return [sample for sample in self.document.samples if self.sizes[sample.code] > self.eligible[sample.code]]

    @property
    def stored(self) -> dict[str, Any]:
        """The whole arithmetic as JSON takes it; `confidence` and `share` 0-1, `margin_of_error` in percentage points."""
        windows = self.windows
        return {
            "population": self.by_rule.population,
            "confidence": self.document.sampling.confidence,
            "z": sampling.z_of(self.document.sampling),
            "margin_of_error": self.document.sampling.margin_of_error,
            "without_correction": self.by_rule.infinite,
            "before_rounding": self.by_rule.needed,
            "by_rule": self.by_rule.total,
            "total": self.total,
            "fieldwork": self.fieldwork and self.fieldwork.isoformat(),
            "sides": [
                {
                    "sample": side.sample,
                    "share": sample.share,
                    "eligible": side.eligible,
                    "wanted": side.wanted,
                    "by_rule": side.size,
                    "size": self.sizes[side.sample],
                    "taken_whole": side.taken_whole,
                    "window_months": list(sample.window_months),
                    "window": [day.isoformat() for day in windows.get(side.sample, ())],
                }
                for sample, side in zip(self.document.samples, self.by_rule.sides, strict=True)
            ],
            "stratify_by": list(self.document.sampling.stratify_by),
            "adjusted": dict(self.adjusted),
            "adjusted_because": self.adjustment.reason if self.adjusted else "",
        }


def adjustment_of(inspection):
    """Return the newest `SampleAdjustment` of an inspection with who made it, or None. One query."""
    return SampleAdjustment.objects.filter(inspection=inspection).select_related("by").order_by("pk").last()


def document_of(inspection):
    """Return the standards document of an inspection with what was adjusted laid over it. One query."""
    adjustment = adjustment_of(inspection)
    return adjusted_document(inspection.document, adjustment.adjusted if adjustment else {})


def plan_of(inspection):
    """Return the `SamplePlan` of an inspection for its candidates as they stand. Two queries."""
    adjustment = adjustment_of(inspection)
    document = adjusted_document(inspection.document, adjustment.adjusted if adjustment else {})
    counted = inspection.candidates.order_by().values_list("sample").annotate(Count("pk"))
    counts = {sample.code: 0 for sample in document.samples} | dict(counted)
    return SamplePlan(document, sampling.plan(document, counts), adjustment, inspection.fieldwork_started)


def windows_of(document, fieldwork):
    """Return the first and the last day of eligible disposals by sample; {} while it is not known when fieldwork begins."""
    if fieldwork is None:
        return {}
    return {sample.code: sampling.window(sample, fieldwork) for sample in document.samples}


def windows_told(windows):
    """Return windows as JSON takes them: how a list says what it was checked for."""
    return {code: [day.isoformat() for day in window] for code, window in windows.items()}


def checked_for_others(caseload, windows):
    """Return whether a list was checked for other windows than these, so that cases may be eligible that it leaves out."""
    return "windows" in caseload.told and caseload.told["windows"] != windows_told(windows)


def outside_windows(inspection, windows):
    """Return the candidates with a disposal outside these windows, by sample; none where there are no windows."""
    if not windows:
        return inspection.candidates.none()
    inside = Q()
    for code, window in windows.items():
        inside |= Q(sample=code, disposal_date__range=window)
    return inspection.candidates.exclude(inside)
