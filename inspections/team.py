"""The writers of an inspection's plan and its team, with who has declared which conflict of interest.

Keyword-only, `by=` the person, atomic, audited. What a page asks for goes through here; `inspections.actions` has what lies
below it. Plans and roles are taken until the ratings are locked; a role is taken away at any time, since access must end
when it has to. Each raises Unfit with a sentence by field, and InspectionLocked once the ratings are locked.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db import transaction
from django.utils.text import slugify

from accounts.permissions import Permission
from accounts.roles import DISCIPLINES, TEAM_ROLES, LeadInspector
from audit.actions import record_event
from inspections.actions import add_member, advance_sequence, create_inspection
from inspections.delivery import text_fault
from inspections.entries import hold_entries
from inspections.errors import Refused, StalePlan, Unfit
from inspections.models import ConflictOfInterest, Inspection, InspectionRevision, Lifecycle, Membership, Service, State
from inspections.policies import has_begun, has_lead, is_locked
from inspections.shown import day
from inspections.suited import in_words

LONGEST_FIELDWORK = timedelta(days=366)
LONGEST_NAME, LONGEST_SHORT_NAME, LONGEST_TERM = 200, 80, 100


@dataclass(frozen=True)
class Plan:
    """An inspection as somebody plans it: the names of its service, the first and the last day of fieldwork, its terms.

    `terms` are by code; what is "" or not there is worded as the standards document has it. With `figures_open` everybody
    who may see the inspection sees its figures while cases are still being read.
    """

    name: str
    short_name: str
    starts: date | None
    ends: date | None
    terms: Mapping[str, str] = field(default_factory=dict)
    figures_open: bool = False

    @property
    def mark(self):
        """What tells this plan from another, as a whole number: a page says by it which plan it was opened on."""
        held = [self.name, self.short_name, str(self.starts), str(self.ends), dict(self.terms), self.figures_open]
        return int(hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()[:14], 16)


def plan_of(inspection):
    """Return the plan of an inspection as it stands, each term in the words that count."""
    service = inspection.service
    return Plan(
        name=service.name,
        short_name=service.short_name,
        starts=inspection.fieldwork_started,
        ends=inspection.fieldwork_ends,
        terms=inspection.document.default_terms | inspection.terms,
        figures_open=inspection.figures_open,
    )


@transaction.atomic
def plan_inspection(*, plan, document, by, service=None):
    """Create an inspection at “Planned”, pinned to `document`, and return it.

    `service` is one that was inspected or planned before, whose names then stand whatever the plan says; without it a new
    one gets the names of the plan. Raises Unfit for a name that another service has, and for what is planned already.
    """
    if service:
        service = Service.objects.select_for_update().get(pk=service.pk)
        plan = replace(plan, name=service.name, short_name=service.short_name)
    _check(plan, document, service)
    if not service:
        slug = _free(Service, plan.short_name)
        service = Service.objects.create(slug=slug, name=plan.name, short_name=plan.short_name)
    same = service.inspections.filter(lifecycle__state=State.PLANNED, archived_at=None, fieldwork_started=plan.starts)
    if same.exists():
        raise Unfit(
            {"starts": f"An inspection of {service} with fieldwork from this day is planned already: open that."}
        )
    return create_inspection(
        by=by,
        slug=_free(Inspection, f"{service.short_name}-{plan.starts.year}"),
        service_slug=service.slug,
        service_name=service.name,
        service_short_name=service.short_name,
        document=document,
        fieldwork_started=plan.starts,
        fieldwork_ends=plan.ends,
        terms=_own_terms(plan, document),
        figures_open=plan.figures_open,
        state=State.PLANNED,
    )


@transaction.atomic
def change_plan(*, inspection, plan, base, by):
    """Change what was planned, and return the inspection. Its standards document is pinned for life.

    `base` is the mark of the plan that the person saw. Raises StalePlan where another stands, and Unfit where figures
    would be opened after fieldwork has begun, or the service renamed while ratings of it are locked.
    """
    hold_entries(inspection)
    document = inspection.document
    inspection = Inspection.objects.select_related("lifecycle").get(pk=inspection.pk)
    service = inspection.service = Service.objects.select_for_update().get(pk=inspection.service_id)
    _check(plan, document, service)
    changed = []
    if (service.name, service.short_name) != (plan.name, plan.short_name):
        _check_renaming(service)
        changed.append(f"the service is called {plan.name} ({plan.short_name})")
    if (inspection.fieldwork_started, inspection.fieldwork_ends) != (plan.starts, plan.ends):
        changed.append(f"fieldwork is from {day(plan.starts)} to {day(plan.ends)}")
    moved = _moved(inspection, plan, document)
    if not changed and not moved:
        return inspection
    if plan_of(inspection).mark != base:
        raise StalePlan
    if (service.name, service.short_name) != (plan.name, plan.short_name):
        service.name, service.short_name = plan.name, plan.short_name
        service.save(update_fields=["name", "short_name"])
    inspection.fieldwork_started, inspection.fieldwork_ends = plan.starts, plan.ends
    inspection.terms, inspection.figures_open = _own_terms(plan, document), plan.figures_open
    inspection.save(update_fields=["fieldwork_started", "fieldwork_ends", "terms", "figures_open"])
    record_event(
        action="inspection.plan_changed",
        by=by,
        inspection=inspection,
        summary=f"Changed the plan of the inspection: {'; '.join([*changed, *moved])}.",
    )
    if moved:
        InspectionRevision.objects.create(
            inspection=inspection,
            sequence=advance_sequence(inspection.pk),
            terms=inspection.terms,
            applicability=inspection.applicability,
            wording=inspection.wording,
            figures_open=inspection.figures_open,
            by=by,
        )
    return inspection


@transaction.atomic
def give_role(*, inspection, user, role, by, discipline="", despite="", declared=""):
    """Give a person a role in the team, or another than the one they have, and return the membership.

    `despite` says why they are in the team although a conflict of interest stands. `declared` is a conflict of interest
    that they have declared just now, "" for none. Raises Refused for a closed account, one's own role, another role of
    the only lead inspector once fieldwork has begun, and of somebody whose role holds everywhere, from somebody whose own
    does not; Unfit, at `despite`, for a conflict of interest that stands.
    """
    hold_entries(inspection)
    _check_not_oneself(user, by, "give")
    if user.role and not by.role:
        # A role here takes the place of the one everywhere, which is not a lead inspector's to take away.
        raise Refused(
            f"{user.name} is {user.role_label.lower()} everywhere. Ask a manager or an administrator to give them a role here."
        )
    if role not in TEAM_ROLES:
        raise Unfit({"role": "Select a role."})
    if TEAM_ROLES[role].has_discipline and discipline not in DISCIPLINES:
        raise Unfit({"discipline": f"Select the discipline that {user.name} comes from."})
    if not user.is_active:
        raise Refused(f"The account of {user.name} is closed. An administrator can open it again.")
    if role != LeadInspector.code:
        _check_leads_on(inspection, user)
    conflict = conflicts_about(inspection.service).get(user.pk)
    if conflict and not despite.strip():
        raise Unfit(
            {"despite": f"{user.name} has a conflict of interest: say why they may be in the team all the same."}
        )
    if declared.strip():
        if text_fault(declared):
            raise Unfit({"declared": text_fault(declared)})
        declare_conflict(user=user, service=inspection.service, text=declared, by=by, inspection=inspection)
    membership = add_member(inspection=inspection, user=user, role=role, discipline=_of(role, discipline), by=by)
    if conflict:
        record_event(
            action="team.joined_despite",
            by=by,
            inspection=inspection,
            summary=f"Let {user.name} be in the team although a conflict of interest stands.",
            reason=despite.strip(),
            detail={"person": user.email},
        )
    return membership


@transaction.atomic
def note_skills(*, membership, note, suited_for, by):
    """Note for those who allocate cases what a person reads well, and return the membership.

    `suited_for` are codes of `inspections.suited.kinds`. Raises Unfit at `note` and `suited_for`, and Refused for somebody who
    reads no cases and for one who has left the team.
    """
    inspection, user = membership.inspection, membership.user
    hold_entries(inspection)
    membership = Membership.objects.select_for_update(of=["self"]).filter(pk=membership.pk).first()
    if membership is None:
        raise Refused(f"{user.name} is not in the team any more.")
    if not reads_cases(membership.role):
        raise Refused(f"{user.name} reads no cases as {membership.role_label.lower()}, so there is nothing to note.")
    words = in_words(inspection.document, inspection.worded)
    faults = {}
    if text_fault(note):
        faults["note"] = text_fault(note)
    if not set(suited_for) <= set(words):
        faults["suited_for"] = "Select kinds of cases that the standards have."
    if faults:
        raise Unfit(faults)
    note, suited_for = note.strip(), [code for code in words if code in suited_for]
    if (membership.skill_note, membership.suited_for) == (note, suited_for):
        return membership
    membership.skill_note, membership.suited_for = note, suited_for
    membership.save(update_fields=["skill_note", "suited_for"])
    kinds = "; ".join(words[code] for code in suited_for)
    record_event(
        action="team.skills_noted",
        by=by,
        inspection=inspection,
        summary=f"Noted which cases {user.name} is suited for{f': {kinds}' if kinds else ', none in particular'}.",
        reason=note,
        detail={"person": user.email, "suited_for": suited_for},
    )
    return membership


def reads_cases(role):
    """Return whether somebody with this role in the team may be given cases."""
    return Permission.ANSWER_CASES in TEAM_ROLES[role].permissions


@transaction.atomic
def leave_team(*, membership, by, reason):
    """Take a person out of the team: their access through it ends with the transaction, and what they did stays.

    Raises Refused for oneself, and for the only lead inspector once fieldwork has begun.
    """
    inspection, user = membership.inspection, membership.user
    hold_entries(inspection, check=lambda state: None)
    _check_not_oneself(user, by, "take away")
    _check_text("reason", reason, f"Say why {user.name} leaves the team.")
    _check_leads_on(inspection, user)
    if not Membership.objects.filter(pk=membership.pk).delete()[0]:
        raise Refused(f"{user.name} is not in the team any more.")
    record_event(
        action="team.left",
        by=by,
        inspection=inspection,
        summary=f"Took {user.name} out of the team, as {membership.role_label.lower()}.",
        reason=reason.strip(),
        detail={"person": user.email, "role": membership.role},
    )


@transaction.atomic
def declare_conflict(*, user, service, text, by, inspection=None):
    """Record a person's conflict of interest with a service, in place of one that stands, and return it.

    `by` is the person, or whoever records it for them; `inspection` is the one in which that is done, if any.
    """
    _check_text("text", text, "Say what the conflict of interest is.")
    text = text.strip()
    stands = conflicts_about(service).get(user.pk)
    if stands and stands.text == text:
        return stands
    own = user.pk == by.pk
    record_event(
        action="team.conflict_declared",
        by=by,
        inspection=inspection,
        summary=f"{'Declared a conflict of interest' if own else f'Recorded a conflict of interest of {user.name}'} "
        f"with {service}.",
        reason=text,
        detail={"person": user.email, "service": service.slug},
    )
    return ConflictOfInterest.objects.create(user=user, service=service, text=text, by=by)


@transaction.atomic
def take_back_conflict(*, user, service, reason, by, inspection=None):
    """Record that a person's conflict of interest about a service stands no longer, and why; return what says so.

    Raises Refused for one's own, and where none stands.
    """
    if user.pk == by.pk:
        raise Refused(
            "Somebody else has to agree that your conflict of interest stands no longer: ask a lead or a manager."
        )
    _check_text("reason", reason, "Say why it stands no longer.")
    if user.pk not in conflicts_about(service):
        raise Refused(f"No conflict of interest of {user.name} with {service} stands.")
    record_event(
        action="team.conflict_taken_back",
        by=by,
        inspection=inspection,
        summary=f"Took back the conflict of interest of {user.name} with {service}.",
        reason=reason.strip(),
        detail={"person": user.email, "service": service.slug},
    )
    return ConflictOfInterest.objects.create(user=user, service=service, by=by)


def conflicts_about(service):
    """Return the conflicts of interest that stand about a service, by the person's primary key. One query."""
    newest = {held.user_id: held for held in service.conflicts.select_related("user", "by").order_by("pk")}
    return {key: held for key, held in newest.items() if held.text}


