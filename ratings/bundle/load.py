"""A bundle into the database, all or nothing, through the same actions that people use."""

from dataclasses import replace

from django.conf import settings
from django.db import transaction

from cases.actions import create_case, exclude_case, record_answers, set_imported_state
from cases.answers import Given
from cases.instrument import questions_of
from inspections.actions import add_member, archive_inspection, create_inspection, record_judgement
from inspections.errors import Refused
from inspections.models import Inspection
from ratings.actions import decide_discretion, recompute
from ratings.bundle.check import asked_in, check_bundle, fact_given_of, facts_of, given_of
from ratings.bundle.shape import AnswerPart, MalformedBundle, read_bundle
from standards import reader
from standards.checks import Fault


def load_bundle(*, raw, by, replace_existing=False):
    """Store the inspection in the bundle `raw` (bytes), compute its results, and return it.

    Raises MalformedBundle with every fault and its path; nothing is written then. With `replace_existing` an
    inspection of the same slug is archived first, and its team carried over.
    """
    bundle = read_bundle(raw)
    try:
        document = reader.load(bundle.standards, settings.EVENHAND_STANDARDS_FOLDERS)
    except reader.UnknownDocument as error:
        raise MalformedBundle([Fault("standards", str(error))]) from None
    check_bundle(bundle, document)
    inspection = _store(bundle, document, by, replace_existing)
    recompute(inspection_id=inspection.pk)
    return inspection


@transaction.atomic
def _store(bundle, document, by, replace_existing):
    old = Inspection.objects.filter(slug=bundle.inspection.slug).first()
    if old and replace_existing:
        archive_inspection(inspection=old, by=by)
    with _at("inspection.slug"):
        inspection = create_inspection(
            by=by,
            slug=bundle.inspection.slug,
            service_slug=bundle.service.slug,
            service_name=bundle.service.name,
            service_short_name=bundle.service.short_name,
            document=document,
            fieldwork_started=bundle.inspection.fieldwork_started,
            fieldwork_ends=bundle.inspection.fieldwork_ends,
            terms=bundle.inspection.terms,
            wording=bundle.inspection.wording,
            applicability=bundle.inspection.applicability,
            figures_open=bundle.inspection.figures_open,
            invented_answers=bundle.inspection.invented_answers,
            state=bundle.inspection.state,
        )
    if old and replace_existing:
        for membership in old.memberships.select_related("user"):
            add_member(
                inspection=inspection,
                user=membership.user,
                role=membership.role,
                discipline=membership.discipline,
                by=by,
            )
    for code, judgement in bundle.judgements.items():
        with _at(f'judgements["{code}"]'):
            record_judgement(
                inspection=inspection, standard=code, rating=judgement.rating, rationale=judgement.rationale, by=by
            )
    for place, case in enumerate(bundle.cases):
        with _at(f"cases[{place}]"):
            _store_case(inspection, case, bundle, document, by)
    for place, held in enumerate(bundle.discretion):
        with _at(f"discretion[{place}]"):
            decide_discretion(
                inspection=inspection,
                standard=held.standard,
                to_rating=held.to,
                reason=held.reason,
                decided_by=held.decided_by,
                ratified_by=held.ratified_by,
                decided_at=held.decided_at,
                by=by,
            )
    return inspection


class _at:
    """Turns what an action refuses into a fault at a path of the bundle."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, Refused):
            raise MalformedBundle([Fault(self.path, str(error))]) from error


def _store_case(inspection, part, bundle, document, by):
    case = create_case(
        inspection=inspection,
        reference=part.reference,
        sample=part.sample,
        disposal=part.disposal,
        profile={code: value for code, value in part.profile.items() if value is not None},
        by=by,
    )
    questions = questions_of(document, part.sample)
    hidden, answers = {}, {}
    for code, held in part.hidden_answers.items():
        hidden[code] = given_of(questions[code], held, held.note)
    asked = asked_in(part, bundle, document)
    for code, fact in facts_of(part).items():
        given = fact_given_of(questions[code], fact)
        if holds_something(given):
            answers[code] = given
    for code, held in part.answers.items():
        answer = held if isinstance(held, AnswerPart) else AnswerPart(value=held)
        given = given_of(questions[code], answer)
        if holds_something(given):
            answers[code] = given
    for code, note in part.notes.items():
        place = hidden if questions[code].kind == "rated" and code not in asked else answers
        place[code] = replace(place.get(code, Given(question=code)), note=note)
    # Hidden answers are stored while no fact is established yet, when every question is asked.
    for batch in (hidden, answers):
        if batch:
            record_answers(case=case, by=by, answers=list(batch.values()))
    set_imported_state(case=case, state=part.status, by=by)
    if part.excluded:
        exclude_case(case=case, reason=part.excluded, excluded_as=part.excluded_as or "", by=by)


def holds_something(given):
    """Return whether an answer of a bundle says anything, so that it is stored."""
    return given.value is not None or bool(given.asked_because or given.source or given.at_interview)
