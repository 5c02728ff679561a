"""What is listed for review: what was changed after it had been settled. Pure: revisions in, revisions out."""

from cases.models import CaseState
from cases.pages import gated_by
from standards.document import NOT_APPLICABLE


def first_submitted(case_revisions):
    """Return the sequence at which a case was submitted for the first time, or None.

    The first time counts, so that taking a case back and submitting it again hides nothing.
    """
    return next(
        (revision.sequence for revision in case_revisions if revision.state == CaseState.SUBMITTED),
        None,
    )


def after_submission(revisions, submitted_at):
    """Return the revisions of answers that came after the submission at this sequence; none when it is None."""
    return [revision for revision in revisions if submitted_at is not None and revision.sequence > submitted_at]


def after_key_question(case, revisions):
    """Return the revisions that could move a rating cheaply, made when the key question had been answered already.

    These are a fact that was changed, and an answer that was turned into "not applicable". `revisions` are all of the
    case, oldest first; those of one sequence were given together.
    """
    values, listed = {}, []
    for revision in revisions:
        question = case.questions[revision.question]
        was, now = values.get(revision.question), revision.value
        if was is not None and now != was:
            if question.role == "fact":
                settled = any(values.get(code) is not None for code in gated_by(case, question))
            else:
                settled = question.kind == "rated" and now == NOT_APPLICABLE
                settled = settled and values.get(question.key_question) is not None
            if settled:
                listed.append(revision)
        values[revision.question] = now
    return listed
