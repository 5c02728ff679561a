"""The only writers of cases and answers. Keyword-only, `by=` the person, atomic, audited.

Lock order, everywhere: the inspection's lifecycle (shared), the case, the inspection's sequence (last).
"""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit.actions import record_event
from audit.statements import insert
from cases.answers import Confirmation, Given, check_given, shown_value
from cases.asked import applicability_of, asked_questions
from cases.errors import CommandReused, NotSubmittable, ReasonNeeded, StaleAnswer, UnknownQuestion
from cases.held import why_held
from cases.models import Answer, AnswerRevision, Case, CaseRevision, CaseState, HeldAnswer, HeldDecision
from cases.policies import check_can_answer, check_can_submit
from cases.statements import hold_case, look_up, update, write_at_once
from inspections.actions import advance_sequence, hold_state
from inspections.errors import InspectionLocked, Refused
from inspections.policies import check_open, check_takes_answers, is_locked
from inspections.recompute import recompute_after_commit
from standards.document import NOT_APPLICABLE

CONTENT = ("value", "reason", "note", "asked_because", "source", "at_interview")
WRITTEN = (*CONTENT, "version", "last_command", "answered_by", "answered_at")
ANSWERS_AT_ONCE = 5_000


def record_answer(*, case, by, given, hidden_too=False):
    """Store one answer, fact or note and return its `Confirmation`.

    The same command again gives the same confirmation. Raises StaleAnswer when somebody answered since
    `given.base`, and otherwise what `record_answers` raises; nothing is changed then.
    """
    return record_answers(case=case, by=by, answers=[given], hidden_too=hidden_too)[0]


@transaction.atomic
def record_answers(*, case, by, answers, hidden_too=False):
    """Store several answers of one case in one transaction, all or nothing; return their `Confirmation`s in order.

    With `hidden_too`, questions that the facts leave out take answers too, and stay left out. Raises InspectionLocked,
    Refused (the case takes no answers now), UnknownQuestion, InvalidAnswer, ReasonNeeded, StaleAnswer and
    CommandReused, each with a sentence.
    """
    state, case = hold_case(case)
    confirmed = _replays(case, by, answers)
    new = [given for given in answers if given.command_id not in confirmed]
    if new:
        check_takes_answers(state)
        check_can_answer(case)
        for given in new:
            _check_fits(case, given)
        confirmed |= _store(case, by, new, hidden_too)
    return [confirmed[given.command_id] for given in answers]


@transaction.atomic
def receive_answer(*, case, by, given, leads):
    """Store an answer that was sent by a browser, or hold it where the case was closed to it meanwhile.

    Returns its `Confirmation`, or the `HeldAnswer`; the same command again gives the same. `leads` says whether the
    person decides about held answers, so that theirs are not held only because the case is somebody else's. Raises
    UnknownQuestion, InvalidAnswer, ReasonNeeded, StaleAnswer and CommandReused.
    """
    state, case = hold_case(case)
    _check_fits(case, given)
    seen = look_up(case, case.questions[given.question], given.command_id)
    if seen.before:
        held = HeldAnswer.objects.filter(command_id=given.command_id).first()
        if held is None:
            return _replays(case, by, [given])[given.command_id]
        _check_same(held, case, by, given)
        return held
    why = why_held(case, state, by=by, leads=leads, offline=given.offline_since is not None)
    if why:
        return _hold(case, by, given, why)
    return _store(case, by, [given], hidden_too=True, seen=seen)[given.command_id]


def _hold(case, by, given, why):
    record_event(
        action="answer.held",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Held an answer to {given.question} in case {case.reference}. {why}",
        reason=given.change_reason or given.reason,
        detail=_detail(given),
    )
    return HeldAnswer.objects.create(
        case=case,
        question=given.question,
        change_reason=given.change_reason,
        base=str(given.base),
        command_id=given.command_id,
        given_at=given.given_at,
        offline_since=given.offline_since,
        why=why,
        by=by,
        **{name: getattr(given, name) for name in CONTENT},
    )


