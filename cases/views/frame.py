"""What every page of a case is given."""

from cases.policies import can_answer
from inspections.policies import is_open

STATE_TAGS = {
    "allocated": "govuk-tag--grey",
    "in_progress": "govuk-tag--light-blue",
    "submitted": "govuk-tag--green",
    "returned": "govuk-tag--orange",
    "agreed": "govuk-tag--teal",
}


def state_tag(case):
    """Return the state of a case as the parameters of a tag."""
    return {"text": case.get_state_display(), "classes": STATE_TAGS[case.state]}


def frame(case, access):
    """Return the context that the pages of a case share."""
    return {
        "case": case,
        "inspection": case.inspection,
        "access": access,
        "person_role": access.role.label,
        "navigation": "inspections",
        "caption": f"Case {case.reference} · {case.inspection.service.name}",
        "takes_answers": takes_answers(case),
    }


def takes_answers(case):
    """Return whether answers of a case may be changed now, whoever asks."""
    return is_open(case.inspection.lifecycle.state) and can_answer(case)
