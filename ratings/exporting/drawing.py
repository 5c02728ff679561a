"""Draws how an export moves on from `ratings.exporting.states.TABLE`. Pure: the table in, Markdown out."""

from inspections.drawing import put_in, table
from ratings.exporting.states import TABLE
from ratings.models import ExportState

BEGIN = "<!-- Drawn from ratings/exporting/states.py by `manage.py draw_exports`: change it there. -->"


def redrawn(text):
    """Return the page with its drawing put in anew. Raises ValueError when it has no place for it."""
    return put_in(text, drawing(), BEGIN)


def drawing():
    """Return the state diagram and the table of steps as Markdown."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {state.label}" for state in ExportState]
    lines.append(f"    [*] --> {ExportState.QUEUED.value}")
    lines += [
        f"    {state.value} --> {rule.to.value}: {rule.words}" for rule in TABLE.values() for state in rule.begins
    ]
    rows = [
        [
            rule.words.capitalize(),
            " or ".join(state.label for state in rule.begins),
            rule.to.label,
            rule.taken_by.capitalize(),
            rule.means,
        ]
        for rule in TABLE.values()
    ]
    return "\n\n".join(["\n".join([*lines, "```"]), table(["Step", "From", "To", "By", "What it means"], rows)])
