"""What every page of a case is given."""

from cases.models import CaseState
from cases.policies import check_can_answer
from inspections import policies
from inspections.errors import Refused

STATE_TAGS = {
    "allocated": "govuk-tag--grey",
    "in_progress": "govuk-tag--light-blue",
    "submitted": "govuk-tag--green",
    "returned": "govuk-tag--orange",
    "agreed": "govuk-tag--teal",
}


def state_tag(case):
    """Return the state of a case as the parameters of a tag."""
    unread = case.state == CaseState.ALLOCATED and case.allocated_to_id is None
    return {"text": "Not allocated" if unread else case.get_state_display(), "classes": STATE_TAGS[case.state]}


def frame(case, access):
    """Return the context that the pages of a case share. `closed` says why no answers are taken, "" where they are."""
    return {
        "case": case,
        "inspection": case.inspection,
        "access": access,
        "person_role": access.role.label,
        "navigation": "inspections",
        "caption": f"Case {case.reference} · {case.inspection.service.name}",
        "closed": why_closed(case),
    }


def check_takes_answers(case):
    """Raise Refused, saying why, unless answers of a case may be changed now, whoever asks."""
    policies.check_takes_answers(case.inspection.lifecycle.state)
    check_can_answer(case)


def why_closed(case):
    """Return why a case takes no answers now; "" where it takes them."""
    try:
        check_takes_answers(case)
    except Refused as refusal:
        return str(refusal)
    return ""
