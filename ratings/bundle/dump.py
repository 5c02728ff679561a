"""An inspection out of the database as a bundle: loading it again gives the same Annex."""

import json

from cases.models import Answer
from inspections.actions import current_judgements
from inspections.models import State
from inspections.policies import is_locked
from ratings.actions import current_decisions
from ratings.bundle.shape import FORMAT
from ratings.models import DiscretionDecision


def dump_bundle(inspection):
    """Return the inspection as plain dicts and lists, in the form of docs/formats.md. Authors and history stay behind."""
    part = {"slug": inspection.slug}
    for name in ("fieldwork_started", "fieldwork_ends"):
        if getattr(inspection, name):
            part[name] = getattr(inspection, name).isoformat()
    for name in ("terms", "wording", "applicability", "figures_open", "invented_answers"):
        if getattr(inspection, name):
            part[name] = getattr(inspection, name)
    state = State(inspection.lifecycle.state)
    if state != State.FIELDWORK:
        # A sign-off is somebody's, and is not carried: the ratings are agreed anew where the bundle is loaded.
        part["state"] = State.MODERATION if is_locked(state) else state
    judgements = current_judgements(inspection)
    return {
        "format": FORMAT,
        "standards": inspection.standards.code,
        "service": {
            "slug": inspection.service.slug,
            "name": inspection.service.name,
            "short_name": inspection.service.short_name,
        },
        "inspection": part,
        "judgements": {
            code: {"rating": judgements[code].rating, "rationale": judgements[code].rationale}
            for code in sorted(judgements)
        },
        "cases": [_case(case, rows) for case, rows in _cases(inspection)],
        "discretion": [
            {
                "standard": held.standard,
                "to": held.to_rating,
                "reason": held.reason,
                "decided_by": held.decided_by,
                "ratified_by": held.ratified_by,
                "decided_at": held.decided_at.isoformat(),
            }
            for held in current_decisions(inspection).values()
            if held.event == DiscretionDecision.Event.APPLIED
        ],
    }


def _cases(inspection):
    rows = {}
    for row in Answer.objects.filter(case__inspection=inspection, version__gt=0):
        rows.setdefault(row.case_id, {})[row.question] = row
    for case in inspection.cases.order_by("pk"):
        case.inspection = inspection
        yield case, rows.get(case.pk, {})


def _case(case, rows):
    part = {"reference": case.reference, "sample": case.sample, "disposal": case.disposal, "status": case.state}
    part |= case.profile
    if case.excluded_reason:
        part["excluded"] = case.excluded_reason
        if case.excluded_as:
            part["excluded_as"] = case.excluded_as
    facts, answers, hidden, notes = {}, {}, {}, {}
    for question in case.questions.values():
        row = rows.get(question.code)
        if row is None:
            continue
        if question.kind == "fact":
            value, extra = None if row.value is None else row.value == "true", _evidence(row)
            if value is not None or extra:
                facts[question.code] = {"value": value, **extra} if extra else value
            if row.note:
                notes[question.code] = row.note
        elif row.asked:
            answer = _answer(question, row)
            if answer is not None:
                answers[question.code] = answer
            if row.note:
                notes[question.code] = row.note
        else:
            whole = {"value": row.value, "reason": row.reason, "note": row.note, **_evidence(row)}
            if row.reason_awaited and question.role == "key_question":
                whole["reason_awaited"] = True
            if any(whole.values()):
                hidden[question.code] = {name: held for name, held in whole.items() if held}
    part |= {"facts": facts, "answers": answers}
    if hidden:
        part["hidden_answers"] = hidden
    if notes:
        part["notes"] = notes
    return part


def _answer(question, row):
    value = json.loads(row.value) if question.kind == "choices" and row.value else row.value
    extra = {}
    if row.reason:
        extra["reason"] = row.reason
    elif row.reason_awaited and question.role == "key_question":
        extra["reason_awaited"] = True
    if row.asked_because:
        extra["asked_because"] = row.asked_because
    extra |= _evidence(row)
    return {"value": value, **extra} if extra else value


def _evidence(row):
    """Return where the evidence came from and whether to ask at interview, where either is said."""
    evidence = {"source": row.source, "at_interview": row.at_interview}
    return {name: held for name, held in evidence.items() if held}


def as_json(bundle):
    """Return a dumped bundle as JSON text."""
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"