@transaction.atomic
def decide_held(*, held, accepted, reason, by, base=None):
    """Accept or reject a held answer, with a reason, and return the `HeldDecision`.

    Accepting stores the answer as the person's who gave it, on top of `base`: the version that whoever decides saw.
    Raises Refused without a reason, when it is decided already, or when the case takes no answers now; and what
    `record_answers` raises.
    """
    state, case = hold_case(held.case)
    if not reason.strip():
        raise Refused(f"Say why you {'accept' if accepted else 'reject'} this answer.")
    decision = HeldDecision.objects.filter(held=held).select_related("by").first()
    if decision:
        raise Refused(
            f"{decision.by.name} {'accepted' if decision.accepted else 'rejected'} this answer already. Nothing was changed."
        )
    if accepted and is_locked(state):
        raise InspectionLocked(
            "The ratings of this inspection are locked, so no answer can be accepted. Reject this one, or leave it here "
            "until they are unlocked."
        )
    verb = "Accepted" if accepted else "Rejected"
    decision = HeldDecision.objects.create(held=held, accepted=accepted, reason=reason, by=by)
    record_event(
        action=f"held.{verb.lower()}",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"{verb} the held answer of {held.by.name} to {held.question} in case {case.reference}.",
        reason=reason,
        detail={"question": held.question, "value": held.value, "command": str(held.command_id)},
    )
    if accepted:
        record_answer(case=case, by=held.by, given=_accepted(held, reason, by, base), hidden_too=True)
    return decision


def _accepted(held, reason, by, base):
    """Return a held answer as it is stored when accepted: a command of its own, which says who accepted it and why."""
    return Given(
        question=held.question,
        change_reason="\n".join(filter(None, [held.change_reason, f"Accepted by {by.name}: {reason}"])),
        given_at=held.given_at,
        offline_since=held.offline_since,
        base=base,
        command_id=uuid.uuid5(held.command_id, "accepted"),
        **{name: getattr(held, name) for name in CONTENT},
    )


def _held(case):
    return (
        Case.objects.select_for_update(of=["self"], no_key=True)
        .select_related("inspection__standards")
        .defer("inspection__standards__content")
        .get(pk=case.pk)
    )


def _replays(case, by, answers):
    """Return the confirmations of commands that were stored before. Raises CommandReused when one differs."""
    by_command = {given.command_id: given for given in answers}
    confirmed = {}
    for revision in AnswerRevision.objects.filter(command_id__in=by_command):
        _check_same(revision, case, by, by_command[revision.command_id])
        confirmed[revision.command_id] = _confirmation(revision)
    return confirmed


def _check_same(stored, case, by, given):
    """Raise CommandReused unless a revision or held answer came of this command of this person."""
    same = (
        stored.case_id == case.pk
        and stored.by_id == by.pk
        and stored.question == given.question
        and all(getattr(stored, name) == getattr(given, name) for name in (*CONTENT, "change_reason"))
    )
    if not same:
        raise CommandReused(
            f"The command {given.command_id} was already used for another answer. Nothing was changed: reload the page "
            "and answer again."
        )


def _confirmation(revision, asked=None):
    return Confirmation(revision.command_id, revision.question, revision.version, revision.sequence, revision.at, asked)


def _check_fits(case, given):
    """Raise UnknownQuestion or InvalidAnswer unless the case has such a question, and it takes such an answer."""
    if given.question not in case.questions:
        raise UnknownQuestion(
            f"There is no question {given.question} in {case.document.sample(case.sample).label} cases."
        )
    check_given(case.questions[given.question], given)


def _store(case, by, answers, hidden_too, seen=None):
    questions = case.questions
    rows = _rows(case, questions, answers, seen)
    stood = {given.question: rows[given.question].value for given in answers}

    now = timezone.now()
    # The bearers of facts and reasons go first: they decide whether the rest is asked at all.
    facts_first = sorted(answers, key=lambda given: questions[given.question].role not in ("fact", "key_question"))
    facts_moved = False
    for given in facts_first:
        row = rows[given.question]
        _check_base(row, given)
        _check_reason(case, questions[given.question], row, rows, given)
        facts_moved |= row.kind == "fact" or row.asked_because != given.asked_because
        for name in CONTENT:
            setattr(row, name, getattr(given, name))
        row.version += 1
        row.last_command, row.answered_by, row.answered_at = given.command_id, by, now

    if facts_moved:
        _ask_anew(case, rows)
    if not hidden_too:
        for given in answers:
            _check_asked(case, questions[given.question], rows[given.question], stood[given.question])

    revisions = [
        AnswerRevision(
            case=case,
            question=given.question,
            version=rows[given.question].version,
            change_reason=given.change_reason,
            given_at=given.given_at,
            offline_since=given.offline_since,
            command_id=given.command_id,
            by=by,
            at=now,
            **{name: getattr(given, name) for name in CONTENT},
        )
        for given in answers
    ]
    written = [rows[code] for code in dict.fromkeys(given.question for given in answers)]
    _write(case, by, written, _event(case, by, answers, questions, stood), revisions)
    asked = seen.asked if seen and not facts_moved else None
    return {revision.command_id: _confirmation(revision, asked) for revision in revisions}


