"""The writers of lines of enquiry and further enquiries, and what is asked of them.

Keyword-only, `by=` the person, atomic, audited, in the lock order lifecycle, inspection, case. They move no rating. Each
raises InspectionLocked once the ratings are locked, and Unfit with a sentence by field.
"""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.permissions import Permission
from accounts.roles import TEAM_ROLES
from audit.actions import record_event
from cases.actions import _held
from cases.models import AnswerRevision, Case, Enquiry, EnquiryDecision, LineOfEnquiry
from inspections.actions import hold_state
from inspections.delivery import GATHERINGS, EvidenceGiven, text_fault
from inspections.entries import check_base, hold_entries, keep, keep_revision, next_number
from inspections.errors import Refused, Unfit
from inspections.evidence import add_evidence
from inspections.models import Evidence, Membership
from inspections.policies import check_takes_answers


@dataclass(frozen=True)
class LineGiven:
    """A line of enquiry as it is set up: the question, references of cases, and keys of the people it is assigned to."""

    question: str
    cases: tuple[str, ...] = ()
    assigned: tuple[int, ...] = ()


@dataclass(frozen=True)
class MeetingGiven:
    """A meeting on a line of enquiry, held or arranged ahead. `kind` is that of a gathering."""

    kind: str
    title: str
    date: date | None
    shows: str = ""


@transaction.atomic
def add_line(*, inspection, given, by):
    """Set up a line of enquiry and return it."""
    hold_entries(inspection)
    parts = _fitting(inspection, given)
    line = LineOfEnquiry(inspection=inspection, number=next_number(LineOfEnquiry, inspection), question=given.question)
    return _kept(line, by, "line.opened", f"Opened line of enquiry L{line.number}.", parts)


@transaction.atomic
def change_line(*, line, given, base, by):
    """Change the question of a line of enquiry, its cases or who follows it, and return it. Raises StaleEntry."""
    line = _held_line(line)
    parts = _fitting(line.inspection, given, line)
    same = given.question == line.question and all(
        {held.pk for held in found} == {held.pk for held in getattr(line, name).all()} for name, found in parts.items()
    )
    if same:
        return line
    check_base(line, base)
    line.question = given.question
    return _kept(line, by, "line.changed", f"Changed line of enquiry L{line.number}.", parts)


@transaction.atomic
def conclude_line(*, line, finding, informed, closed, base, by):
    """Write down what a line of enquiry found and which key questions it informed; close or reopen it. Raises StaleEntry."""
    line = _held_line(line)
    informed = list(informed)
    faults = {}
    if closed and not finding.strip():
        faults["finding"] = "Enter what was found, then close the line of enquiry."
    elif text_fault(finding):
        faults["finding"] = text_fault(finding)
    if not set(informed) <= set(line.inspection.document.key_questions):
        faults["informed"] = "Select key questions of these standards."
    if faults:
        raise Unfit(faults)
    if (line.finding, line.informed, line.closed) == (finding, informed, closed):
        return line
    check_base(line, base)
    verb = (
        "Reopened"
        if line.closed and not closed
        else "Closed"
        if closed and not line.closed
        else "Wrote down a finding of"
    )
    line.finding, line.informed, line.closed = finding, informed, closed
    return _kept(line, by, "line.concluded", f"{verb} line of enquiry L{line.number}.")


@transaction.atomic
def arrange_meeting(*, line, given, by):
    """Write down a meeting on a line of enquiry, as evidence, and return the `Evidence`."""
    line = _held_line(line)
    if given.kind and given.kind not in GATHERINGS:
        raise Unfit({"kind": "Select what kind of meeting this is."})
    meeting = add_evidence(inspection=line.inspection, given=EvidenceGiven(**vars(given)), by=by)
    _link(line, meeting, by)
    return meeting


@transaction.atomic
def link_meeting(*, line, number, by):
    """Say that a meeting in the evidence was about a line of enquiry too, and return the `Evidence`."""
    line = _held_line(line)
    meeting = meetings_to_link(line).filter(number=number).first() if number else None
    if meeting is None:
        raise Unfit(
            {"meeting": "Select a meeting, focus group, interview or observation that is not on the list above."}
        )
    _link(line, meeting, by)
    return meeting


def meetings_to_link(line):
    """Return the gatherings in the evidence that stand and are not on a line of enquiry yet, by number."""
    linked = line.meetings.values("pk")
    standing = Evidence.objects.filter(inspection=line.inspection, kind__in=GATHERINGS, withdrawn_because="")
    return standing.exclude(pk__in=linked).order_by("number")


def lines_without_meeting(inspection):
    """Return the open lines of enquiry of an inspection on which no meeting was held or is arranged, by number."""
    meetings = LineOfEnquiry.meetings.through.objects.filter(
        lineofenquiry=OuterRef("pk"), evidence__withdrawn_because=""
    )
    return LineOfEnquiry.objects.filter(~Exists(meetings), inspection=inspection, closed=False)


