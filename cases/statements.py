"""The statements of one save, spelt out (see `audit.statements`)."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from audit.statements import fetch, insertion, run
from cases.models import Answer, Case
from inspections.models import Inspection, PinnedStandards

FIND = """
    SELECT held.id, held.sample, inspection.id, inspection.public_id, standards.id, standards.checksum, membership.role
    FROM cases_case held
    JOIN inspections_inspection inspection ON inspection.id = held.inspection_id
    JOIN inspections_pinnedstandards standards ON standards.id = inspection.standards_id
    LEFT JOIN inspections_membership membership
        ON membership.inspection_id = inspection.id AND membership.user_id = %s
    WHERE held.public_id = %s
"""
HELD = (
    "id",
    "reference",
    "sample",
    "disposal",
    "profile",
    "state",
    "allocated_to_id",
    "excluded_reason",
    "excluded_as",
)
HOLD = f"""
    SELECT lifecycle.state, inspection.applicability, {", ".join(f"held.{name}" for name in HELD)}
    FROM inspections_lifecycle lifecycle
    JOIN inspections_inspection inspection ON inspection.id = lifecycle.inspection_id
    JOIN cases_case held ON held.inspection_id = lifecycle.inspection_id
    WHERE held.id = %s
"""  # noqa: S608 - our own names
HOLD_ROWS = "FOR SHARE OF lifecycle FOR NO KEY UPDATE OF held"  # PostgreSQL takes them in this order
ROW = (
    "id", "case_id", "question", "kind", "value", "reason", "note", "asked", "asked_because", "source", "at_interview",
    "version", "last_command",
)  # fmt: skip
ASKED = "SELECT {together}(question, ' ') FROM cases_answer WHERE case_id = %s AND kind = 'rated' AND asked"
LOOK = f"""
    SELECT EXISTS (SELECT 1 FROM cases_answerrevision WHERE command_id = %s)
        OR EXISTS (SELECT 1 FROM cases_heldanswer WHERE command_id = %s), ({ASKED}), {", ".join(ROW)}
    FROM cases_answer WHERE case_id = %s AND question IN (%s, %s)
"""  # noqa: S608 - our own names


@dataclass(frozen=True)
class Seen:
    """What a save looks at: whether its command was stored or held `before`, the codes of the rated questions that are
    `asked`, and the `rows` of its question and that one's key question, by question, without who gave them and when."""

    before: bool
    asked: list[str]
    rows: dict[str, Answer]


def find_case(user, public_id):
    """Return (case, the person's role in its team or None) with what a save needs to know, or None."""
    found = fetch(FIND, user.pk, public_id)
    if not found:
        return None
    ((pk, sample, inspection_pk, inspection_id, standards_pk, checksum, role),) = found
    case = Case.from_db(connection.alias, ("id", "public_id", "sample"), (pk, public_id, sample))
    case.inspection = Inspection.from_db(connection.alias, ("id", "public_id"), (inspection_pk, _uuid(inspection_id)))
    case.inspection.standards = PinnedStandards.from_db(connection.alias, ("id", "checksum"), (standards_pk, checksum))
    return case, role


def hold_case(case):
    """Keep the inspection's state and the case from changing until the transaction ends; return both as they are now."""
    sql = f"{HOLD} {HOLD_ROWS}" if connection.vendor == "postgresql" else HOLD
    ((state, applicability, *values),) = fetch(sql, case.pk)
    case.inspection.applicability = json.loads(applicability)
    held = Case.from_db(connection.alias, HELD, values)
    held.profile = json.loads(held.profile)
    held.public_id, held.inspection = case.public_id, case.inspection
    return state, held


def look_up(case, question, command_id):
    """Return what a save of this command looks at in a case that is held, as `Seen`."""
    found = fetch(_of_here(LOOK), command_id, command_id, case.pk, case.pk, question.code, question.key_question)
    before, asked = found[0][:2]
    rows = {}
    for _, _, *values in found:
        row = Answer.from_db(connection.alias, ROW, values)
        row.last_command = _uuid(row.last_command)
        rows[row.question] = row
    return Seen(bool(before), _codes(asked), rows)


def asked_in(case):
    """Return the codes of the rated questions of a case that are asked now."""
    ((asked,),) = fetch(_of_here(ASKED), case.pk)
    return _codes(asked)


def _of_here(sql):
    return sql.format(together="string_agg" if connection.vendor == "postgresql" else "group_concat")


def _codes(asked):
    return sorted(asked.split(" ")) if asked else []


def update(row, names):
    """Write these fields of a row that stands."""
    sql, values = _updating(row, names)
    run(sql, *values)


def _updating(row, names):
    columns = [type(row)._meta.get_field(name).attname for name in names]
    written = ", ".join(f"{column} = %s" for column in columns)
    values = [getattr(row, column) for column in columns]
    return f"UPDATE {row._meta.db_table} SET {written} WHERE id = %s", [*values, row.pk]  # noqa: S608 - our own names


def write_at_once(row, names, event, revision):
    """Write these fields of an answer, insert its event and its revision, and move the inspection's sequence on.

    Returns the revision's sequence. One statement of PostgreSQL does all of it, where four would wait for the server
    four times and hold the sequence meanwhile. Its parts run when they are needed: the answer first, then the sequence,
    then the revision, so that rows are locked in the usual order.
    """
    update, values = _updating(row, names)
    note, noted = insertion(event)
    revise, revised = insertion(revision, sequence="(SELECT value FROM moved)")
    ((sequence,),) = fetch(
        f"""
        WITH answered AS ({update} RETURNING id), noted AS ({note}), moved AS (
            UPDATE inspections_sequence SET value = value + 1
            WHERE inspection_id = %s AND EXISTS (SELECT 1 FROM answered) RETURNING value
        )
        {revise} RETURNING sequence
        """,  # noqa: S608 - our own names
        *values,
        *noted,
        revision.case.inspection_id,
        *revised,
    )
    return sequence


def _uuid(value):
    return UUID(value) if isinstance(value, str) else value
