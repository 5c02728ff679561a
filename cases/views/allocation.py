"""Who reads which case: all cases of an inspection on one page, and how many each person has."""

from collections import Counter

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.allocation import allocate_cases, left_to_read, proposal, readers_of, skills_of
from cases.arrangement_forms import AllocationForm
from cases.models import Case, CaseState
from cases.policies import FINISHED
from inspections.access import get_inspection, record_reading
from inspections.suited import in_words
from inspections.team import conflicts_about
from inspections.views.frame import attempt, frame, may


@require_http_methods(["GET", "HEAD", "POST"])
def allocation(request, inspection):
    """Show who reads which case; give cases to people. `?propose` selects who might read those that nobody reads yet."""
    inspection, access = get_inspection(request.user, inspection, Permission.MANAGE_TEAM)
    if access.may_view_cases:
        record_reading(request.user, access, inspection, "the allocation of cases")
    readers, conflicts = list(readers_of(inspection)), conflicts_about(inspection.service)
    skills = skills_of(inspection)
    form, tried, proposed = form_of(inspection, readers, conflicts), None, None
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
    elif "propose" in request.GET and may(access, Permission.MANAGE_TEAM, inspection):
        evidence = access.may_view_cases
        proposed = proposal(inspection, form.cases, readers, skills, conflicts, evidence=evidence)
        form = form_of(inspection, readers, conflicts, proposals=proposed.proposals)
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
        load=load(inspection, form.cases, readers, conflicts, skills, proposed),
        proposed=proposed,
        nobodys=[case.reference for case in form.cases if proposed and str(case.public_id) in proposed.nobodys],
        may_propose=any(case.allocated_to_id is None and case.state not in FINISHED for case in form.cases),
        conflicts=[conflicts[person.pk] for person in readers if person.pk in conflicts],
        may_allocate=may(access, Permission.MANAGE_TEAM, inspection),
    )
    if access.may_view_cases:
        context |= {"back_url": reverse("cases:list", args=[inspection.public_id]), "back_text": "Cases"}
    return render(request, "cases/allocation.html", context, status=tried.status if tried else 200)


def form_of(inspection, readers, conflicts, data=None, proposals=()):
    """Return the form with a field for each case that counts, what is proposed selected."""
    cases = Case.objects.filter(inspection=inspection, excluded_reason="").select_related("allocated_to")
    people = [
        (person.pk, f"{person.name} (conflict of interest)" if person.pk in conflicts else person.name)
        for person in readers
    ]
    return AllocationForm(data, cases=list(cases), people=people, proposals=proposals)


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


def load(inspection, cases, readers, conflicts, skills, proposed):
    """Return how many cases each person has, how far these are and how much is left of them, by name; of nobody last."""
    people = {person.pk: person for person in readers}
    for case in cases:
        if case.allocated_to_id:
            people.setdefault(case.allocated_to_id, case.allocated_to)
    counts = Counter((case.allocated_to_id, stage(case)) for case in cases)
    left, words = left_to_read(inspection.document, cases), in_words(inspection.document, inspection.worded)
    shown = [
        {
            "name": person.name,
            "conflict": person.pk in conflicts,
            "note": skills[key].skill_note if key in skills else "",
            "suited_for": [words[code] for code in skills[key].suited_for if code in words] if key in skills else [],
            "counts": [counts[key, held] for held in STAGES],
            "left": left[key],
            "then": proposed.loads.get(key, left[key]) if proposed else None,
        }
        for key, person in sorted(people.items(), key=lambda held: (held[1].name, held[0]))
    ]
    nobodys = [counts[None, held] for held in STAGES]
    return [*shown, {"name": "Nobody", "counts": nobodys}] if any(nobodys) else shown


STAGES = ("Not started", "Being read", "Submitted or agreed")


def stage(case):
    """Return how far a case is, as one of `STAGES`."""
    if case.state == CaseState.ALLOCATED:
        return STAGES[0]
    return STAGES[2] if case.state in FINISHED else STAGES[1]