def who_may_follow(inspection):
    """Return the people of the team who may be assigned a line of enquiry, by name, each with their `memberships` here."""
    following = [code for code, role in TEAM_ROLES.items() if Permission.RECORD_EVIDENCE in role.permissions]
    team = Membership.objects.filter(inspection=inspection, role__in=following)
    return get_user_model().objects.filter(is_active=True, memberships__in=team).order_by("name", "pk")


@transaction.atomic
def add_enquiry(*, case, line, text, by):
    """Add what a further enquiry on a case found and return it. `line` is the line of enquiry it was made for, or None."""
    case = _held_case(case)
    if not text.strip():
        raise Unfit({"text": "Enter what you found."})
    if text_fault(text):
        raise Unfit({"text": text_fault(text)})
    if line is not None and not line.cases.filter(pk=case.pk).exists():
        raise Unfit({"line": f"L{line.number} did not come from case {case.reference}. Select one that did."})
    record_event(
        action="enquiry.added",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Added a further enquiry on case {case.reference}.",
        detail={"line": str(line.public_id)} if line else {},
    )
    return Enquiry.objects.create(case=case, line=line, text=text, by=by)


@transaction.atomic
def decide_enquiry(*, enquiry, changed, reason, by, leads=False):
    """Say what became of a further enquiry: answers changed or not, and why. Return the `EnquiryDecision`.

    The case's inspector decides; whoever `leads` may decide for them. "Changed" is taken only when an answer of the case
    was changed since the enquiry. Raises Refused where it is decided, or somebody else's to decide.
    """
    case = _held_case(enquiry.case)
    if case.allocated_to_id not in (None, by.pk) and not leads:
        raise Refused(f"Case {case.reference} is {case.allocated_to.name}’s, who decides what becomes of this enquiry.")
    decided = EnquiryDecision.objects.filter(enquiry=enquiry).select_related("by").first()
    if decided:
        raise Refused(f"{decided.by.name} decided on this enquiry already. Nothing was changed.")
    faults = {}
    if changed is None:
        faults["changed"] = "Select whether answers were changed."
    elif changed and not answers_since(enquiry).exists():
        faults["changed"] = (
            "No answer of this case was changed since this enquiry. Change it first, or select that nothing changes."
        )
    if not reason.strip():
        faults["reason"] = "Enter why."
    elif text_fault(reason):
        faults["reason"] = text_fault(reason)
    if faults:
        raise Unfit(faults)
    record_event(
        action="enquiry.decided",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Decided on a further enquiry on case {case.reference}: {'answers changed' if changed else 'no change'}.",
        reason=reason,
    )
    return EnquiryDecision.objects.create(enquiry=enquiry, changed=changed, reason=reason, by=by)


def answers_since(enquiry):
    """Return the answers of the case that were given after an enquiry was added, as revisions."""
    return AnswerRevision.objects.filter(case=enquiry.case, at__gt=enquiry.at)


def waiting_enquiries(case):
    """Return the further enquiries on a case that nobody has decided on, oldest first."""
    return case.enquiries.filter(decision=None).select_related("by", "line").order_by("pk")


def _held_case(case):
    check_takes_answers(hold_state(case.inspection_id))
    case = _held(case)
    if case.excluded_reason:
        raise Refused(
            f"Case {case.reference} is excluded from the sample, so no enquiry is made on it. Restore it first."
        )
    return case


def _held_line(line):
    inspection = line.inspection
    hold_entries(inspection)
    line = LineOfEnquiry.objects.select_related("changed_by").get(pk=line.pk)
    line.inspection = inspection
    return line


def _fitting(inspection, given, line=None):
    """Return the cases and people of a line of enquiry that is given. Who follows it already may have left the team."""
    faults = {}
    if not given.question.strip():
        faults["question"] = "Enter the question."
    elif text_fault(given.question):
        faults["question"] = text_fault(given.question)
    cases = list(Case.objects.filter(inspection=inspection, reference__in=given.cases))
    unknown = [reference for reference in given.cases if reference not in {case.reference for case in cases}]
    if unknown:
        faults["cases"] = (
            f"There is no case {' or '.join(unknown)} in this inspection. Enter references as the list of cases has them."
        )
    elif not cases:
        faults["cases"] = "Enter the cases that the question came from, such as C01, C07."
    allowed = {person.pk: person for person in [*who_may_follow(inspection), *(line.assigned.all() if line else ())]}
    assigned = [person for pk, person in allowed.items() if pk in given.assigned]
    if len(assigned) < len(set(given.assigned)):
        faults["assigned"] = "Select people of the team who record evidence."
    if faults:
        raise Unfit(faults)
    return {"cases": cases, "assigned": assigned}


def _link(line, meeting, by):
    line.meetings.add(meeting)
    _kept(line, by, "line.meeting", f"Wrote down a meeting on line of enquiry L{line.number}: E{meeting.number}.")


def _kept(line, by, action, summary, parts=None):
    keep(line, by)
    for name, found in (parts or {}).items():
        getattr(line, name).set(found)
    keep_revision(line)
    record_event(
        action=action,
        by=by,
        inspection=line.inspection,
        summary=summary,
        detail={"entry": str(line.public_id), "version": line.version},
    )
    return line
