"""Who reads which case: all cases of an inspection on one page, and how many each person has."""

from collections import Counter

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.allocation import allocate_cases, readers_of
from cases.arrangement_forms import AllocationForm
from cases.models import Case, CaseState
from cases.policies import FINISHED
from inspections.access import get_inspection, record_reading
from inspections.team import conflicts_about
from inspections.views.frame import attempt, frame, may


@require_http_methods(["GET", "HEAD", "POST"])
def allocation(request, inspection):
    """Show who reads which case; give cases to people."""
    inspection, access = get_inspection(request.user, inspection, Permission.MANAGE_TEAM)
    if access.may_view_cases:
        record_reading(request.user, access, inspection, "the allocation of cases")
    readers, conflicts = list(readers_of(inspection)), conflicts_about(inspection.service)
    form, tried = form_of(inspection, readers, conflicts), None
    if request.method == "POST":
        posted = form_of(inspection, readers, conflicts, request.POST)
        tried = attempt(
            posted,
            lambda: allocate_cases(
                inspection=inspection,
                moves=posted.moves(),
                by=request.user,
                despite=posted.cleaned_data["despite"],
            ),
        )
        if tried.ok:
            tell(request, tried.done)
            return redirect("cases:allocation", inspection.public_id)
        posted.cases = form_of(inspection, readers, conflicts).cases  # as they stand now
        form = posted
    context = frame(
        inspection,
        access,
        page_title="Allocation",
        part="allocation",
        form=form,
        samples=[
            (held.label, rows(inspection, form, held.code, evidence=access.may_view_cases))
            for held in inspection.document.samples
        ],
        load=load(form.cases, readers, conflicts),
        conflicts=[conflicts[person.pk] for person in readers if person.pk in conflicts],
        may_allocate=may(access, Permission.MANAGE_TEAM, inspection),
    )
    if access.may_view_cases:
        context |= {"back_url": reverse("cases:list", args=[inspection.public_id]), "back_text": "Cases"}
    return render(request, "cases/allocation.html", context, status=tried.status if tried else 200)


def form_of(inspection, readers, conflicts, data=None):
    """Return the form with a field for each case that counts."""
    cases = Case.objects.filter(inspection=inspection, excluded_reason="").select_related("allocated_to")
    people = [
        (person.pk, f"{person.name} (conflict of interest)" if person.pk in conflicts else person.name)
        for person in readers
    ]
    return AllocationForm(data, cases=list(cases), people=people)


def tell(request, moved):
    """Say how many cases changed hands."""
    if not moved:
        messages.info(request, "Nothing was changed.")
    elif len(moved) == 1:
        case = moved[0]
        who = f"given to {case.allocated_to.name}" if case.allocated_to else "nobody’s now"
        messages.success(request, f"Case {case.reference} is {who}.")
    else:
        messages.success(request, f"{len(moved)} cases have changed hands.")


def rows(inspection, form, sample, *, evidence):
    """Return the cases of a sample, each with its field; its disposal only for who may see `evidence`."""
    found = []
    for case in form.cases:
        if case.sample == sample and str(case.public_id) in form.fields:
            disposal = (
                inspection.worded(inspection.document.disposal(case.disposal).label) if evidence else "Not shown to you"
            )
            field = form[str(case.public_id)]
            found.append({"case": case, "disposal": disposal, "stage": stage(case), "field": field})
    return found


def load(cases, readers, conflicts):
    """Return how many cases each person has and how far these are, by name; those of nobody last."""
    people = {person.pk: person for person in readers}
    for case in cases:
        if case.allocated_to_id:
            people.setdefault(case.allocated_to_id, case.allocated_to)
    counts = Counter((case.allocated_to_id, stage(case)) for case in cases)
    shown = [
        {"name": person.name, "conflict": person.pk in conflicts, "counts": [counts[key, held] for held in STAGES]}
        for key, person in sorted(people.items(), key=lambda held: (held[1].name, held[0]))
    ]
    nobodys = [counts[None, held] for held in STAGES]
    return [*shown, {"name": "Nobody", "conflict": False, "counts": nobodys}] if any(nobodys) else shown


STAGES = ("Not started", "Being read", "Submitted or agreed")


def stage(case):
    """Return how far a case is, as one of `STAGES`."""
    if case.state == CaseState.ALLOCATED:
        return STAGES[0]
    return STAGES[2] if case.state in FINISHED else STAGES[1]
