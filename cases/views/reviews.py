"""Reviewing one case, and the reviews of a whole inspection."""

from collections import Counter

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.forms import Form
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from audit.models import Event
from cases import policies
from cases.access import get_case
from cases.changes import after_key_question, after_submission, first_submitted
from cases.models import AnswerRevision, Case, CaseRevision, CaseState
from cases.pages import answered, pages_of
from cases.policies import TABLE, Action
from cases.queries import form_url, open_queries_in, queries_of
from cases.review_forms import DrawForm, QueryForm, TextForm
from cases.reviews import (
    DRAWN,
    agree_case,
    close_query,
    draw_dip_sample,
    raise_query,
    reply_to_query,
    return_case,
    take_back_case,
)
from cases.views.frame import frame, state_tag
from cases.views.history import answer_entry
from inspections.access import get_inspection, require
from inspections.errors import Refused
from inspections.policies import takes_answers

DONE = {
    Action.RAISE_QUERY: "The query is raised.",
    Action.REPLY: "The reply is kept with the query.",
    Action.CLOSE_QUERY: "The query is closed.",
    Action.RETURN: "The case is returned with a query.",
    Action.AGREE: "The case is agreed.",
    Action.TAKE_BACK: "The case is taken back.",
}
# The order in which reviewers need them.
STATES = (CaseState.SUBMITTED, CaseState.RETURNED, CaseState.IN_PROGRESS, CaseState.ALLOCATED, CaseState.AGREED)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request, case):
    """Show what there is to review in a case, with its queries; or do what `do` names."""
    case, access = get_case(request.user, case, Permission.VIEW_CASES, shows="the review")
    if request.method != "POST":
        return show_review(request, case, access)
    if request.POST.get("do") not in DONE:
        raise Http404
    action = Action(request.POST["do"])
    require(access, TABLE[action].permission)
    query = posted_query(request, case) if action in (Action.REPLY, Action.CLOSE_QUERY) else None
    form = form_of(action, case, query, data=request.POST)
    if form.is_valid():
        try:
            act(action, case, query, request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("text" if "text" in form.fields else None, str(refusal))
        else:
            messages.success(request, DONE[action])
            return redirect("cases:review", case.public_id)
    # Somebody else may have moved the case on.
    case.refresh_from_db(fields=["state", "excluded_reason"])
    return show_review(request, case, access, posted=form)


def posted_query(request, case):
    """Return the query of a case that was replied to. Raises Http404."""
    key = request.POST.get("query", "")
    return get_object_or_404(case.queries.select_related("case"), pk=key if key.isdecimal() else None)


def form_of(action, case, query=None, **given):
    """Return the form of an action. Its prefix tells it from the others of the page."""
    if action in (Action.RAISE_QUERY, Action.RETURN):
        return QueryForm(prefix="ask", case=case, **given)
    if action in (Action.REPLY, Action.CLOSE_QUERY):
        return TextForm(prefix=f"query-{query.pk}", label="Your reply, or how it was settled", **given)
    if action == Action.TAKE_BACK:
        return TextForm(prefix="back", label="Why do you take it back?", **given)
    return Form(prefix="agree", **given)


def act(action, case, query, by, text="", question=""):
    """Do one thing to a case. Raises Refused."""
    match action:
        case Action.RAISE_QUERY:
            raise_query(case=case, by=by, text=text, question=question)
        case Action.RETURN:
            return_case(case=case, by=by, text=text, question=question)
        case Action.REPLY:
            reply_to_query(query=query, by=by, text=text)
        case Action.CLOSE_QUERY:
            close_query(query=query, by=by, text=text)
        case Action.AGREE:
            agree_case(case=case, by=by)
        case Action.TAKE_BACK:
            take_back_case(case=case, by=by, reason=text)


def show_review(request, case, access, posted=None):
    """Show the page, and on it the form that was posted and refused."""
    revisions = list(AnswerRevision.objects.filter(case=case).select_related("by").order_by("sequence", "pk"))
    changed = after_submission(revisions, first_submitted(case.case_revisions.order_by("sequence")))
    context = frame(case, access) | {
        "page_title": "Review",
        "state": state_tag(case),
        "listed": listed(case, revisions, changed),
        "pages": pages(case, {revision.question for revision in changed}),
        "form": posted,
        "back_url": reverse("cases:case", args=[case.public_id]),
        "back_text": f"Back to case {case.reference}",
    }
    context |= open_forms(request, case, access, posted)
    return render(request, "cases/review.html", context, status=400 if posted else 200)


def open_forms(request, case, access, posted):
    """Return the queries, and the forms for what this person may do to the case now; a posted form stays in any case."""
    unlocked = takes_answers(case.inspection.lifecycle.state)

    def may(action, can):
        return unlocked and access.may(TABLE[action].permission) and can(case)

    def form(action, wanted, **given):
        fresh = form_of(action, case, **given)
        if posted and posted.prefix == fresh.prefix:
            return posted
        return fresh if wanted else None

    may_reply = may(Action.REPLY, policies.can_reply)
    may_close = may(Action.CLOSE_QUERY, policies.can_close_query)
    may_raise = may(Action.RAISE_QUERY, policies.can_raise_query)
    may_return = may(Action.RETURN, policies.can_return)
    queries = [
        held
        | {
            "form": form(Action.REPLY, held["open"] and (may_reply or may_close), query=held["query"]),
            "may_reply": may_reply,
            "may_close": may_close,
        }
        for held in queries_of(case)
    ]
    return {
        "queries": queries,
        "may_raise": may_raise,
        "may_return": may_return,
        "ask": form(Action.RAISE_QUERY, may_raise or may_return, initial={"question": request.GET.get("question", "")}),
        "back": form(Action.TAKE_BACK, may(Action.TAKE_BACK, policies.can_take_back)),
        **agreeing(request.user, case, access, unlocked),
    }


def agreeing(user, case, access, unlocked):
    """Return whether this person may agree the case now; where only the person or a query is in the way, also why not."""
    if not unlocked or not access.may(TABLE[Action.AGREE].permission) or case.state != CaseState.SUBMITTED:
        return {"may_agree": False, "why_not_agree": ""}
    try:
        policies.check_can_agree(case, user)
    except Refused as refusal:
        return {"may_agree": False, "why_not_agree": str(refusal)}
    return {"may_agree": True, "why_not_agree": ""}


def listed(case, revisions, changed):
    """Return what was changed after submission, or after the key question was answered, newest first."""
    earlier = {(revision.question, revision.version + 1): revision for revision in revisions}
    settled = after_key_question(case, revisions)
    entries = []
    for revision in reversed(revisions):
        reasons = [
            words
            for words, found in (("after submission", changed), ("after its key question was answered", settled))
            if revision in found
        ]
        if reasons:
            before = earlier.get((revision.question, revision.version))
            url = form_url(case, case.questions[revision.question])
            because = f"Changed {' and '.join(reasons)}"
            entries.append(answer_entry(case, revision, before) | {"because": because, "url": url})
    return entries


def pages(case, changed):
    """Return the facts and key questions of each page with their answers, and which were `changed` after submission."""
    rows = {row.question: row for row in case.answers.select_related("answered_by")}
    return [
        {
            "title": f"{page.standard.code} {case.inspection.worded(page.standard.title)}",
            "standard": page.standard.code,
            "questions": [
                answered(case, question, rows[question.code])
                | {
                    "name": question.code if question.kind == "rated" else case.inspection.worded(question.text),
                    "changed": question.code in changed,
                    "url": form_url(case, question),
                }
                for question in (*page.facts, *(part.key_question for part in page.parts))
            ],
        }
        for page in pages_of(case.document, case.sample).values()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def reviews(request, inspection):
    """Show how far the review of an inspection has come; draw a dip sample."""
    drawing = request.method == "POST"
    permission = Permission.DRAW_SAMPLES if drawing else Permission.VIEW_CASES
    inspection, access = get_inspection(request.user, inspection, permission, shows="the reviews")
    form = DrawForm(request.POST if drawing else None)
    if drawing and form.is_valid():
        try:
            drawn = draw_dip_sample(inspection=inspection, by=request.user, size=form.cleaned_data["size"])
        except Refused as refusal:
            form.add_error("size", str(refusal))
        else:
            messages.success(request, f"Drawn: {', '.join(case.reference for case in drawn)}.")
            return redirect("cases:reviews", inspection.public_id)
    cases = list(Case.objects.filter(inspection=inspection).select_related("allocated_to"))
    queries = open_queries_in(inspection)
    context = inspection_frame(inspection, access) | {
        "page_title": "Reviews",
        "part": "reviews",
        "states": by_state([case for case in cases if not case.excluded_reason], queries, changes_by_case(inspection)),
        "queries": queries,
        "dip_samples": dip_samples(inspection, cases),
        "may_draw": access.may(Permission.DRAW_SAMPLES) and takes_answers(inspection.lifecycle.state),
        "form": form,
    }
    return render(request, "cases/reviews.html", context, status=400 if drawing else 200)


def inspection_frame(inspection, access):
    """Return the context that the pages about the cases of an inspection share."""
    return {
        "inspection": inspection,
        "access": access,
        "person_role": access.role.label,
        "navigation": "inspections",
        "caption": inspection.service.name,
        "back_url": reverse("cases:list", args=[inspection.public_id]),
        "back_text": "All cases",
        "annex_name": inspection.worded("{annex} 2" if "annex" in inspection.document.default_terms else "Annex 2"),
    }


def by_state(cases, queries, changes):
    """Return the states of cases, each with its cases, their open queries and what was changed after submission."""
    waiting = Counter(held["case"].pk for held in queries)
    return [
        {
            "label": state.label,
            "rows": [
                {"case": case, "queries": waiting[case.pk], "changes": changes.get(case.pk, 0)}
                for case in cases
                if case.state == state
            ],
        }
        for state in STATES
    ]


def changes_by_case(inspection):
    """Return by case how many of its answers were changed after it was submitted for the first time."""
    submitted = CaseRevision.objects.filter(case=OuterRef("case"), state=CaseState.SUBMITTED).order_by("sequence")
    return dict(
        AnswerRevision.objects.filter(
            case__inspection=inspection, sequence__gt=Subquery(submitted.values("sequence")[:1])
        )
        .values_list("case")
        .annotate(count=Count("question", distinct=True))
        .order_by()
    )


def dip_samples(inspection, cases):
    """Return the dip samples drawn in an inspection from the audit record, newest first."""
    by_id = {str(case.public_id): case for case in cases}
    events = Event.objects.filter(inspection=str(inspection.public_id), action=DRAWN).order_by("-pk")
    return [
        {
            "event": event,
            "count": len(event.detail["from"]),
            "cases": [
                {"case": case, "state": state_tag(case)} for case in map(by_id.get, event.detail["drawn"]) if case
            ],
        }
        for event in events
    ]
