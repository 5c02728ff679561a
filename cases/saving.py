"""The server's side of the save protocol (docs/save-protocol.md): reading a command strictly, and answering it."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import Permission
from accounts.replies import NOT_FOUND, Malformed, parse
from accounts.roles import ROLES
from cases.access import get_case
from cases.actions import receive_answer
from cases.answers import Given, stored_value
from cases.errors import CommandReused, InvalidAnswer, ReasonNeeded, StaleAnswer, UnknownQuestion
from cases.models import HeldAnswer
from cases.statements import asked_in, find_case
from inspections.access import Access, require
from inspections.errors import Refused

COMMAND, CONFIRMATION, WAITING = "evenhand-save/1", "evenhand-confirmation/1", "evenhand-waiting/1"
LARGEST = 2 * 1024 * 1024  # bytes of one command

TEXTS = ("reason", "note", "asked_because", "change_reason", "source")
# An answer that a browser forgot to send must not empty the one that stands, so even null is said.
NEEDED = ("format", "command", "person", "question", "value", "base", "given_at")
KEYS = {*NEEDED, *TEXTS, "at_interview", "offline_since"}
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)

ELSEWHOSE = (
    "This answer was given by somebody else than the person who is signed in now, so it was not stored. It is sent once "
    "whoever gave it signs in again."
)

RULES = {
    InvalidAnswer: "value",
    ReasonNeeded: "reason_needed",
    UnknownQuestion: "unknown_question",
    CommandReused: "command_reused",
}


@dataclass(frozen=True)
class Answered:
    """What the server says to a command: the HTTP status, the `state` in a word, and what else it tells."""

    status: int
    state: str
    content: dict


def answer_to(body, *, user, case_id):
    """Store the command in `body` (parsed JSON) and return what became of it, as `Answered`.

    Raises Http404 and PermissionDenied where the person may not answer in that case.
    """
    if isinstance(body, dict) and body.get("person", str(user.public_id)) != str(user.public_id):
        # Two people share a browser, and the session is the other's by now.
        return Answered(403, "forbidden", {"rule": "other_person", "sentence": ELSEWHOSE})
    case, access = case_for(user, case_id)
    command = command_id_of(body)
    try:
        given = read_command(body, case.questions)
        stored = receive_answer(case=case, by=user, given=given, leads=access.may(Permission.DECIDE_HELD))
    except Malformed as malformed:
        return Answered(422, "refused", {"command": command, "rule": "malformed", "sentence": str(malformed)})
    except StaleAnswer as stale:
        theirs = as_theirs(case.questions[given.question], stale.current)
        return Answered(409, "changed", {"command": command, "theirs": theirs, "sentence": str(stale)})
    except Refused as refusal:
        content = {"command": command, "rule": RULES.get(type(refusal), "refused"), "sentence": str(refusal)}
        return Answered(422, "refused", content)
    if isinstance(stored, HeldAnswer):
        content = {"command": command, "question": stored.question, "sentence": stored.why}
        return Answered(202, "held", content)
    content = {
        "command": command,
        "question": stored.question,
        "version": stored.version,
        "sequence": stored.sequence,
        "saved_at": stored.saved_at,
        "asked": asked_in(case) if stored.asked is None else stored.asked,
    }
    return Answered(200, "saved", content)


def case_for(user, case_id):
    """Return (case, access) of somebody who may answer, as `cases.access.get_case` does, with no more than a save needs."""
    case, role = find_case(user, case_id) or (None, None)
    role = role or user.role
    if case is None or not role:
        raise Http404
    access = Access(ROLES[role])
    if access.role.own_cases_only:
        _, access = get_case(user, case_id, Permission.ANSWER_CASES)
    require(access, Permission.ANSWER_CASES)
    return case, access


def as_theirs(question, row):
    """Return the answer that stands, as it is told to somebody whose own was based on an older one."""
    return {
        "value": json.loads(row.value) if question.kind == "choices" and row.value else row.value,
        "reason": row.reason,
        "note": row.note,
        "asked_because": row.asked_because,
        "source": row.source,
        "at_interview": row.at_interview,
        "version": row.version,
        "by": row.answered_by.name if row.answered_by else None,
        "at": row.answered_at,
    }


def read_command(body, questions):
    """Return the `Given` in a command. Raises Malformed, UnknownQuestion and InvalidAnswer."""
    if not isinstance(body, dict):
        raise Malformed("A command is a JSON object.")
    if body.get("format") != COMMAND:
        raise Malformed(f"A command has the format {COMMAND}. Reload the page to get the newest.")
    missing = [key for key in NEEDED if key not in body]
    if missing:
        raise Malformed(f"The command lacks {', '.join(missing)}.")
    if not body.keys() <= KEYS:
        raise Malformed("The command holds a key that is not known here. Reload the page to get the newest.")
    for key in ("question", *TEXTS):
        if not isinstance(body.get(key, ""), str):
            raise Malformed(f"In the command, {key} is not a text.")
    if not isinstance(body.get("at_interview", False), bool):
        raise Malformed("In the command, at_interview is neither true nor false.")
    given = Given(
        question=body["question"],
        at_interview=body.get("at_interview", False),
        given_at=_moment(body, "given_at"),
        offline_since=None if body.get("offline_since") is None else _moment(body, "offline_since"),
        base=_base(body["base"]),
        command_id=as_uuid(body["command"], "command"),
        **{key: body.get(key, "") for key in TEXTS},
    )
    if given.question not in questions:
        raise UnknownQuestion("This case has no such question. Reload the page.")
    return replace(given, value=stored_value(questions[given.question], body["value"]))


def command_id_of(body):
    """Return the id of a command, or None where it has none that can be read."""
    try:
        return as_uuid(body["command"], "command")
    except (Malformed, KeyError, TypeError):
        return None


def as_uuid(text, key):
    """Return a text as a UUID. Raises Malformed unless it is written as browsers write one."""
    try:
        found = UUID(text)
    except (ValueError, TypeError, AttributeError):
        found = None
    # UUID() also takes braces, "urn:" and hyphens anywhere.
    if found is None or str(found) != text:
        raise Malformed(f"What is sent as {key} is not a UUID in small letters.")
    return found


def _base(base):
    if type(base) is int and 0 <= base < 10**9:
        return base
    if isinstance(base, dict) and base.keys() == {"after"}:
        return as_uuid(base["after"], "base")
    raise Malformed('In the command, base is neither a version nor {"after": …} with the id of a command.')


def _moment(body, key):
    try:
        moment = datetime.fromisoformat(body[key])
        if moment.tzinfo is not None and EARLIEST <= moment < LATEST:
            return moment
    except (ValueError, TypeError, OverflowError):
        pass
    raise Malformed(f"In the command, {key} is not a moment with its offset, such as 2026-05-03T14:02:00+01:00.")


def read_waiting(raw, user):
    """Return the commands in a file of waiting answers that a browser wrote for this person. Raises Malformed."""
    body = parse(raw)
    if not isinstance(body, dict) or body.get("format") != WAITING or not isinstance(body.get("commands"), list):
        raise Malformed(
            "This is not a file of waiting answers. Choose the one that you downloaded from a page of Evenhand."
        )
    if body.get("person") != str(user.public_id):
        raise Malformed("These answers were given by somebody else. Whoever gave them signs in and sends this file.")
    return body["commands"]


def waiting_file(commands, user):
    """Return the text of a file with these commands, as a browser would write it."""
    return json.dumps({"format": WAITING, "person": str(user.public_id), "commands": commands})


def take(command, user):
    """Send one command of a file through the same door as a browser's, and return what became of it, as `Answered`."""
    try:
        if not isinstance(command, dict):
            raise Malformed("This is no command.")
        # The file is this person's, which speaks for commands of before they named their person.
        body = {"person": str(user.public_id)} | {key: value for key, value in command.items() if key != "case"}
        return answer_to(body, user=user, case_id=as_uuid(command.get("case"), "case"))
    except Malformed as malformed:
        return Answered(422, "refused", {"rule": "malformed", "sentence": str(malformed)})
    except Http404:
        return Answered(404, "not_found", {"sentence": NOT_FOUND})
    except PermissionDenied as denied:
        return Answered(403, "forbidden", {"sentence": str(denied)})
