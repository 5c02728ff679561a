"""Draws the states of a case, and who may do what in which, from `cases.policies.TABLE`. Pure: the table in, Markdown out."""

from accounts.roles import ROLES
from cases.models import CaseState
from cases.policies import TABLE
from inspections.drawing import put_in, table

BEGIN = "<!-- Drawn from cases/policies.py by `manage.py draw_case_states`: change it there. -->"


def drawing():
    """Return the state diagram and the two tables as Markdown."""
    return "\n\n".join([_diagram(), "## What may be done in which state", _states(), "## Who may do it", _roles()])


def redrawn(text):
    """Return a page with its drawing, between `BEGIN` and `END`, put in anew. Raises ValueError when a mark is missing."""
    return put_in(text, drawing(), BEGIN)


def _diagram():
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {state.label}" for state in CaseState]
    lines.append(f"    [*] --> {next(iter(CaseState)).value}")
    for rule in TABLE.values():
        lines += [
            f"    {state.value} --> {after.value}: {rule.words}"
            for state, after in rule.then.items()
            if after in CaseState and after != state
        ]
    return "\n".join([*lines, "```"])


def _states():
    rows = [
        [rule.words.capitalize(), *(_follows(rule, state) for state in CaseState), rule.provided]
        for rule in TABLE.values()
    ]
    return table(["", *(state.label for state in CaseState), "Besides"], rows)


def _follows(rule, state):
    after = rule.then[state]
    if after not in CaseState:
        return "–"
    return "stays" if after == state else f"→ {CaseState(after).label}"


def _roles():
    rows = [
        [rule.words.capitalize(), *("yes" if rule.permission in role.permissions else "–" for role in ROLES.values())]
        for rule in TABLE.values()
    ]
    return table(["", *(role.label for role in ROLES.values())], rows)
