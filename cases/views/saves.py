"""Taking one command of a browser (docs/save-protocol.md), and the pages about what was saved."""

from accounts.replies import json_body, json_view, reply
from cases.saving import CONFIRMATION, LARGEST, answer_to


@json_view(CONFIRMATION, "POST")
def save(request, case):
    """Store one answer, and say in JSON what became of it. Nothing but `saved` with status 200 means that it is saved."""
    answered = answer_to(json_body(request, LARGEST), user=request.user, case_id=case)
    return reply(CONFIRMATION, answered.state, answered.status, **answered.content)
