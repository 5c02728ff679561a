"""Taking one command of a browser (docs/save-protocol.md), and the pages about what was saved."""

from django.http import UnreadablePostError

from accounts.replies import json_view, reply
from cases.saving import CONFIRMATION, LARGEST, Malformed, answer_to, parse


@json_view(CONFIRMATION, "POST")
def save(request, case):
    """Store one answer, and say in JSON what became of it. Nothing but `saved` with status 200 means that it is saved."""
    if request.content_type != "application/json":
        return malformed("A command is sent as application/json.")
    length = length_of(request)
    if length > LARGEST:
        sentence = (
            f"This is more than {LARGEST // 1024 // 1024} megabytes, the most that one answer may take. Shorten it."
        )
        return reply(CONFIRMATION, "too_large", 413, sentence=sentence)
    try:
        body = request.body
    except UnreadablePostError:
        body = b""
    if len(body) < length:
        return reply(CONFIRMATION, "incomplete", 400, sentence="The connection broke off. It is sent again.")
    try:
        command = parse(body)
    except Malformed as refusal:
        return malformed(str(refusal))
    answered = answer_to(command, user=request.user, case_id=case)
    return reply(CONFIRMATION, answered.state, answered.status, **answered.content)


def malformed(sentence):
    """Refuse what is no command."""
    return reply(CONFIRMATION, "refused", 422, command=None, rule="malformed", sentence=sentence)


def length_of(request):
    """Return how many bytes a request says it has."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
