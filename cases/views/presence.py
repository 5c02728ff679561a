"""Saying who else has a case open (docs/save-protocol.md)."""

from datetime import UTC, datetime

from accounts.permissions import Permission
from accounts.replies import Malformed, json_body, json_view, reply
from cases.access import get_case
from cases.presence import others_at
from cases.saving import as_uuid

PRESENCE = "evenhand-presence/1"
LARGEST = 2000  # bytes
LONGEST = 50  # characters of the name of a page


@json_view(PRESENCE, "POST")
def presence(request, case):
    """Note which page of a case this tab has open, and say which other tabs have one."""
    case, _ = get_case(request.user, case, Permission.VIEW_CASES, shows="")
    page, tab = read(json_body(request, LARGEST))
    others = others_at(case, user=request.user, tab=tab, page=page)
    return reply(
        PRESENCE,
        others=[other | {"since": datetime.fromtimestamp(other["since"], UTC)} for other in others],
    )


def read(body):
    """Return (page, tab). Raises Malformed."""
    if not isinstance(body, dict) or body.keys() != {"page", "tab"}:
        raise Malformed("What is open is said by page and tab.")
    page = body["page"]
    if not isinstance(page, str) or len(page) > LONGEST or not page.isprintable():
        raise Malformed(f"A page is named in at most {LONGEST} characters.")
    return page, as_uuid(body["tab"], "tab")