def conflicts_of(user):
    """Return the conflicts of interest of a person that stand, by the name of the service. One query."""
    newest = {held.service_id: held for held in user.conflicts.select_related("service", "by").order_by("pk")}
    return sorted((held for held in newest.values() if held.text), key=lambda held: held.service.name)


def _of(role, discipline):
    return discipline if TEAM_ROLES[role].has_discipline else ""


def plan_faults(plan, document):
    """Return what is wrong with a plan, in a sentence by field, without looking at what else is planned."""
    faults = {}
    for name, longest, missing in (
        ("name", LONGEST_NAME, "Enter the name of the service."),
        ("short_name", LONGEST_SHORT_NAME, "Enter a short name for the service."),
    ):
        value = getattr(plan, name)
        if not value.strip():
            faults[name] = missing
        elif len(value) > longest:
            faults[name] = f"Shorten this name: {longest} characters is the most that is kept."
    faults |= _date_faults(plan)
    known = {term.code for term in document.terms}
    for code, value in plan.terms.items():
        if code not in known:
            faults[f"term_{code}"] = f"There is no such term. Use any of {', '.join(sorted(known))}."
        elif len(value) > LONGEST_TERM:
            faults[f"term_{code}"] = f"Shorten this word: {LONGEST_TERM} characters is the most that is kept."
    return faults


