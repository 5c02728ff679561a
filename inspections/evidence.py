"""The writers of organisational delivery: evidence, findings, texts and ratings. The second door beside `inspections.actions`.

Keyword-only, `by=` the person, atomic, audited, in the lock order lifecycle, inspection, sequence. What fits is in
`inspections.delivery`. Evidence is taken before fieldwork too, judgements from then on. Each raises InspectionLocked once
the ratings are locked, Unfit with a sentence by field, and StaleEntry where somebody else wrote since the version `base`
that the person saw.
"""

from django.db import transaction
from django.utils import timezone

from audit.actions import record_event
from inspections.actions import current_judgements, record_judgement
from inspections.delivery import (
    counts_as_evidence,
    evidence_faults,
    finding_faults,
    judged_standards,
    settled,
    subjects,
    text_fault,
)
from inspections.entries import check_base, hold_entries, keep, keep_revision, next_number
from inspections.errors import Refused, StaleEntry, Unfit
from inspections.models import Evidence, Finding, Passage
from inspections.policies import check_takes_answers


@transaction.atomic
def add_evidence(*, inspection, given, by):
    """Write down a piece of evidence and return it."""
    hold_entries(inspection)
    given = _fitting(inspection, given)
    evidence = Evidence(inspection=inspection, number=next_number(Evidence, inspection), **vars(given))
    return _kept(evidence, by, "evidence.recorded", f"Recorded evidence E{evidence.number}: {evidence.title}.")


@transaction.atomic
def correct_evidence(*, evidence, given, base, by):
    """Correct a piece of evidence and return it. What it said is kept. Raises Refused where it is withdrawn."""
    evidence = _held(evidence)
    given = _fitting(evidence.inspection, given)
    if all(getattr(evidence, name) == value for name, value in vars(given).items()):
        return evidence
    check_base(evidence, base)
    for name, value in vars(given).items():
        setattr(evidence, name, value)
    return _kept(evidence, by, "evidence.corrected", f"Corrected evidence E{evidence.number}: {evidence.title}.")


@transaction.atomic
def withdraw_evidence(*, evidence, reason, by):
    """Withdraw a piece of evidence, with the reason, and return it. It stays readable and no longer counts."""
    evidence = _held(evidence)
    evidence.withdrawn_because = _reason(reason, "Say why this evidence is withdrawn.")
    summary = f"Withdrew evidence E{evidence.number}: {evidence.title}."
    return _kept(evidence, by, "evidence.withdrawn", summary, reason)


@transaction.atomic
def add_finding(*, inspection, given, by):
    """Write down a strength, an area for improvement or good practice, and return it."""
    hold_entries(inspection)
    rests_on = _resting(inspection, given)
    finding = Finding(
        inspection=inspection,
        number=next_number(Finding, inspection),
        kind=given.kind,
        text=given.text,
        key_questions=list(given.key_questions),
    )
    summary = f"Recorded finding F{finding.number}: {finding.get_kind_display().lower()}."
    return _kept(finding, by, "finding.recorded", summary, evidence=rests_on)


@transaction.atomic
def correct_finding(*, finding, given, base, by):
    """Correct a finding and return it. What it said is kept. Raises Refused where it is withdrawn."""
    finding = _held(finding)
    rests_on = _resting(finding.inspection, given, finding)
    before = finding.as_content
    same = (before["kind"], before["text"], before["key_questions"], before["evidence"]) == (
        given.kind,
        given.text,
        list(given.key_questions),
        sorted(given.evidence),
    )
    if same:
        return finding
    check_base(finding, base)
    finding.kind, finding.text, finding.key_questions = given.kind, given.text, list(given.key_questions)
    return _kept(finding, by, "finding.corrected", f"Corrected finding F{finding.number}.", evidence=rests_on)


@transaction.atomic
def withdraw_finding(*, finding, reason, by):
    """Withdraw a finding, with the reason, and return it. It stays readable and is reported no more."""
    finding = _held(finding)
    finding.withdrawn_because = _reason(reason, "Say why this finding is withdrawn.")
    return _kept(finding, by, "finding.withdrawn", f"Withdrew finding F{finding.number}.", reason)