def _rows(case, questions, answers, seen):
    """Return the rows that these answers can touch, by question: all of the case where facts or reasons to ask move."""
    given = [questions[held.question] for held in answers]
    roles = {question.role for question in given}
    if len(given) == 1 and "fact" not in roles:
        rows = (seen or look_up(case, given[0], answers[0].command_id)).rows
        if rows[given[0].code].asked_because == answers[0].asked_because:
            return rows
    rows = Answer.objects.filter(case=case)
    if roles <= {"prompt", "case_question"}:
        rows = rows.filter(question__in={code for question in given for code in (question.code, question.key_question)})
    return {row.question: row for row in rows}


def _write(case, by, rows, event, revisions):
    """Store the answers, the event and the revisions, which are told their sequence."""
    starts = case.state == CaseState.ALLOCATED
    if len(revisions) == 1 and not starts and connection.vendor == "postgresql":
        revisions[0].sequence = write_at_once(rows[0], WRITTEN, event, revisions[0])
        recompute_after_commit(case.inspection_id)
        return
    if len(rows) == 1:
        update(rows[0], WRITTEN)
    else:
        # They all stand already: an upsert is one plain statement, where bulk_update spells out a CASE for every value.
        for row in rows:
            row.pk = None
        Answer.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["case", "question"], update_fields=WRITTEN
        )
    insert(event)
    if starts:
        case.state = CaseState.IN_PROGRESS
        case.save(update_fields=["state"])
    sequence = advance_sequence(case.inspection_id)
    if starts:
        _revise_case(case, sequence, by)
    for revision in revisions:
        revision.sequence = sequence
    AnswerRevision.objects.bulk_create(revisions)


def _check_base(row, given):
    stale = row.version != given.base if isinstance(given.base, int) else row.last_command != given.base
    if stale:
        raise StaleAnswer(row)


def _check_reason(case, question, row, rows, given):
    """Facts and "not applicable" are the cheapest ways to move a rating: changing them afterwards is explained."""
    if question.role == "fact" and row.value is not None and given.value != row.value and not given.change_reason:
        settled = [
            held.code
            for standard in case.document.domain_of_sample(case.sample).standards
            for held in standard.key_questions
            if rows[held.code].value is not None
            and applicability_of(case.document, case.inspection.applicability, held).fact == question.code
        ]
        if settled:
            raise ReasonNeeded(
                f"Say why you are changing this: {' and '.join(settled)} {'has' if len(settled) == 1 else 'have'} been "
                "answered, and whether it counts depends on this fact."
            )
    if (
        question.role == "prompt"
        and given.value == NOT_APPLICABLE
        and row.value not in (None, NOT_APPLICABLE)
        and rows[question.key_question].value is not None
        and not (given.reason or given.change_reason)
    ):
        raise ReasonNeeded(
            f"Say why {question.code} is not applicable: key question {question.key_question} has been answered already."
        )


def _ask_anew(case, rows):
    """Bring `asked` of every rated question in line with the facts. Hidden answers are kept and come back."""
    asked = asked_questions(
        case.document,
        case.inspection.applicability,
        case.sample,
        {row.question: row.value for row in rows.values() if row.kind == "fact"},
        {row.question: row.asked_because for row in rows.values() if row.asked_because},
        case.disposal,
    )
    for now_asked in (True, False):
        turned = [
            row
            for row in rows.values()
            if row.kind == "rated" and row.asked != now_asked and (row.question in asked) == now_asked
        ]
        for row in turned:
            row.asked = now_asked
        if turned:
            Answer.objects.filter(pk__in=[row.pk for row in turned]).update(asked=now_asked)


def _check_asked(case, question, row, stood):
    """What is not asked takes no new answer; the hidden one stays as it stood, so a reason to ask can be taken back."""
    if not row.asked and row.value is not None and row.value != stood:
        raise Refused(
            f"Question {question.code} is not asked in this case, because of its facts. To ask it anyway, give the reason "
            f"for asking key question {question.key_question}."
        )


