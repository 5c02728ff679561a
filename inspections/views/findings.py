"""Findings: strengths, areas for improvement and good practice, each written once."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from inspections import evidence as writers
from inspections.access import get_inspection
from inspections.delivery import judged_questions
from inspections.forms import FindingForm, ReasonForm
from inspections.shown import finding_rows, revisions_of
from inspections.views.evidence import below, get_entry, show_form
from inspections.views.frame import attempt, base_of, may


@require_http_methods(["GET", "HEAD", "POST"])
def add_finding(request, inspection):
    """Write down a finding."""
    inspection, access = get_inspection(request.user, inspection, Permission.RECORD_EVIDENCE)
    evidence, tried = inspection.evidence_entries.filter(withdrawn_because=""), None
    if request.method == "POST":
        form = FindingForm(request.POST, inspection=inspection, evidence=evidence)
        tried = attempt(form, lambda: writers.add_finding(inspection=inspection, given=form.given(), by=request.user))
        if tried.ok:
            messages.success(request, f"F{tried.done.number} is recorded.")
            return redirect("inspections:delivery", inspection.public_id)
    else:
        form = FindingForm(inspection=inspection, evidence=evidence, initial=asked_for(request, inspection))
    context = below(inspection, access, page_title="Record a finding", button="Record this finding")
    return show_form(request, inspection, access, context, form, tried)


def asked_for(request, inspection):
    """Return what the address asks to have filled in: a key question, where there is one of that code."""
    code = request.GET.get("key_question", "")
    return {"key_questions": [code]} if code in judged_questions(inspection.document) else {}


@require_http_methods(["GET", "HEAD", "POST"])
def finding(request, inspection, finding):
    """Show a finding with what it rests on and its revisions; withdraw it."""
    withdrawing = request.method == "POST"
    inspection, access = get_inspection(
        request.user, inspection, Permission.RECORD_EVIDENCE if withdrawing else Permission.VIEW_EVIDENCE
    )
    held = get_entry(inspection.finding_entries, inspection, finding)
    form, tried = ReasonForm(request.POST if withdrawing else None, label="Why is it withdrawn?"), None
    if withdrawing:
        tried = attempt(form, lambda: writers.withdraw_finding(finding=held, by=request.user, **form.cleaned_data))
        if tried.ok:
            messages.success(request, f"F{held.number} is withdrawn.")
            return redirect("inspections:finding", inspection.public_id, held.public_id)
        held = get_entry(inspection.finding_entries, inspection, finding)
    context = below(
        inspection,
        access,
        page_title=f"F{held.number} {held.get_kind_display()}",
        entry=held,
        rows=finding_rows(held.as_content),
        revisions=revisions_of(held, finding_rows),
        change_url=reverse("inspections:change_finding", args=[inspection.public_id, held.public_id]),
        what="finding",
        evidence=held.evidence.all(),
        may_change=may(access, Permission.RECORD_EVIDENCE, inspection) and not held.withdrawn_because,
        form=form,
        tried=tried,
    )
    return render(request, "inspections/entry.html", context, status=tried.status if tried else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_finding(request, inspection, finding):
    """Correct a finding."""
    inspection, access = get_inspection(request.user, inspection, Permission.RECORD_EVIDENCE)
    held, tried = get_entry(inspection.finding_entries, inspection, finding), None
    # What it rests on already stays to be chosen, though it was withdrawn since.
    evidence = inspection.evidence_entries.filter(withdrawn_because="") | inspection.evidence_entries.filter(
        findings=held
    )
    evidence = evidence.distinct().order_by("number")
    if request.method == "POST":
        form = FindingForm(request.POST, inspection=inspection, evidence=evidence)
        tried = attempt(
            form,
            lambda: writers.correct_finding(finding=held, given=form.given(), base=base_of(request), by=request.user),
        )
        if tried.ok:
            messages.success(request, f"F{held.number} is saved.")
            return redirect("inspections:finding", inspection.public_id, held.public_id)
        held = get_entry(inspection.finding_entries, inspection, finding)
    else:
        form = FindingForm(inspection=inspection, evidence=evidence, initial=FindingForm.initial_of(held))
    context = below(
        inspection,
        access,
        page_title=f"Change F{held.number}",
        button="Save",
        back_url=reverse("inspections:finding", args=[inspection.public_id, held.public_id]),
        back_text=f"Back to F{held.number}",
    )
    return show_form(request, inspection, access, context, form, tried, held.version, finding_rows(held.as_content))
