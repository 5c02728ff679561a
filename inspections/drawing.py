"""Draws how an inspection moves on, and who moves it, from `inspections.lifecycle.TABLE`. Pure: the table in, Markdown out."""

from accounts.roles import ROLES
from inspections.lifecycle import TABLE
from inspections.models import State
from inspections.policies import is_locked, is_open, takes_answers

BEGIN = "<!-- Drawn from inspections/lifecycle.py by `manage.py draw_lifecycle`: change it there. -->"
END = "<!-- End of the drawing. -->"


def drawing():
    """Return the state diagram and the three tables as Markdown."""
    return "\n\n".join(
        [
            _diagram(),
            "## The steps",
            _steps(),
            "## What is taken in which state",
            _states(),
            "## Who may take which step",
            _roles(),
        ]
    )


def redrawn(text):
    """Return the page with its drawing put in anew. Raises ValueError when it has no place for it."""
    return put_in(text, drawing(), BEGIN)


def put_in(text, drawn, mark):
    """Return a page with what is drawn put in anew between the mark and `END`. Raises ValueError when one is missing."""
    before, begin, rest = text.partition(mark)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page has no place for the drawing. Put these two lines into it: {mark} {END}")
    return f"{before}{mark}\n\n{drawn}\n\n{END}{after}"


def table(head, rows):
    """Return a table as Markdown, from rows of cells."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _diagram():
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {state.label}" for state in State]
    lines.append(f"    [*] --> {next(iter(State)).value}")
    lines += [
        f"    {state.value} --> {rule.to.value}: {rule.words}" for rule in TABLE.values() for state in rule.begins
    ]
    return "\n".join([*lines, "```"])


def _steps():
    rows = [
        [
            rule.words.capitalize(),
            " or ".join(state.label for state in rule.begins),
            rule.to.label,
            rule.means,
            rule.provided or "–",
        ]
        for rule in TABLE.values()
    ]
    return table(["Step", "From", "To", "What it means", "Besides"], rows)


def _states():
    rows = [
        [state.label, *("yes" if taken(state) else "–" for taken in (is_open, takes_answers, is_locked))]
        for state in State
    ]
    return table(["State", "Team, sample and terms", "Answers, judgements and discretion", "Ratings are frozen"], rows)


def _roles():
    rows = [
        [rule.words.capitalize(), *("yes" if rule.permission in role.permissions else "–" for role in ROLES.values())]
        for rule in TABLE.values()
    ]
    return table(["", *(role.label for role in ROLES.values())], rows)
