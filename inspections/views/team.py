"""People of a team: adding somebody, one member with everything that is done about them, and conflicts of one's own."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import people
from accounts.permissions import Permission
from inspections import team
from inspections.access import get_inspection, services_known_to
from inspections.forms import ReasonForm
from inspections.models import Inspection
from inspections.team_forms import AddMemberForm, ConflictForm, OwnConflictForm, RoleForm, SkillsForm
from inspections.views.frame import attempt, frame, may


def below_team(inspection, access, **context):
    """Return the context of a page that stands below the team."""
    above = {
        "part": "team",
        "is_below_part": True,
        "back_url": reverse("cases:team", args=[inspection.public_id]),
        "back_text": "Back to the team",
    }
    return frame(inspection, access, **above | context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_member(request, inspection):
    """Give somebody a role in the team."""
    inspection, access = get_inspection(request.user, inspection, Permission.MANAGE_TEAM)
    others = people().filter(is_active=True).exclude(pk=request.user.pk).exclude(memberships__inspection=inspection)
    form = AddMemberForm(
        request.POST if request.method == "POST" else None,
        people=others.order_by("name", "email"),
        conflicts=team.conflicts_about(inspection.service),
        service=inspection.service,
    )
    tried = None
    if request.method == "POST":
        tried = attempt(form, lambda: give(inspection, form, request.user, form.cleaned_data.pop("person")))
        if tried.ok:
            messages.success(request, f"{tried.done.user.name} is in the team: {tried.done.role_label.lower()}.")
            return redirect("cases:team", inspection.public_id)
    context = below_team(
        inspection,
        access,
        page_title="Add somebody to the team",
        form=form,
        shows_form=may(access, Permission.MANAGE_TEAM, inspection) or tried,
    )
    return render(request, "inspections/add_member.html", context, status=tried.status if tried else 200)


def give(inspection, form, by, user):
    """Give a person the role that a form names, and return the membership."""
    return team.give_role(inspection=inspection, user=user, by=by, **form.cleaned_data)


@require_http_methods(["GET", "HEAD", "POST"])
def member(request, inspection, person):
    """Show one person of the team; or do about them what `do` names: role, skills, conflict, take_back, leave."""
    inspection, access = get_inspection(request.user, inspection, Permission.MANAGE_TEAM)
    held = get_object_or_404(inspection.memberships.select_related("user"), user__public_id=person)
    held.inspection = inspection
    conflicts = team.conflicts_about(inspection.service)
    forms = forms_of(held, conflicts)
    tried, do = None, request.POST.get("do", "")
    if request.method == "POST":
        if do not in forms:
            raise Http404
        forms = forms_of(held, conflicts, do, request.POST)
        tried = attempt(forms[do], lambda: DONE[do](held, forms[do], request.user))
        if tried.ok:
            messages.success(request, tried.done)
            if do == "leave":
                return redirect("cases:team", inspection.public_id)
            return redirect("inspections:member", inspection.public_id, person)
    context = below_team(
        inspection,
        access,
        page_title=held.user.name,
        held=held,
        is_self=held.user_id == request.user.pk,
        reads_cases=team.reads_cases(held.role),
        conflict=conflicts.get(held.user_id),
        may_change=may(access, Permission.MANAGE_TEAM, inspection),
        forms=forms,
        form=forms[do] if tried else None,
    )
    return render(request, "inspections/member.html", context, status=tried.status if tried else 200)


def forms_of(held, conflicts, do="", data=None):
    """Return the forms about a member, by what they do; the one that was posted with its data."""
    given = {name: {"data": data if name == do else None, "prefix": name} for name in DONE}
    role = {"role": held.role, "discipline": held.discipline}
    conflict = conflicts.get(held.user_id)
    return {
        "role": RoleForm(**given["role"], conflicts=conflicts, person=held.user, initial=role),
        "skills": SkillsForm(
            **given["skills"],
            name=held.user.name,
            inspection=held.inspection,
            initial=SkillsForm.initial_of(held, held.inspection),
        ),
        "conflict": ConflictForm(
            **given["conflict"],
            label=f"What is the conflict of interest with {held.inspection.service}?",
            initial={"text": conflict.text if conflict else ""},
        ),
        "take_back": ReasonForm(**given["take_back"], label="Why does it stand no longer?"),
        "leave": ReasonForm(**given["leave"], label=f"Why does {held.user.name} leave the team?"),
    }


def change_role(held, form, by):
    """Give a member another role."""
    changed = give(held.inspection, form, by, held.user)
    return f"{held.user.name} is {changed.role_label.lower()} now."


def note_skills(held, form, by):
    """Note what a member reads well."""
    team.note_skills(membership=held, by=by, **form.given())
    return f"What {held.user.name} is suited for is noted."


def record_conflict(held, form, by):
    """Record a member's conflict of interest."""
    service = held.inspection.service
    team.declare_conflict(user=held.user, service=service, by=by, inspection=held.inspection, **form.cleaned_data)
    return f"The conflict of interest of {held.user.name} is recorded."


def take_back(held, form, by):
    """Record that a member's conflict of interest stands no longer."""
    service = held.inspection.service
    team.take_back_conflict(user=held.user, service=service, by=by, inspection=held.inspection, **form.cleaned_data)
    return f"The conflict of interest of {held.user.name} stands no longer."


def leave(held, form, by):
    """Take a member out of the team."""
    team.leave_team(membership=held, by=by, **form.cleaned_data)
    return f"{held.user.name} is out of the team. What they did stays, under their name."


DONE = {"role": change_role, "skills": note_skills, "conflict": record_conflict, "take_back": take_back, "leave": leave}


@require_http_methods(["GET", "HEAD", "POST"])
def my_conflicts(request):
    """Show the conflicts of interest that one has declared; declare one. `?inspection=` selects its service."""
    services = list(services_known_to(request.user))
    tried = None
    if request.method == "POST":
        form = OwnConflictForm(request.POST, services=services)
        tried = attempt(form, lambda: declare(form, request.user))
        if tried.ok:
            messages.success(request, f"Your conflict of interest with {tried.done.service} is recorded.")
            return redirect("inspections:my_conflicts")
    else:
        form = OwnConflictForm(services=services, initial={"service": service_asked_for(request, services)})
    context = {
        "page_title": "Your conflicts of interest",
        "navigation": "account",
        "back_url": reverse("accounts:account"),
        "back_text": "Your account",
        "conflicts": team.conflicts_of(request.user),
        "services": services,
        "form": form,
    }
    return render(request, "inspections/my_conflicts.html", context, status=tried.status if tried else 200)


def declare(form, user):
    """Declare a conflict of interest of one's own, and return it."""
    service = form.services[form.cleaned_data["service"]]
    return team.declare_conflict(user=user, service=service, text=form.cleaned_data["text"], by=user)


def service_asked_for(request, services):
    """Return the slug of the service whose inspection the address names, where it is one of these; else ""."""
    try:
        wanted = Inspection.objects.filter(public_id=request.GET.get("inspection", "")).values_list(
            "service", flat=True
        )
        pk = wanted.first()
    except ValidationError:
        return ""
    return next((held.slug for held in services if held.pk == pk), "")