def _event(case, by, answers, questions, stood):
    if len(answers) > 1:
        # Texts are left to the revisions.
        changes = {
            given.question: None if questions[given.question].kind == "text" else [stood[given.question], given.value]
            for given in answers
        }
        return record_event(
            insert_now=False,
            action="answers.recorded",
            by=by,
            inspection=case.inspection,
            case=case,
            summary=f"Recorded {len(answers)} answers in case {case.reference}.",
            detail={"answers": changes},
        )
    (given,) = answers
    was = stood[given.question]
    return record_event(
        insert_now=False,
        action="answer.recorded",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=_told(case, questions[given.question], was, given.value),
        reason=given.change_reason or given.reason,
        detail=_detail(given) | ({"was": was} if was is not None else {}),
    )


def _told(case, question, was, now):
    """Return in words what became of an answer."""
    # The inspection's own terms are not at hand in a save, and would cost it another query.
    name = question.code if question.kind == "rated" else f"“{case.document.worded(question.text, {})}”"
    about = f"{name} in case {case.reference}"
    if question.kind == "text":
        before = after = "a text"
    else:
        before, after = shown_value(question, was), shown_value(question, now)
    if was is None and now is not None:
        return f"Answered {about}: {after}."
    if now is None and was is not None:
        return f"Cleared {about}, which was {before}."
    if was == now:
        return f"Changed what stands beside {about}, and left the answer as it was."
    return f"Changed {about}." if question.kind == "text" else f"Changed {about} from {before} to {after}."


def _detail(given):
    detail = {"question": given.question, "value": given.value, "command": str(given.command_id)}
    if given.given_at:
        detail["given_at"] = given.given_at.isoformat()
    if given.offline_since:
        detail["offline_since"] = given.offline_since.isoformat()
    return detail


def _revise_case(case, sequence, by):
    _case_revision(case, sequence, by).save()


def _case_revision(case, sequence, by):
    return CaseRevision(
        case=case,
        sequence=sequence,
        sample=case.sample,
        disposal=case.disposal,
        profile=case.profile,
        state=case.state,
        excluded_reason=case.excluded_reason,
        excluded_as=case.excluded_as,
        by=by,
    )


@dataclass(frozen=True)
class NewCase:
    """A case that is to be created. `candidate` is what it was drawn as, and `replaces` the case whose place it takes."""

    reference: str
    sample: str
    disposal: str
    profile: Mapping[str, Any] = field(default_factory=dict)
    allocated_to: Any = None
    candidate: Any = None
    replaces: Case | None = None


def create_case(*, inspection, by, **given):
    """Create and return one case, from what a `NewCase` takes. Raises what `create_cases` raises."""
    return create_cases(inspection=inspection, cases=[NewCase(**given)], by=by)[0]


@transaction.atomic
def create_cases(*, inspection, cases, by):
    """Create and return cases from `NewCase`s, all or none, with a row for every question that their sample can be asked.

    They share a sequence. Raises Refused for an unknown sample or disposal, a disposal of another sample, an empty or a
    duplicate reference, and InspectionLocked.
    """
    check_open(hold_state(inspection.pk))
    _check_new(inspection, cases)
    created = Case.objects.bulk_create(
        Case(
            inspection=inspection,
            reference=new.reference,
            sample=new.sample,
            disposal=new.disposal,
            profile=dict(new.profile or {}),
            allocated_to=new.allocated_to,
            candidate=new.candidate,
            replaces=new.replaces,
        )
        for new in cases
    )
    answers = _first_answers(inspection)
    Answer.objects.bulk_create((row for case in created for row in answers(case)), batch_size=ANSWERS_AT_ONCE)
    for case in created:
        record_event(
            action="case.created",
            by=by,
            inspection=inspection,
            case=case,
            summary=f"Added case {case.reference} to the sample.",
        )
    sequence = advance_sequence(inspection.pk)
    CaseRevision.objects.bulk_create(_case_revision(case, sequence, by) for case in created)
    return created


def _check_new(inspection, cases):
    samples = {held.code: held for held in inspection.document.samples}
    for new in cases:
        if new.sample not in samples:
            raise Refused(f"{new.sample} is not a sample of these standards. Use one of {', '.join(samples)}.")
        disposals = [held.code for held in samples[new.sample].disposals]
        if new.disposal not in disposals:
            raise Refused(
                f"{new.disposal} is not a disposal of the sample {new.sample}. Use one of {', '.join(disposals)}."
            )
        if not new.reference.strip():
            raise Refused("A case needs a reference.")
    references = [new.reference for new in cases]
    taken = Case.objects.filter(inspection=inspection, reference__in=references).values_list("reference", flat=True)
    twice = [*taken, *(reference for reference, count in Counter(references).items() if count > 1)]
    if twice:
        raise Refused(f"There is already a case {twice[0]} in this inspection. References are used once.")