def _check(plan, document, service):
    faults = plan_faults(plan, document)
    others = Service.objects.exclude(pk=service.pk) if service else Service.objects.all()
    if "name" not in faults and others.filter(name__iexact=plan.name).exists():
        faults["name"] = f"There is a service called {plan.name} already. Choose that one, or tell them apart."
    if faults:
        raise Unfit(faults)


def _date_faults(plan):
    if plan.starts is None or plan.ends is None:
        missing = {"starts": "Enter the first day of fieldwork.", "ends": "Enter the last day of fieldwork."}
        return {name: sentence for name, sentence in missing.items() if getattr(plan, name) is None}
    if plan.ends < plan.starts:
        return {"ends": "Fieldwork cannot end before it begins. Enter a later last day, or an earlier first one."}
    if plan.ends - plan.starts > LONGEST_FIELDWORK:
        return {"ends": "Fieldwork would last for more than a year. Check the years of both days."}
    return {}


def _own_terms(plan, document):
    """Return the terms that differ from how the document has them."""
    defaults = document.default_terms
    given = {code: value.strip() for code, value in plan.terms.items()}
    return {code: value for code, value in given.items() if value and value != defaults[code]}


def _moved(inspection, plan, document):
    """Return in words what is changed of the words and of who sees figures: what a revision keeps."""
    moved = []
    if document.default_terms | inspection.terms != document.default_terms | _own_terms(plan, document):
        moved.append("its words are others")
    if plan.figures_open != inspection.figures_open:
        if plan.figures_open and has_begun(inspection.lifecycle.state):
            raise Unfit(
                {
                    "figures_open": "Figures are opened only before fieldwork begins. From then on the lead inspector opens "
                    "provisional percentages, and each opening is recorded."
                }
            )
        moved.append(
            f"figures are {'open from the start' if plan.figures_open else 'hidden until cases are submitted'}"
        )
    return moved


def _check_renaming(service):
    if any(is_locked(state) for state in service.inspections.values_list("lifecycle__state", flat=True)):
        raise Unfit({"name": f"The ratings of an inspection of {service} are locked, so the service keeps its names."})


def _check_not_oneself(user, by, verb):
    if user.pk == by.pk:
        raise Refused(f"Nobody can {verb} their own role. Ask another lead inspector, a manager or an administrator.")


def _check_leads_on(inspection, user):
    """Raise Refused where fieldwork has begun and nobody but this person leads the inspection."""
    leads = inspection.memberships.filter(role=LeadInspector.code)
    state = Lifecycle.objects.values_list("state", flat=True).get(inspection=inspection)
    if has_begun(state) and leads.filter(user=user).exists() and not has_lead(inspection, but=user):
        raise Refused(
            f"{user.name} is the only lead inspector, and fieldwork has begun. Give somebody else that role first."
        )


def _check_text(name, text, otherwise):
    fault = text_fault(text) if text.strip() else otherwise
    if fault:
        raise Unfit({name: fault})


def _free(model, wanted):
    """Return a slug like the text, and one that nothing of the model has."""
    base = slugify(wanted)[:80] or "service"
    taken = set(model.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    tries = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(slug for slug in tries if slug not in taken)
