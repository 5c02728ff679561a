"""The only writers of inspections. Keyword-only, `by=` the person, atomic, audited."""

from django.db import connection, transaction
from django.utils import timezone

from accounts.roles import DISCIPLINES, TEAM_ROLES
from audit.actions import record_event
from inspections.errors import Refused
from inspections.lifecycle import TABLE, check_step
from inspections.models import (
    Inspection,
    InspectionRevision,
    Judgement,
    Lifecycle,
    LifecycleStep,
    Membership,
    PinnedStandards,
    Sequence,
    Service,
    State,
)
from inspections.policies import check_has_lead, check_takes_answers
from inspections.recompute import recompute_after_commit
from standards import reader


def hold_state(inspection_id):
    """Keep the inspection's state from changing until the caller's transaction ends, and return it.

    Saves share this hold; locking takes the row alone.
    """
    held = Lifecycle.objects.filter(inspection_id=inspection_id)
    if connection.vendor == "postgresql":
        # The ORM knows FOR UPDATE but not FOR SHARE.
        sql, parameters = held.values("state").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} FOR SHARE", parameters)
            return cursor.fetchone()[0]
    return held.values_list("state", flat=True).get()


def advance_sequence(inspection_id):
    """Move the inspection's sequence on, queue its recomputation for after the commit, and return the new value.

    Call it last: the row stays held until the transaction ends, and every save of the inspection needs it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inspections_sequence SET value = value + 1 WHERE inspection_id = %s RETURNING value",
            [inspection_id],
        )
        (value,) = cursor.fetchone()
    recompute_after_commit(inspection_id)
    return value


@transaction.atomic
def pin_standards(*, document):
    """Return the stored copy of a standards document, storing it at its first use.

    Raises Refused when the same code and version was pinned with another content.
    """
    checksum = reader.checksum(document)
    pinned, _ = PinnedStandards.objects.get_or_create(
        code=document.code,
        version=document.version,
        defaults={"checksum": checksum, "content": reader.canonical_json(document)},
    )
    if pinned.checksum != checksum:
        raise Refused(
            f"The standards document {document.code} version {document.version} has changed since an inspection first "
            "used it. Give the changed document a new version number."
        )
    return pinned


@transaction.atomic
def create_inspection(
    *,
    by,
    slug,
    service_slug,
    service_name,
    service_short_name,
    document,
    fieldwork_started=None,
    fieldwork_ends=None,
    terms=None,
    wording=None,
    applicability=None,
    figures_open=False,
    invented_answers=False,
    state=State.FIELDWORK,
):
    """Create and return an inspection, pinned to `document`. Raises Refused when the slug is taken.

    `state` is where it stands: planned or, as what is taken over from elsewhere, in fieldwork.
    """
    if Inspection.objects.filter(slug=slug).exists():
        raise Refused(f"There is already an inspection called {slug}. Use --replace to put this one in its place.")
    service, _ = Service.objects.get_or_create(
        slug=service_slug, defaults={"name": service_name, "short_name": service_short_name}
    )
    inspection = Inspection.objects.create(
        slug=slug,
        service=service,
        standards=pin_standards(document=document),
        fieldwork_started=fieldwork_started,
        fieldwork_ends=fieldwork_ends,
        terms=terms or {},
        wording=wording or {},
        applicability=applicability or {},
        figures_open=figures_open,
        invented_answers=invented_answers,
    )
    Lifecycle.objects.create(inspection=inspection, state=state)
    Sequence.objects.create(inspection=inspection)
    InspectionRevision.objects.create(
        inspection=inspection,
        sequence=advance_sequence(inspection.pk),
        terms=inspection.terms,
        wording=inspection.wording,
        applicability=inspection.applicability,
        figures_open=figures_open,
        by=by,
    )
    record_event(
        action="inspection.created",
        by=by,
        inspection=inspection,
        summary=f"Created the inspection {slug} of {service}.",
    )
    return inspection


def hold_lifecycle(inspection):
    """Take the lifecycle row of an inspection alone, so that no save goes on beside the caller's transaction; return it."""
    return Lifecycle.objects.select_for_update().get(inspection=inspection)


@transaction.atomic
def move_on(*, inspection, step, by, reason=""):
    """Take a step of `inspections.lifecycle.TABLE` and return the `LifecycleStep`.

    Saves that go on finish first. Raises Refused where the step does not begin in the state of the inspection, needs a
    reason or a lead inspector and has none, or is taken by an action of its own, such as locking.
    """
    rule = TABLE[step]
    if rule.elsewhere:
        raise Refused(f"The step “{rule.words}” is taken on a page of its own. Nothing was changed.")
    return take_step(lifecycle=hold_lifecycle(inspection), step=step, by=by, reason=reason)


