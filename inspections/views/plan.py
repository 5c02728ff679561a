"""An inspection as it is planned: creating one, and changing its plan."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from inspections.access import get_inspection
from inspections.errors import Unfit
from inspections.shown import day
from inspections.team import change_plan, plan_inspection, plan_of
from inspections.team_forms import CreateForm, PlanForm
from inspections.views.frame import attempt, base_of, frame, may
from standards import reader


@require_http_methods(["GET", "HEAD", "POST"])
def create(request):
    """Plan a new inspection."""
    require(request.user, Permission.CREATE_INSPECTIONS, "a manager")
    folders = settings.EVENHAND_STANDARDS_FOLDERS
    documents = {code: reader.load(code, folders) for code in reader.available(folders)}
    form, tried = CreateForm(request.POST if request.method == "POST" else None, documents=documents), None
    if request.method == "POST":
        tried = attempt(form, lambda: planned(form, request.user))
        if tried.ok:
            messages.success(request, "The inspection is planned. Give somebody the role of lead inspector next.")
            return redirect("cases:team", tried.done.public_id)
    context = {
        "page_title": "Create an inspection",
        "navigation": "inspections",
        "back_url": reverse("ratings:inspections"),
        "back_text": "All inspections",
        "form": form,
    }
    return render(request, "inspections/create.html", context, status=tried.status if tried else 200)


def planned(form, by):
    """Plan the inspection and return it; what does not fit is said by the names of the fields of this form."""
    try:
        return plan_inspection(**form.given(), by=by)
    except Unfit as unfit:
        raise Unfit({form.field_of(name): sentence for name, sentence in unfit.faults.items()}) from None


@require_http_methods(["GET", "HEAD", "POST"])
def plan(request, inspection):
    """Change the plan of an inspection."""
    inspection, access = get_inspection(request.user, inspection, Permission.MANAGE_TEAM)
    form, tried = PlanForm(request.POST if request.method == "POST" else None, inspection=inspection), None
    if request.method == "POST":
        tried = attempt(
            form,
            lambda: change_plan(inspection=inspection, plan=form.given(), base=base_of(request), by=request.user),
        )
        if tried.ok:
            messages.success(request, "The plan is saved.")
            return redirect("cases:team", inspection.public_id)
        inspection, access = get_inspection(request.user, inspection.public_id, Permission.MANAGE_TEAM)
    context = frame(
        inspection,
        access,
        page_title="Change the plan",
        part="team",
        is_below_part=True,
        back_url=reverse("cases:team", args=[inspection.public_id]),
        back_text="Back to the team",
        button="Save the plan",
        form=form,
        base=plan_of(inspection).mark,
        theirs=plan_rows(inspection) if tried and tried.stale else (),
        shows_form=may(access, Permission.MANAGE_TEAM, inspection) or tried,
    )
    return render(request, "inspections/entry_form.html", context, status=tried.status if tried else 200)


def plan_rows(inspection):
    """Return the plan of an inspection as [(label, text)]."""
    stands = plan_of(inspection)
    days = [f"{day(held)}" for held in (stands.starts, stands.ends) if held]
    words = [stands.terms[term.code] for term in inspection.document.terms]
    return [
        ("Service", f"{stands.name} ({stands.short_name})"),
        ("Fieldwork", " to ".join(days) or "Not given"),
        ("Standards", inspection.document.title),
        *([("Words", ", ".join(f"“{word}”" for word in words))] if words else []),
        ("Figures are seen", "from the start" if stands.figures_open else "when every case of a domain is submitted"),
    ]
