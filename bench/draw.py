"""Drawing a sample, beside only sorting the references by the same hash in plain Python, and as the list grows."""

import hashlib

from bench.measure import Heading, Row, measure
from cases.sampling import Candidate, draw, plan
from standards.reader import load

FEW, MANY = 10_000, 100_000
SEED = "5eed" * 8
BESIDE_SORTING = 2
LINEAR = 13  # ten times as many cases may take so many times as long: sorting alone takes more than ten


def listed(count):
    """Return so many eligible cases of many strata, some of them small."""
    disposals = (
        ("court", "referral_order"),
        ("court", "youth_rehabilitation_order"),
        ("out_of_court", "youth_caution"),
    )
    levels = ("low", "medium", "high", "")
    return [
        Candidate(
            f"C-{number:06}",
            disposals[number % 3][0],
            (
                "female" if number % 5 == 0 else "male",
                disposals[number % 3][1],
                levels[number % 4],
                "very_high" if number % 1_000 == 0 else levels[number // 4 % 4],
            ),
        )
        for number in range(count)
    ]


def compared():
    """Return the lines."""
    document = load("youth-2018")
    there = {count: listed(count) for count in (FEW, MANY)}
    sizes = {
        count: {
            side.sample: side.size
            for side in plan(
                document,
                {
                    sample.code: sum(candidate.sample == sample.code for candidate in candidates)
                    for sample in document.samples
                },
            ).sides
        }
        for count, candidates in there.items()
    }
    references = [candidate.reference for candidate in there[MANY]]

    def plain():
        return sorted(references, key=lambda reference: hashlib.sha256(f"{SEED}\n{reference}".encode()).digest())

    def drawn(count):
        strata = draw(there[count], sizes[count], SEED)
        if sum(len(stratum.drawn) for stratum in strata) != sum(sizes[count].values()):
            raise RuntimeError("The sample has not the size that was planned.")

    times = measure({"plain": plain, FEW: lambda: drawn(FEW), MANY: lambda: drawn(MANY)}, runs=5, rounds=4, warm_up=1)
    return [
        Heading("Drawing a sample"),
        Row(f"sorting {MANY:,} references by SHA-256 of seed and reference", times["plain"]),
        Row(f"drawing from {MANY:,} cases", times[MANY], times["plain"], BESIDE_SORTING),
        Row(f"drawing from {FEW:,} cases", times[FEW]),
        Row(f"drawing from {MANY:,} cases", times[MANY], times[FEW], LINEAR),
    ]