def take_step(*, lifecycle, step, by, reason="", action="", summary="", detail=None, at=None):
    """Take a step with the lifecycle row held already, record it and return the `LifecycleStep`.

    `action`, `summary` and `detail` are what the audit event says; else it says the step. `at` is when, where something
    else of that moment bears the time already. Raises what `move_on` raises.
    """
    rule, inspection = TABLE[step], lifecycle.inspection
    left = State(lifecycle.state)
    lifecycle.state = check_step(step, left)
    if rule.needs_reason and not reason.strip():
        raise Refused(f"Say why: the step “{rule.words}” needs a reason.")
    if rule.needs_lead:
        check_has_lead(inspection)
    lifecycle.save(update_fields=["state"])
    record_event(
        action=action or "inspection.moved_on",
        by=by,
        inspection=inspection,
        summary=summary
        or f"Moved the inspection on from {left.label.lower()} to {rule.to.label.lower()}: {rule.words}.",
        reason=reason.strip(),
        detail={"step": step, "from": left, "to": rule.to, **(detail or {})},
    )
    return LifecycleStep.objects.create(
        inspection=inspection,
        step=step,
        state=rule.to,
        reason=reason.strip(),
        sequence=Sequence.objects.values_list("value", flat=True).get(inspection=inspection),
        by=by,
        at=at or timezone.now(),
    )


@transaction.atomic
def archive_inspection(*, inspection, by):
    """Put an inspection aside under a dated slug, keeping everything in it, and return it."""
    old_slug = inspection.slug
    moment = timezone.now()
    inspection.slug = f"{old_slug[:90]}-replaced-{moment:%Y%m%dt%H%M%S%f}"
    inspection.archived_at = moment
    inspection.save(update_fields=["slug", "archived_at"])
    record_event(
        action="inspection.archived",
        by=by,
        inspection=inspection,
        summary=f"Archived the inspection {old_slug} as {inspection.slug}.",
    )
    return inspection


@transaction.atomic
def add_member(*, inspection, user, role, by, discipline=""):
    """Give a person a role in the team of an inspection and return the membership.

    Raises Refused for a partner inspector without a discipline, or a discipline of somebody else.
    """
    if TEAM_ROLES[role].has_discipline and discipline not in DISCIPLINES:
        known = ", ".join(DISCIPLINES.values()).lower()
        raise Refused(f"Say which discipline {user.name} comes from as a partner inspector: {known}.")
    if discipline and not TEAM_ROLES[role].has_discipline:
        raise Refused(f"Only a partner inspector has a discipline: leave it out for {user.name}.")
    membership, _ = Membership.objects.update_or_create(
        inspection=inspection, user=user, defaults={"role": role, "discipline": discipline}
    )
    record_event(
        action="team.joined",
        by=by,
        inspection=inspection,
        summary=f"Gave {user.name} the role {membership.role_label.lower()}.",
        detail={"person": user.email, "role": role} | ({"discipline": discipline} if discipline else {}),
    )
    return membership


@transaction.atomic
def record_judgement(*, inspection, standard, rating, rationale, by):
    """Record the rating of a judged standard with its rationale and return it.

    Raises Refused for a standard that is not judged, an unknown rating or an empty rationale, NotBegun before fieldwork,
    and InspectionLocked once the ratings are locked.
    """
    check_takes_answers(hold_state(inspection.pk))
    document = inspection.document
    if standard not in document.standards or document.standards[standard].method != "judgement":
        judged = ", ".join(held.code for held in document.standards.values() if held.method == "judgement")
        raise Refused(f"Standard {standard} is not rated by judgement. Those that are: {judged}.")
    if rating not in document.bands_by_code:
        raise Refused(f"{rating} is not a rating. Use one of {', '.join(document.bands_by_code)}.")
    if not rationale.strip():
        raise Refused(f"A judgement needs a rationale: say why standard {standard} is rated {rating}.")
    record_event(
        action="judgement.recorded",
        by=by,
        inspection=inspection,
        summary=f"Rated standard {standard} {document.bands_by_code[rating].label} by judgement.",
        reason=rationale,
        detail={"standard": standard, "rating": rating},
    )
    return Judgement.objects.create(
        inspection=inspection,
        standard=standard,
        rating=rating,
        rationale=rationale,
        sequence=advance_sequence(inspection.pk),
        by=by,
    )


def current_judgements(inspection, *, at=None):
    """Return the newest judgement of each judged standard, by standard code; with `at`, as at that sequence."""
    given = inspection.judgements.order_by("sequence")
    if at is not None:
        given = given.filter(sequence__lte=at)
    return {judgement.standard: judgement for judgement in given}
