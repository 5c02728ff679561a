"""Draws the states of a case, and who may do what in which, from `cases.policies.TABLE`. Pure: the table in, Markdown out."""

from accounts.roles import ROLES
from cases.models import CaseState
from cases.policies import TABLE

BEGIN = "<!-- Drawn from cases/policies.py by `manage.py draw_case_states`: change it there. -->"
END = "<!-- End of the drawing. -->"


def drawing():
    """Return the state diagram and the two tables as Markdown."""
    return "\n\n".join([_diagram(), "## What may be done in which state", _states(), "## Who may do it", _roles()])


def redrawn(text):
    """Return a page with its drawing, between `BEGIN` and `END`, put in anew. Raises ValueError when a mark is missing."""
    return put_in(text, drawing(), BEGIN)


def put_in(text, drawn, mark):
    """Return a page with what is drawn put in anew between the mark and `END`. Raises ValueError when one is missing."""
    before, begin, rest = text.partition(mark)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no place for the drawing. Put these two lines into it: {mark} {END}")
    return f"{before}{mark}\n\n{drawn}\n\n{END}{after}"


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


def table(head, rows):
    """Return a table as Markdown, from rows of cells."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
