"""How large a sample must be, and which cases are drawn into it.

Values in, new values out. Sizes are counts of cases and exact: shares are read as decimal fractions, so that a sample of
60% is never one case too large by the last binary digit. Source: the rules page, "The sample" and "The draw".
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import takewhile
from math import ceil, sqrt
from statistics import NormalDist

from standards.document import Document, Sample, Sampling

NOT_CLASSIFIED = ""
REST = ("*",)


@dataclass(frozen=True)
class Side:
    """One kind of case in a plan: how many are `eligible` (None where only the whole is known), and how many are taken.

    `wanted` is its share of the whole sample; `size` is what is taken of it, which is less where too few are eligible and
    more where it fills for another side that is short.
    """

    sample: str
    eligible: int | None
    wanted: int
    size: int

    @property
    def taken_whole(self) -> bool:
        """Whether too few cases are eligible, so that all of them are taken."""
        return self.eligible is not None and self.wanted > self.eligible


@dataclass(frozen=True)
class Plan:
    """How many cases to draw. `infinite` is the size without the population correction and `needed` the size before
    rounding up, both in cases.
    """

    population: int
    infinite: float
    needed: float
    total: int
    sides: tuple[Side, ...]

    def size(self, sample: str) -> int:
        """Return how many cases of one kind are drawn."""
        return next(side.size for side in self.sides if side.sample == sample)


@dataclass(frozen=True)
class Candidate:
    """An eligible case. `strata` has a value for each field of `Sampling.stratify_by`, in that order; "" is not classified."""

    reference: str
    sample: str
    strata: tuple[str, ...]


@dataclass(frozen=True)
class Stratum:
    """Cases alike in what the sample must match. `values` ends in `REST` where small strata were put together.

    `drawn` are references in the order drawn, `reserves` all the others in the order in which they would replace one.
    """

    sample: str
    values: tuple[str, ...]
    drawn: tuple[str, ...]
    reserves: tuple[str, ...]

    @property
    def eligible(self) -> int:
        """How many cases it has."""
        return len(self.drawn) + len(self.reserves)


@dataclass(frozen=True)
class Share:
    """How much of the eligible cases, and of the sample, has one value of one field, both counts of cases.

    `gap` is how far the sample's share lies above the population's, in percentage points.
    """

    field: str
    value: str
    eligible: int
    drawn: int
    gap: float


def z_of(sampling: Sampling) -> float:
    """Return the z of the document's confidence, to four decimal places as it is printed: 1.2816 for 80%."""
    return round(NormalDist().inv_cdf((1 + sampling.confidence) / 2), 4)


def sample_sizes(population: int, sampling: Sampling) -> tuple[float, float, int]:
    """Return the size for a population without end, the corrected size before rounding, and the size in whole cases.

    Raises ValueError for a population below 0.
    """
    if population < 0:
        raise ValueError("A population is 0 cases or more.")
    margin = Fraction(sampling.margin_of_error, 100)
    infinite = Fraction(str(z_of(sampling))) ** 2 / 4 / margin**2
    needed = infinite / (1 + (infinite - 1) / population) if population else Fraction(0)
    return float(infinite), float(needed), min(population, ceil(needed))


def plan(document: Document, population: int | Mapping[str, int]) -> Plan:
    """Return how many cases to draw from a population, or from the eligible cases of each kind.

    Every kind but the last takes its share of the whole rounded up, and the last takes the rest. A kind with too few
    cases is taken whole and the others fill, in the order of the document. Raises ValueError for numbers below 0 and for
    kinds that the document does not have.
    """
    counts: Mapping[str, int] | None = None if isinstance(population, int) else population
    if counts is not None and (unknown := set(counts) - {sample.code for sample in document.samples}):
        raise ValueError(f"{', '.join(sorted(unknown))}: the standards have no such sample.")
    if counts is not None and any(count < 0 for count in counts.values()):
        raise ValueError("A population is 0 cases or more.")
    whole = population if isinstance(population, int) else sum(population.values())
    infinite, needed, total = sample_sizes(whole, document.sampling)
    wanted, left = {}, total
    for sample in document.samples[:-1]:
        wanted[sample.code] = min(left, ceil(Fraction(str(sample.share)) * total))
        left -= wanted[sample.code]
    wanted[document.samples[-1].code] = left
    sizes = dict(wanted)
    if counts is not None:
        sizes = {code: min(size, counts.get(code, 0)) for code, size in wanted.items()}
        for code in sizes:
            sizes[code] += min(total - sum(sizes.values()), counts.get(code, 0) - sizes[code])
    sides = (
        Side(code, None if counts is None else counts.get(code, 0), wanted[code], size) for code, size in sizes.items()
    )
    return Plan(whole, infinite, needed, total, tuple(sides))


def window(sample: Sample, fieldwork: date) -> tuple[date, date]:
    """Return the first and the last day on which a disposal makes a case eligible, both inclusive.

    Months are counted back to the same day of the month, or to its last day where it has no such day.
    """
    nearest, farthest = sample.window_months
    return _months_before(fieldwork, farthest), _months_before(fieldwork, nearest)


