"""The audit record: of one inspection, and of the whole installation."""

from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts.permissions import Permission
from accounts.roles import ROLES
from audit.actions import record_event
from audit.export import as_csv
from audit.questions import bare_sentence, kind, page_of, sentence, standing
from audit.sealing import seal
from cases.audit_form import AuditForm
from cases.models import Case
from cases.views.reviews import inspection_frame
from inspections.access import get_inspection, record_reading
from inspections.models import Inspection, Membership

ON_A_PAGE = 50
FAR = 2**63 - 1


@require_safe
def audit(request, inspection):
    """Show who did what in an inspection, newest first."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_AUDIT)
    form, where = asked_of(request, inspection, access)
    if access.may_view_cases:
        record_reading(request.user, access, inspection, "the audit record")
    context = inspection_frame(inspection, access) | {
        "part": "audit",
        "page_title": "Audit",
        "back_url": reverse("ratings:inspection", args=[inspection.public_id]),
        "back_text": "Ratings",
    }
    return show(
        request, "cases/audit.html", form, where, context, reverse("cases:audit_export", args=[inspection.public_id])
    )


@require_safe
def audit_everywhere(request):
    """Show who did what in the whole installation, newest first."""
    form, where = asked_everywhere(request)
    if not where["blind"]:
        record_event(
            action="evidence.read", by=request.user, summary="Opened the audit record of the whole installation."
        )
    context = {"page_title": "Audit", "caption": "The whole installation"}
    return show(request, "cases/audit_everywhere.html", form, where, context, reverse("cases:audit_export_everywhere"))


@require_GET
def audit_export(request, inspection):
    """Send the events of an inspection that are asked for as CSV, and record who took them."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_AUDIT)
    form, where = asked_of(request, inspection, access)
    return export(request, form, where, inspection=inspection)


@require_GET
def audit_export_everywhere(request):
    """Send the events of the installation that are asked for as CSV, and record who took them."""
    form, where = asked_everywhere(request)
    return export(request, form, where)


def asked_of(request, inspection, access):
    """Return (form, where it looks) for an inspection."""
    cases = Case.objects.filter(inspection=inspection).only("public_id", "reference") if access.may_view_cases else ()
    form = AuditForm(request.GET, cases=list(cases), sees_cases=access.may_view_cases)
    return form, {"inspection": str(inspection.public_id), "blind": not access.may_view_cases}


def asked_everywhere(request):
    """Return (form, where it looks) for the installation. Raises PermissionDenied with a sentence."""
    user = request.user
    if not user.may_view_audit:
        raise PermissionDenied(
            "Only managers and administrators see who did what in the whole installation. Who did what in an inspection is "
            "on the Audit page of that inspection, for its lead inspector."
        )
    blind = Permission.VIEW_CASES not in ROLES[user.role].permissions
    teams = Membership.objects.filter(user=user).values_list("role", "inspection__public_id")
    # Where somebody is in the team, their role there counts.
    blind_in = {str(pk) for role, pk in teams if Permission.VIEW_CASES not in ROLES[role].permissions}
    return AuditForm(request.GET, sees_cases=not blind), {"blind": blind, "blind_in": frozenset(blind_in)}


def show(request, template, form, where, context, export_url):
    """Render a page of the record."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        seal()
    stands = standing()
    context |= {"form": form, "standing": stands, "trust": in_words(stands), "blind": where["blind"]}
    if not form.is_valid():
        return render(request, template, context, status=400)
    asked = form.asked(**where)
    found = page_of(asked, ON_A_PAGE, before=number(request, "before"), after=number(request, "after"))
    parts = {name: value for name, value in request.GET.items() if value and name not in ("before", "after")}
    context |= {
        "entries": entries(found.events, asked),
        "pagination": pagination(found, parts),
        "looked_to": found.looked_to,
        "export_url": f"{export_url}?{urlencode(parts)}" if parts else export_url,
    }
    return render(request, template, context)


def in_words(stands):
    """Return in sentences how the chain stands."""
    count, waiting = stands["count"], stands["unsealed"]
    sealed = "No event is sealed yet."
    if count:
        events = "1 event is" if count == 1 else f"{count:,} events are"
        sealed = f"{events} sealed in the whole installation, the last at {moment(stands['sealed_at'])}."
    if waiting:
        sealed += " 1 waits for its seal." if waiting == 1 else f" {waiting:,} wait for their seal."
    checked = "The record has not been checked yet."
    if stands["checked_at"]:
        checked = f"Last checked at {moment(stands['checked_at'])}: "
        checked += "something is wrong." if stands["fault"] else "no event was changed, deleted or inserted."
        if stands["erased"]:
            were = "1 event was" if stands["erased"] == 1 else f"{stands['erased']:,} events were"
            checked += f" {were} erased lawfully: the record says which, by whom and why, under “Audit erased”."
    return sealed, checked


def moment(at):
    """Return a moment as people read it: "14:02 on 3 May 2026"."""
    local = timezone.localtime(at)
    return f"{local:%H:%M} on {local.day} {local:%B %Y}"


def number(request, name):
    """Return the id that the address names, or None."""
    given = request.GET.get(name, "")
    return min(int(given), FAR) if given.isascii() and given.isdigit() and len(given) < 25 else None


def entries(events, asked):
    """Return events as the page shows them."""
    inspections = {}
    if not asked.inspection:
        found = Inspection.objects.select_related("service")
        ids = {event.inspection for event in events if event.inspection}
        inspections = {str(held.public_id): held for held in found.filter(public_id__in=ids)}
    return [
        {
            "event": event,
            "shown": asked.shows(event),
            "sentence": sentence(event) if asked.shows(event) else bare_sentence(event),
            "kind": kind(event.action),
            "inspection": inspections.get(event.inspection),
        }
        for event in events
    ]


def pagination(found, parts):
    """Return the pagination component's parameters, or None for a single page."""
    links = {}
    if found.newer:
        links["previous"] = {"href": f"?{urlencode(parts | {'after': found.newer})}", "text": "Newer"}
    if found.older:
        links["next"] = {"href": f"?{urlencode(parts | {'before': found.older})}", "text": "Older"}
    return links | {"landmarkLabel": "Pages of the audit record"} if links else None


def export(request, form, where, inspection=None):
    """Send what is asked for, up to this export itself."""
    if not form.is_valid():
        context = {"page_title": "This cannot be taken out", "form": form, "back_url": reverse("ratings:inspections")}
        return render(request, "cases/audit_refused.html", context, status=400)
    asked = form.asked(**where)
    event = record_event(
        action="audit.exported",
        by=request.user,
        inspection=inspection,
        summary="Took the audit record out as CSV.",
        detail={"asked": {name: value for name, value in request.GET.items() if value and name in form.fields}},
    )
    name = f"{inspection.slug}-audit" if inspection else "evenhand-audit"
    return StreamingHttpResponse(
        as_csv(asked, last=event.pk),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