@transaction.atomic
def write_passage(*, inspection, subject, text, base, by):
    """Write the text about a subject (`inspections.delivery.subjects`) and return it; an empty text takes it back."""
    hold_entries(inspection, check_takes_answers)
    about = subjects(inspection).get(subject)
    if about is None:
        raise Refused(f"There is no text about {subject} in these standards.")
    fault = text_fault(text)
    if fault:
        raise Unfit({"text": fault})
    stands = current_passages(inspection).get(subject)
    if text == (stands.text if stands else ""):
        return stands
    version = stands.version if stands else 0
    if version != base:
        raise _stale(stands)
    record_event(
        action="passage.written",
        by=by,
        inspection=inspection,
        summary=f"Wrote about {subject}."
        if about.standard
        else f"Wrote about {about.title[:1].lower()}{about.title[1:]}.",
        detail={"subject": subject, "version": version + 1},
    )
    return Passage.objects.create(inspection=inspection, subject=subject, version=version + 1, text=text, by=by)


@transaction.atomic
def judge_standard(*, inspection, standard, rating, rationale, base, by):
    """Rate a judged standard, with the rationale, and return the `Judgement`.

    Beside what `record_judgement` asks for, at least one piece of evidence must bear on the standard. `base` is the
    sequence of the judgement that the person saw, 0 where there was none.
    """
    hold_entries(inspection, check_takes_answers)
    held = judged_standards(inspection.document).get(standard)
    stands = current_judgements(inspection).get(standard)
    if stands and (stands.rating, stands.rationale) == (rating, rationale):
        return stands
    if held:
        faults = {}
        if rating not in inspection.document.bands_by_code:
            faults["rating"] = f"Select a rating for {standard}."
        if not rationale.strip():
            faults["rationale"] = f"Enter the rationale: why {standard} is rated so."
        elif text_fault(rationale):
            faults["rationale"] = text_fault(rationale)
        if faults:
            raise Unfit(faults)
        today = timezone.localdate()
        if not any(counts_as_evidence(piece, held, today) for piece in inspection.evidence_entries.all()):
            raise Refused(
                f"No evidence bears on {standard} yet, so it cannot be rated. Record at least one piece of evidence that "
                "bears on one of its key questions."
            )
    if (stands.sequence if stands else 0) != base:
        raise _stale(stands)
    return record_judgement(inspection=inspection, standard=standard, rating=rating, rationale=rationale, by=by)


def _stale(stands):
    return StaleEntry(stands.by, stands.at) if stands else StaleEntry()


def current_passages(inspection):
    """Return the newest text about each subject, by subject."""
    return {held.subject: held for held in inspection.passages.select_related("by").order_by("version")}


def _held(entry):
    """Hold the entries and return this one as it stands now. Raises Refused where it is withdrawn."""
    hold_entries(entry.inspection)
    inspection = entry.inspection
    entry = type(entry).objects.select_related("changed_by").get(pk=entry.pk)
    entry.inspection = inspection
    if entry.withdrawn_because:
        raise Refused(
            f"{entry.changed_by.name} withdrew this already, so it is not changed any more. Write it down anew if it "
            "should stand."
        )
    return entry


def _fitting(inspection, given):
    given = settled(given)
    faults = evidence_faults(inspection.document, given, timezone.localdate())
    if faults:
        raise Unfit(faults)
    return given


def _resting(inspection, given, finding=None):
    """Return the evidence that a finding is to rest on. What it rests on already may have been withdrawn since."""
    found = {held.number: held for held in inspection.evidence_entries.filter(number__in=given.evidence)}
    rested_on = {held.number for held in finding.evidence.all()} if finding else set()
    allowed = {number for number, held in found.items() if not held.withdrawn_because} | rested_on
    faults = finding_faults(inspection.document, given, allowed)
    if faults:
        raise Unfit(faults)
    return list(found.values())


def _reason(reason, otherwise):
    if not reason.strip():
        raise Unfit({"reason": otherwise})
    fault = text_fault(reason)
    if fault:
        raise Unfit({"reason": fault})
    return reason


def _kept(entry, by, action, summary, reason="", evidence=None):
    keep(entry, by)
    if evidence is not None:
        entry.evidence.set(evidence)
    keep_revision(entry)
    record_event(
        action=action,
        by=by,
        inspection=entry.inspection,
        summary=summary,
        reason=reason,
        detail={"entry": str(entry.public_id), "version": entry.version},
    )
    return entry