def draw(candidates: Iterable[Candidate], sizes: Mapping[str, int], seed: str) -> tuple[Stratum, ...]:
    """Return the strata with the cases drawn from each and their reserves, in the order of samples and values.

    The same seed and candidates, in whatever order, give the same sample on any machine. Raises ValueError where a
    reference comes twice or more cases are to be drawn than there are.
    """
    candidates = list(candidates)
    if len({candidate.reference for candidate in candidates}) < len(candidates):
        ((twice, _),) = Counter(candidate.reference for candidate in candidates).most_common(1)
        raise ValueError(f"{twice} is there twice.")
    strata: list[Stratum] = []
    for sample, size in sizes.items():
        there = [candidate for candidate in candidates if candidate.sample == sample]
        if size > len(there):
            raise ValueError(f"{size} cases cannot be drawn from {len(there)}.")
        strata += _drawn(sample, there, size, seed)
    return tuple(strata)


def nearest(strata: Sequence[tuple[str, tuple[str, ...]]], own: int) -> list[int]:
    """Return from which strata a case of the stratum `own` is replaced, by their places: its own, then the nearest first.

    `strata` are samples with values. Those of the same sample come, the most equal values from the left first, and of alike
    in their order.
    """
    sample, values = strata[own]

    def distance(place: int) -> tuple[int, int]:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(values, strata[place][1], strict=False))
        return -len(list(alike)), place

    others = [place for place, held in enumerate(strata) if held[0] == sample and place != own]
    return [own, *sorted(others, key=distance)]


def order_by(seed: str) -> Callable[[str], bytes]:
    """Return what references are put in order by: SHA-256 of the seed, a line break, and the reference in UTF-8."""
    sha256, before = hashlib.sha256, f"{seed}\n".encode()
    return lambda reference: sha256(before + reference.encode()).digest()


def largest_remainders(sizes: Sequence[int], total: int) -> list[int]:
    """Return whole parts of `total` in proportion to `sizes`, none larger than its size.

    Each gets its proportion rounded down, and what is left goes one by one to the largest remainders, the first of equals
    first. Raises ValueError where `total` is more than all sizes together.
    """
    whole = sum(sizes)
    if total > whole:
        raise ValueError(f"{total} cannot be had from {whole}.")
    if not whole:
        return [0 for _ in sizes]
    parts = [total * size // whole for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda index: (-(total * sizes[index] % whole), index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def shares(candidates: Iterable[Candidate], drawn: Iterable[str], fields: Sequence[str]) -> tuple[Share, ...]:
    """Return the share of every value of every field among the candidates and among those drawn, by field and value."""
    chosen = set(drawn)
    eligible: Counter[tuple[str, str]] = Counter()
    taken: Counter[tuple[str, str]] = Counter()
    all_eligible = all_taken = 0
    for candidate in candidates:
        values = list(zip(fields, candidate.strata, strict=True))
        eligible.update(values)
        all_eligible += 1
        if candidate.reference in chosen:
            taken.update(values)
            all_taken += 1
    found = [
        Share(field, value, count, taken[field, value], _gap(count, all_eligible, taken[field, value], all_taken))
        for (field, value), count in eligible.items()
    ]
    return tuple(sorted(found, key=lambda share: (fields.index(share.field), share.value)))


def margin_of_error(sampling: Sampling, relevant: int, population: int | None = None) -> float | None:
    """Return the margin of error, in percentage points either way, of a percentage that rests on `relevant` cases.

    It is that of the sample rule, for the number of cases there really are: z × √(0.25 ÷ n), with z for the document's
    confidence, and where the eligible `population` is known times √((N − n) ÷ (N − 1)). None without a relevant case.
    Raises ValueError when there are more cases than the population has.
    """
    if relevant == 0:
        return None
    if population is not None and relevant > population:
        raise ValueError(f"{relevant} relevant cases cannot come from a population of {population}.")
    correction = 1.0
    if population is not None:
        correction = sqrt((population - relevant) / (population - 1)) if population > 1 else 0.0
    return 100 * z_of(sampling) * sqrt(0.25 / relevant) * correction


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _drawn(sample: str, candidates: list[Candidate], size: int, seed: str) -> Iterable[Stratum]:
    strata = _merged(candidates, size)
    keys = sorted(strata)
    parts = largest_remainders([len(strata[key]) for key in keys], size)
    order = order_by(seed)
    for key, part in zip(keys, parts, strict=True):
        references = sorted(strata[key], key=order)
        yield Stratum(sample, key, tuple(references[:part]), tuple(references[part:]))


def _merged(candidates: list[Candidate], size: int) -> dict[tuple[str, ...], list[str]]:
    """Return the references by stratum. Strata that would get less than one case are put together: first those that
    differ in the last field alone, then, of what is still too small, those that differ in the last two, and so on.
    """
    strata: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for candidate in candidates:
        strata[candidate.strata].append(candidate.reference)
    fields = len(candidates[0].strata) if candidates else 0
    for kept in range(fields - 1, -1, -1):
        small = [key for key, there in strata.items() if len(there) * size < len(candidates)]
        for key in small:
            merged = key[:kept] + REST
            if merged != key:
                strata[merged] += strata.pop(key)
    return strata


def _gap(eligible: int, all_eligible: int, drawn: int, all_drawn: int) -> float:
    if not all_drawn:
        return 0.0
    return float(100 * (Fraction(drawn, all_drawn) - Fraction(eligible, all_eligible)))
