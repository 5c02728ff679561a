"""What a person holds in the rooms above, such as roles in teams or cases: those rooms say so when they start."""

from dataclasses import dataclass

_told_by = []
_team_roles_by = []


@dataclass(frozen=True)
class Holding:
    """Something that a person holds: its kind as a heading, such as "Cases given to them", itself in words, and more."""

    kind: str
    text: str
    detail: str = ""


def tells_holdings(function):
    """Have a function of a person asked for their holdings, as an iterable of `Holding`; return it."""
    _told_by.append(function)
    return function


def tells_team_roles(function):
    """Have a function of a person asked for the codes of the roles that they have in teams; return it."""
    _team_roles_by.append(function)
    return function


def holdings_of(person):
    """Return what a person holds, by kind, in the order in which the rooms tell it."""
    by_kind = {}
    for function in _told_by:
        for holding in function(person):
            by_kind.setdefault(holding.kind, []).append(holding)
    return by_kind


def roles_of(person):
    """Return the codes of every role that a person has, everywhere or in a team."""
    roles = {person.role} if person.role else set()
    return roles.union(*(function(person) for function in _team_roles_by))