def _first_answers(inspection):
    """Return a function that gives the rows of a case in which nothing is answered."""

    @cache
    def asked(sample, disposal):
        return asked_questions(inspection.document, inspection.applicability, sample, {}, {}, disposal)

    def rows(case):
        codes = asked(case.sample, case.disposal)
        for question in case.questions.values():
            is_asked = question.kind != "rated" or question.code in codes
            yield Answer(case=case, question=question.code, kind=question.kind, asked=is_asked)

    return rows


@transaction.atomic
def exclude_case(*, case, reason, by, excluded_as=""):
    """Take a case out of every count, with the reason and its code where it has one, and return it.

    What people do goes through `cases.excluding`. Raises Refused without a reason, and InspectionLocked.
    """
    check_open(hold_state(case.inspection_id))
    case = _held(case)
    if not reason.strip():
        raise Refused("Say why the case is excluded.")
    case.excluded_reason, case.excluded_as = reason, excluded_as
    case.save(update_fields=["excluded_reason", "excluded_as"])
    record_event(
        action="case.excluded",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Excluded case {case.reference} from the sample.",
        reason=reason,
    )
    _revise_case(case, advance_sequence(case.inspection_id), by)
    return case


@transaction.atomic
def restore_case(*, case, reason, by):
    """Count a case again that was excluded, with all its answers as they were, and return it. Raises InspectionLocked."""
    check_open(hold_state(case.inspection_id))
    case = _held(case)
    case.excluded_reason = case.excluded_as = ""
    case.save(update_fields=["excluded_reason", "excluded_as"])
    record_event(
        action="case.restored",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Restored case {case.reference} to the sample.",
        reason=reason,
    )
    _revise_case(case, advance_sequence(case.inspection_id), by)
    return case


@transaction.atomic
def submit_case(*, case, by):
    """Submit a case and return it. Raises NotSubmittable, naming what is missing, Refused and InspectionLocked."""
    check_takes_answers(hold_state(case.inspection_id))
    case = _held(case)
    check_can_submit(case)
    missing = missing_answers(case)
    if missing:
        raise NotSubmittable(missing)
    case.state = CaseState.SUBMITTED
    case.save(update_fields=["state"])
    record_event(
        action="case.submitted",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Submitted case {case.reference}.",
    )
    _revise_case(case, advance_sequence(case.inspection_id), by)
    return case


@transaction.atomic
def set_imported_state(*, case, state, by):
    """Put a case that was read elsewhere into the state it had there, unchecked, and return it. Raises InspectionLocked and NotBegun."""
    check = check_open if state == CaseState.ALLOCATED else check_takes_answers
    check(hold_state(case.inspection_id))
    case = _held(case)
    case.state = CaseState(state)
    case.save(update_fields=["state"])
    record_event(
        action="case.state_imported",
        by=by,
        inspection=case.inspection,
        case=case,
        summary=f"Took over case {case.reference} as {case.get_state_display().lower()}.",
    )
    _revise_case(case, advance_sequence(case.inspection_id), by)
    return case


def missing_answers(case):
    """Return what stands between a case and its submission, as [(question code, sentence)] in the order of the form.

    Every fact is established, every asked key question and prompt answered, and a reason given for each key
    question that is not applicable. Unrated questions never hold a case up.
    """
    rows = {row.question: row for row in case.answers.all()}
    missing = []
    for question in case.questions.values():
        row = rows[question.code]
        if question.role == "case_question" or not row.asked:
            continue
        if question.role == "key_question" and row.reason_awaited:
            missing.append((question.code, f"Say why {question.code} is not applicable."))
        elif row.value is None:
            if question.role == "fact" and _settled_by_disposal(case, question.code):
                continue
            name = question.text if question.role == "fact" else question.code
            missing.append((question.code, f"Answer {case.inspection.worded(name)}"))
    return missing


def _settled_by_disposal(case, fact_code):
    return any(fact.code == fact_code and case.disposal in fact.true_for for fact in case.document.facts)
