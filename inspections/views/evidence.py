"""The evidence log: every piece of evidence, one of them, writing one down, changing and withdrawing it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from inspections import evidence as writers
from inspections.access import get_inspection
from inspections.delivery import methodology
from inspections.forms import EvidenceForm, ReasonForm
from inspections.shown import bearings_in_words, evidence_rows, revisions_of
from inspections.views.frame import attempt, base_of, frame, may


@require_safe
def evidence_log(request, inspection):
    """Show the evidence of an inspection, newest first: what stands, what is arranged ahead, what is withdrawn."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_EVIDENCE)
    found = list(inspection.evidence_entries.select_related("changed_by").order_by("-date", "-number"))
    today = timezone.localdate()
    standing = [held for held in found if not held.withdrawn_because]
    groups = [
        ("Arranged ahead", [held for held in standing if held.date > today]),
        ("Evidence", [held for held in standing if held.date <= today]),
        ("Withdrawn", [held for held in found if held.withdrawn_because]),
    ]
    context = below(
        inspection,
        access,
        page_title="Evidence",
        groups=[
            (heading, [{"evidence": held, "bears_on": bearings_in_words(held.bears_on)} for held in pieces])
            for heading, pieces in groups
            if pieces
        ],
        methodology=methodology(found, today),
        may_record=may(access, Permission.RECORD_EVIDENCE, inspection),
    )
    return render(request, "inspections/evidence_log.html", context)


def below(inspection, access, **context):
    """Return the context of a page that stands below organisational delivery."""
    above = {
        "part": "delivery",
        "is_below_part": True,
        "back_url": reverse("inspections:delivery", args=[inspection.public_id]),
        "back_text": "Back to organisational delivery",
    }
    return frame(inspection, access, **above | context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_evidence(request, inspection):
    """Write down a piece of evidence."""
    inspection, access = get_inspection(request.user, inspection, Permission.RECORD_EVIDENCE)
    tried = None
    if request.method == "POST":
        form = EvidenceForm(request.POST, inspection=inspection)
        tried = attempt(form, lambda: writers.add_evidence(inspection=inspection, given=form.given(), by=request.user))
        if tried.ok:
            messages.success(request, f"E{tried.done.number} is recorded.")
            return redirect("inspections:evidence", inspection.public_id, tried.done.public_id)
    else:
        form = EvidenceForm(inspection=inspection, initial={"held": 1})
    context = in_the_log(inspection, access, page_title="Record evidence", button="Record this evidence")
    return show_form(request, inspection, access, context, form, tried)


def in_the_log(inspection, access, **context):
    """Return the context of a page that stands below the evidence log."""
    back = {
        "back_url": reverse("inspections:evidence_log", args=[inspection.public_id]),
        "back_text": "Back to the evidence",
    }
    return below(inspection, access, **back | context)


def show_form(request, inspection, access, context, form, tried, base=None, theirs=()):
    """Show the form of an entry; where somebody else wrote in the meantime, `theirs` beside what was typed."""
    context |= {
        "form": form,
        "base": base,
        "theirs": theirs if tried and tried.stale else (),
        "shows_form": may(access, Permission.RECORD_EVIDENCE, inspection) or tried,
    }
    return render(request, "inspections/entry_form.html", context, status=tried.status if tried else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request, inspection, evidence):
    """Show a piece of evidence with its revisions; withdraw it."""
    withdrawing = request.method == "POST"
    inspection, access = get_inspection(
        request.user, inspection, Permission.RECORD_EVIDENCE if withdrawing else Permission.VIEW_EVIDENCE
    )
    held = get_entry(inspection.evidence_entries, inspection, evidence)
    form, tried = ReasonForm(request.POST if withdrawing else None, label="Why is it withdrawn?"), None
    if withdrawing:
        tried = attempt(
            form,
            lambda: writers.withdraw_evidence(evidence=held, by=request.user, **form.cleaned_data),
        )
        if tried.ok:
            messages.success(request, f"E{held.number} is withdrawn.")
            return redirect("inspections:evidence", inspection.public_id, held.public_id)
        held = get_entry(inspection.evidence_entries, inspection, evidence)
    context = in_the_log(
        inspection,
        access,
        page_title=f"E{held.number} {held.title}",
        entry=held,
        rows=evidence_rows(held.as_content),
        revisions=revisions_of(held, evidence_rows),
        change_url=reverse("inspections:change_evidence", args=[inspection.public_id, held.public_id]),
        what="evidence",
        awaited=held.date <= timezone.localdate() and not held.shows.strip() and not held.withdrawn_because,
        findings=held.findings.filter(withdrawn_because=""),
        may_change=may(access, Permission.RECORD_EVIDENCE, inspection) and not held.withdrawn_because,
        form=form,
        tried=tried,
    )
    return render(request, "inspections/entry.html", context, status=tried.status if tried else 200)


def get_entry(entries, inspection, public_id):
    """Return an entry of an inspection with whoever changed it last. Raises Http404."""
    entry = get_object_or_404(entries.select_related("changed_by"), public_id=public_id)
    entry.inspection = inspection
    return entry


@require_http_methods(["GET", "HEAD", "POST"])
def change_evidence(request, inspection, evidence):
    """Correct a piece of evidence."""
    inspection, access = get_inspection(request.user, inspection, Permission.RECORD_EVIDENCE)
    held, tried = get_entry(inspection.evidence_entries, inspection, evidence), None
    if request.method == "POST":
        form = EvidenceForm(request.POST, inspection=inspection)
        tried = attempt(
            form,
            lambda: writers.correct_evidence(evidence=held, given=form.given(), base=base_of(request), by=request.user),
        )
        if tried.ok:
            messages.success(request, f"E{held.number} is saved.")
            return redirect("inspections:evidence", inspection.public_id, held.public_id)
        held = get_entry(inspection.evidence_entries, inspection, evidence)
    else:
        form = EvidenceForm(inspection=inspection, initial=EvidenceForm.initial_of(held))
    context = below(
        inspection,
        access,
        page_title=f"Change E{held.number}",
        button="Save",
        back_url=reverse("inspections:evidence", args=[inspection.public_id, held.public_id]),
        back_text=f"Back to E{held.number}",
    )
    return show_form(request, inspection, access, context, form, tried, held.version, evidence_rows(held.as_content))
