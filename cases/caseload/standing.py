"""What the caseload of an inspection says, and what another list would change. Reads only, in constant numbers of queries."""

from collections import Counter
from dataclasses import dataclass

from cases.caseload.columns import DISPOSAL


@dataclass(frozen=True)
class Difference:
    """How a list differs from the caseload that stands, in cases by their references."""

    new: int
    gone: int
    changed: int

    @property
    def any(self):
        """Whether it differs at all."""
        return bool(self.new or self.gone or self.changed)


def counted(inspection, counts):
    """Return [(sample, number, [(disposal in words, number)])] from numbers of cases by (sample, disposal), no noughts."""
    counts, found = Counter(counts), []
    for sample in inspection.document.samples:
        disposals = [
            (inspection.worded(held.label), counts[sample.code, held.code])
            for held in sample.disposals
            if counts[sample.code, held.code]
        ]
        found.append((sample, sum(number for _, number in disposals), disposals))
    return found


def unclassified_of(inspection, told):
    """Return [(field in words, number of cases)] of how many cases say nothing that the sample must match."""
    return [(label, told["unclassified"].get(code, 0)) for code, label, _ in stratifying(inspection)]


def stratifying(inspection):
    """Return [(code, words, options in words by code)] of the profile fields that the sample must match."""
    fields = {held.code: held for held in inspection.document.profile}
    return [
        (
            code,
            inspection.worded(fields[code].label),
            {option.code: inspection.worded(option.label) for option in fields[code].options},
        )
        for code in inspection.document.sampling.stratify_by
        if code != DISPOSAL
    ]


def difference(inspection, rows):
    """Return the `Difference` between the caseload and rows as `Checked.stored` has them. Reads every candidate."""
    columns = ("reference", "child", "sample", "disposal", "disposal_date", "disposals", "profile")
    stands = {row[0]: row[1:] for row in inspection.candidates.order_by().values_list(*columns)}
    changed = sum(
        (child, sample, disposal, day, disposals, profile)
        != (held[0], held[1], held[2], held[3].isoformat(), held[4], held[5])
        for reference, child, sample, disposal, day, disposals, profile in rows
        if (held := stands.get(reference))
    )
    there = {row[0] for row in rows}
    return Difference(new=len(there - stands.keys()), gone=len(stands.keys() - there), changed=changed)
