"""Where an inspection stands and how it moves on: its states, agreeing and locking, unlocking, publishing."""

from django.contrib import messages
from django.forms import Form
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.fresh import fresh_sign_in_required
from accounts.permissions import Permission
from accounts.roles import ROLES
from cases.review_forms import TextForm
from inspections.access import get_inspection, require
from inspections.actions import move_on
from inspections.errors import Refused
from inspections.lifecycle import TABLE, Step, check_step, steps_from
from inspections.models import State
from inspections.policies import is_locked
from ratings.actions import current_decisions, lock_ratings, publish_ratings
from ratings.agreement import what_is_missing
from ratings.discretion.standing import undecided
from ratings.later_changes import changes_after_opening
from ratings.unlocking import ask_to_unlock, decline_unlock, grant_unlock, waiting_request
from ratings.views.annex import annex_tables
from ratings.views.figures import load_figures, page
from ratings.views.firmness import later_entry

# Steps that are taken on a page of their own.
PAGES = {Step.AGREE_RATINGS: "ratings:agree", Step.UNLOCK: "ratings:unlock", Step.PUBLISH: "ratings:publish"}
# Where each kind of what is missing is mended.
MENDED_AT = {
    "alerts": ("cases:alerts", "Settle alerts"),
    "held": ("cases:held", "Decide about held answers"),
    "queries": ("cases:reviews", "Go to the open queries"),
    "enquiries": ("cases:lines", "Go to lines of enquiry"),
    "exclusions": ("cases:exclusions", "Go to the exclusions"),
    "cases": ("cases:reviews", "Go to the reviews"),
    "judgements": ("inspections:delivery", "Go to organisational delivery"),
    "ratings": ("ratings:results", "Look at the results"),
    "discretion": ("ratings:discretion", "Go to professional discretion"),
    "later_changes": ("ratings:later_changes", "Go to these changes"),
}
# And the page of a case on which it is.
CASE_PAGES = {"enquiries": "cases:enquiries", "exclusions": "cases:exclusion"}


def stages_page(inspection, access, figures=None, **context):
    """Return the context of a page about where an inspection stands."""
    return page(inspection, access, figures, part="stages", **context)


@require_http_methods(["GET", "HEAD", "POST"])
def stages(request, inspection):
    """Show the states of an inspection, how it came to where it stands, and what is next; or take the step that `step` names."""
    inspection, access = get_inspection(request.user, inspection)
    form = None
    if request.method == "POST":
        step = next((held for held in Step if held == request.POST.get("step")), None)
        form = step_form(step, request.POST) if step else Form(request.POST)
        form.full_clean()
        if step is None:
            form.add_error(None, "Choose one of the steps on this page. Nothing was changed.")
        else:
            require(access, TABLE[step].permission)
            try:
                move_on(inspection=inspection, step=step, by=request.user, reason=form.cleaned_data.get("text", ""))
            except Refused as refusal:
                form.add_error("text" if "text" in form.fields else None, str(refusal))
            else:
                messages.success(request, f"The inspection is now at “{TABLE[step].to.label}”.")
                return redirect("ratings:stages", inspection.public_id)
        inspection.lifecycle.refresh_from_db()
    return render(
        request,
        "ratings/stages.html",
        stages_page(
            inspection,
            access,
            page_title="Stages",
            states=[(state, _place(state, inspection.lifecycle.state)) for state in State],
            steps=_steps(inspection, access, form),
            taken=_taken(inspection),
            asked=waiting_request(inspection) if is_locked(inspection.lifecycle.state) else None,
            is_published=inspection.lifecycle.state == State.PUBLISHED,
            form=form,
        ),
        status=400 if form else 200,
    )


def _place(state, now):
    order = list(State)
    return "now" if state == now else "done" if order.index(state) < order.index(now) else "to come"


def step_form(step, data=None):
    """Return the form of a step: a reason, where it needs one."""
    if TABLE[step].needs_reason:
        return TextForm(data, prefix=step, label=f"Why do you {TABLE[step].words}?")
    return Form(data, prefix=step)


def _steps(inspection, access, posted):
    """Return the steps that lead from here, those onwards first, each with whether this person may take it and the form or page to do so."""
    found = []
    for step in sorted(steps_from(inspection.lifecycle.state), key=lambda step: TABLE[step].needs_reason):
        rule = TABLE[step]
        fresh = step_form(step)
        found.append(
            {
                "step": step,
                "rule": rule,
                "words": rule.words.capitalize(),
                "may": access.may(rule.permission),
                "roles": _who(rule.permission),
                "url": reverse(PAGES[step], args=[inspection.public_id]) if step in PAGES else "",
                "form": posted if posted and posted.prefix == fresh.prefix else fresh,
            }
        )
    return found


def _who(permission):
    labels = [role.label.lower() for role in ROLES.values() if permission in role.permissions]
    return " or ".join(labels)


def _taken(inspection):
    """Return the steps that were taken, newest first, as the page shows them."""
    return [
        {"words": TABLE[held.step].words.capitalize(), "state": held.get_state_display(), "step": held}
        for held in inspection.lifecycle_steps.select_related("by").order_by("-pk")
    ]


