"""Who might read which case: a proposal by load, skills and conflicts of interest, for the lead inspector to decide on.

Values in, new values out. Load is what a person still has to read, as the number of rated questions of their cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

LEAST = "Least left to read so far"


@dataclass(frozen=True)
class ToRead:
    """A case that nobody reads yet: how many rated questions it has, and its kinds in words by code.

    `key` tells cases apart, and equal ones are taken in the `order` of that text.
    """

    key: str
    questions: int
    kinds: Mapping[str, str]
    order: str = ""


@dataclass(frozen=True)
class Reader:
    """Somebody who may be given cases: how many questions they still have to read, and which kinds of cases suit them.

    `key` tells people apart. Whoever is `conflicted` is given no case.
    """

    key: int
    load: int = 0
    suited_for: frozenset[str] = frozenset()
    conflicted: bool = False


@dataclass(frozen=True)
class Proposal:
    """A case, who might read it, and why, in words without a full stop."""

    case: str
    reader: int
    why: str


@dataclass(frozen=True)
class Proposed:
    """What is proposed, in the order in which it was decided, the `nobodys` that no one can take, and each person's load then."""

    proposals: tuple[Proposal, ...]
    nobodys: tuple[str, ...]
    loads: Mapping[int, int]


def propose(cases: Iterable[ToRead], readers: Iterable[Reader]) -> Proposed:
    """Return who might read each case. The same cases and people, in whatever order, give the same proposal.

    The longest cases are given first. Whoever is suited for a case gets it while that leaves them within an even share.
    Every other case goes to whoever has least left to read, or to somebody suited who is ahead of them by less than this
    case. So whoever gets cases ends less than two of them ahead, and no more than one where nobody is suited.
    """
    able = sorted((reader for reader in readers if not reader.conflicted), key=lambda reader: reader.key)
    waiting = sorted(cases, key=lambda case: (-case.questions, case.order, case.key))
    loads = {reader.key: reader.load for reader in able}
    if not able:
        return Proposed((), tuple(case.key for case in waiting), loads)
    share = _even_share(sorted(loads.values()), sum(case.questions for case in waiting))
    proposals: list[Proposal] = []

    def least_of(among: Iterable[Reader]) -> Reader:
        return min(among, key=lambda reader: (loads[reader.key], reader.key))

    def give(case: ToRead, reader: Reader) -> None:
        loads[reader.key] += case.questions
        proposals.append(Proposal(case.key, reader.key, _why(case, reader)))

    left = []
    for case in waiting:
        suited = [held for held in _suited(case, able) if loads[held.key] + case.questions <= share]
        if suited:
            give(case, least_of(suited))
        else:
            left.append(case)
    for case in left:
        most = loads[least_of(able).key] + case.questions
        give(case, least_of([held for held in _suited(case, able) if loads[held.key] < most] or able))
    return Proposed(tuple(proposals), (), loads)


def _even_share(loads: list[int], more: int) -> Fraction:
    """Return the load that everybody below it would have, were `more` questions divided evenly among them.

    `loads` are in order, the smallest first.
    """
    for count in range(len(loads), 0, -1):
        share = Fraction(sum(loads[:count]) + more, count)
        if share >= loads[count - 1]:
            break
    return share


def _suited(case: ToRead, readers: Iterable[Reader]) -> list[Reader]:
    return [reader for reader in readers if reader.suited_for & case.kinds.keys()]


def _why(case: ToRead, reader: Reader) -> str:
    if not reader.suited_for & case.kinds.keys():
        return LEAST
    words = [f"“{words}”" for code, words in case.kinds.items() if code in reader.suited_for and words]
    return f"Suited for {' and '.join(words)}" if words else "Suited for this kind of case"