@fresh_sign_in_required
@require_http_methods(["GET", "HEAD", "POST"])
def agree(request, inspection):
    """Show what is missing before the ratings can be agreed, and the Annex that will be frozen; or freeze it."""
    inspection, access = get_inspection(request.user, inspection, Permission.LOCK)
    form = None
    if request.method == "POST":
        form = Form(request.POST)
        try:
            lock_ratings(inspection=inspection, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The ratings are agreed and locked.")
            return redirect("ratings:annex", inspection.public_id)
        inspection.lifecycle.refresh_from_db()
    figures = load_figures(inspection)
    closed = why_not_now(Step.AGREE_RATINGS, inspection)
    missing, passed_over = [], []
    if figures.result and not closed:
        missing = what_is_missing(inspection, figures.result.standards, current_decisions(inspection))
        passed_over = undecided(inspection, figures.result) if not figures.hidden else []
    changes = [later_entry(change) for change in changes_after_opening(inspection)] if not closed else []
    ready = not closed and not missing and figures.annex is not None
    return render(
        request,
        "ratings/agree.html",
        stages_page(
            inspection,
            access,
            figures,
            page_title="Agree and lock the ratings",
            is_below_part=True,
            closed=closed,
            missing=[_missing(inspection, held) for held in missing],
            passed_over=passed_over,
            opened=not closed and inspection.firmness_openings.exists(),
            later_changes=[
                ("Raised a percentage", [held for held in changes if held["change"].raised]),
                ("Lowered a percentage", [held for held in changes if held["change"].lowered]),
            ],
            margin=inspection.document.discretion.margin,
            ready=ready,
            tables=annex_tables(inspection, figures) if ready else [],
            form=form,
        ),
        status=400 if form else 200,
    )


def why_not_now(step, inspection):
    """Return why a step cannot be taken where an inspection stands; "" where it can."""
    try:
        check_step(step, inspection.lifecycle.state)
    except Refused as refusal:
        return str(refusal)
    return ""


def _missing(inspection, held):
    name, words = MENDED_AT[held.kind]
    return {
        "missing": held,
        "url": reverse(name, args=[inspection.public_id]),
        "words": words,
        "cases": [
            (case, reverse(CASE_PAGES.get(held.kind, "cases:review"), args=[case.public_id])) for case in held.cases
        ],
    }


@fresh_sign_in_required
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request, inspection):
    """Ask for the ratings to be unlocked; or, as a second person, grant or decline that."""
    inspection, access = get_inspection(request.user, inspection, Permission.UNLOCK)
    form = None
    if request.method == "POST":
        do = request.POST.get("do")
        form = TextForm(request.POST, prefix=do, label=UNLOCK_LABELS.get(do, ""))
        form.full_clean()
        try:
            done = _unlock(do, inspection, request.user, form.cleaned_data["text"])
        except Refused as refusal:
            form.add_error(None if do == "grant" else "text", str(refusal))
        else:
            messages.success(request, done)
            return redirect("ratings:stages", inspection.public_id)
        inspection.lifecycle.refresh_from_db()
    closed = why_not_now(Step.UNLOCK, inspection)
    asked = None if closed else waiting_request(inspection)

    def shown(do):
        return form if form and form.prefix == do else TextForm(prefix=do, label=UNLOCK_LABELS[do])

    return render(
        request,
        "ratings/unlock.html",
        stages_page(
            inspection,
            access,
            page_title="Unlock the ratings",
            is_below_part=True,
            closed=closed,
            asked=asked,
            is_own=asked is not None and asked.by_id == request.user.pk,
            ask=shown("ask"),
            decline=shown("decline"),
            is_published=inspection.lifecycle.state == State.PUBLISHED,
            form=form,
        ),
        status=400 if form else 200,
    )


UNLOCK_LABELS = {"ask": "Why should the ratings be unlocked?", "decline": "Why do the ratings stay locked?"}


def _unlock(do, inspection, by, text):
    if do == "ask":
        ask_to_unlock(inspection=inspection, reason=text, by=by)
        return "You asked for the ratings to be unlocked. A second person grants it."
    asked = waiting_request(inspection)
    if asked is None:
        raise Refused("Nobody asks for these ratings to be unlocked. Ask for it first. Nothing was changed.")
    if do == "grant":
        grant_unlock(request=asked, by=by)
        return "The ratings are unlocked. They have to be agreed anew."
    decline_unlock(request=asked, remark=text, by=by)
    return "The ratings stay locked."


@fresh_sign_in_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request, inspection):
    """Show what everybody will be able to read, and publish it."""
    inspection, access = get_inspection(request.user, inspection, Permission.PUBLISH)
    form = None
    if request.method == "POST":
        form = Form(request.POST)
        try:
            publish_ratings(inspection=inspection, by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The ratings are published.")
            return redirect("ratings:stages", inspection.public_id)
        inspection.lifecycle.refresh_from_db()
    closed = why_not_now(Step.PUBLISH, inspection)
    figures = None if closed else load_figures(inspection)
    return render(
        request,
        "ratings/publish.html",
        stages_page(
            inspection,
            access,
            figures,
            page_title="Publish the ratings",
            is_below_part=True,
            closed=closed,
            tables=annex_tables(inspection, figures) if figures else [],
            form=form,
        ),
        status=400 if form else 200,
    )
