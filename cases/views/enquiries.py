"""Lines of enquiry of an inspection, and the further enquiries on a case."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from cases import enquiries as writers
from cases.access import get_case
from cases.enquiry_forms import ConclusionForm, DecisionForm, EnquiryForm, LineForm, LinkForm, MeetingForm
from cases.models import LineOfEnquiry
from cases.views.frame import frame as case_frame
from inspections.access import get_inspection, require
from inspections.models import Membership
from inspections.policies import check_takes_answers
from inspections.shown import revisions_of
from inspections.views.frame import Attempt, attempt, base_of, frame, may, why_closed


def lines_of(inspection, user, access):
    """Return the lines of enquiry that a person sees: all, or where their role shows them cases of their own, theirs."""
    found = LineOfEnquiry.objects.filter(inspection=inspection)
    return found.filter(assigned=user) if access.role.own_cases_only else found


@require_safe
def lines(request, inspection):
    """Show the lines of enquiry of an inspection, the open ones first, and which of them have no meeting."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_EVIDENCE)
    found = list(
        lines_of(inspection, request.user, access)
        .prefetch_related("cases", "assigned")
        .annotate(met=Count("meetings", filter=Q(meetings__withdrawn_because=""), distinct=True))
    )
    context = frame(
        inspection,
        access,
        page_title="Lines of enquiry",
        part="lines",
        groups=[
            (heading, held)
            for heading, held in (
                ("Open", [line for line in found if not line.closed]),
                ("Closed", [line for line in found if line.closed]),
            )
            if held
        ],
        may_direct=may(access, Permission.DIRECT_ENQUIRIES, inspection),
        theirs_only=access.role.own_cases_only,
    )
    return render(request, "cases/lines.html", context)


def role_labels(inspection):
    """Return what each person of the team is in the inspection, by key: "Partner inspector (health)"."""
    return {held.user_id: held.role_label for held in Membership.objects.filter(inspection=inspection)}


def people_choices(inspection, line=None):
    """Return who may follow a line of enquiry, and who follows it already, as [(key, name with role)]."""
    labels = role_labels(inspection)
    people = {held.pk: held for held in [*writers.who_may_follow(inspection), *(line.assigned.all() if line else ())]}
    return [
        (pk, f"{held.name}, {labels[pk].lower()}" if pk in labels else f"{held.name}, not in the team any more")
        for pk, held in people.items()
    ]


def below(inspection, access, **context):
    """Return the context of a page that stands below the lines of enquiry."""
    above = {
        "part": "lines",
        "is_below_part": True,
        "back_url": reverse("cases:lines", args=[inspection.public_id]),
        "back_text": "Back to the lines of enquiry",
    }
    return frame(inspection, access, **above | context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_line(request, inspection):
    """Set up a line of enquiry."""
    inspection, access = get_inspection(request.user, inspection, Permission.DIRECT_ENQUIRIES)
    tried, people = None, people_choices(inspection)
    if request.method == "POST":
        form = LineForm(request.POST, people=people)
        tried = attempt(form, lambda: writers.add_line(inspection=inspection, given=form.given(), by=request.user))
        if tried.ok:
            messages.success(request, f"L{tried.done.number} is open.")
            return redirect("cases:line", inspection.public_id, tried.done.public_id)
    else:
        form = LineForm(people=people)
    context = below(inspection, access, page_title="Add a line of enquiry", button="Add this line of enquiry")
    return show_setting_up(request, inspection, access, context, form, tried)


def show_setting_up(request, inspection, access, context, form, tried, line=None):
    """Show the form that sets a line of enquiry up; where somebody else wrote meanwhile, theirs beside what was typed."""
    context |= {
        "form": form,
        "base": line.version if line else None,
        "theirs": line_rows(line.as_content) if tried and tried.stale else (),
        "shows_form": may(access, Permission.DIRECT_ENQUIRIES, inspection) or tried,
    }
    return render(request, "inspections/entry_form.html", context, status=tried.status if tried else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_line(request, inspection, line):
    """Change the question of a line of enquiry, its cases, or who follows it."""
    inspection, access = get_inspection(request.user, inspection, Permission.DIRECT_ENQUIRIES)
    held, tried = get_line(request, inspection, access, line), None
    people = people_choices(inspection, held)
    if request.method == "POST":
        form = LineForm(request.POST, people=people)
        tried = attempt(
            form, lambda: writers.change_line(line=held, given=form.given(), base=base_of(request), by=request.user)
        )
        if tried.ok:
            messages.success(request, f"L{held.number} is saved.")
            return redirect("cases:line", inspection.public_id, held.public_id)
        held = get_line(request, inspection, access, line)
    else:
        form = LineForm(initial=LineForm.initial_of(held), people=people)
    context = below(
        inspection,
        access,
        page_title=f"Change L{held.number}",
        button="Save",
        back_url=reverse("cases:line", args=[inspection.public_id, held.public_id]),
        back_text=f"Back to L{held.number}",
    )
    return show_setting_up(request, inspection, access, context, form, tried, held)


def get_line(request, inspection, access, public_id):
    """Return a line of enquiry with whoever changed it last. Raises Http404 where there is none that the person sees."""
    found = lines_of(inspection, request.user, access).select_related("changed_by")
    line = get_object_or_404(found.prefetch_related("cases", "assigned", "meetings"), public_id=public_id)
    line.inspection = inspection
    return line


@require_http_methods(["GET", "HEAD", "POST"])
def line(request, inspection, line):
    """Show a line of enquiry; conclude it, or write down a meeting on it."""
    posting = request.method == "POST"
    inspection, access = get_inspection(
        request.user, inspection, Permission.RECORD_EVIDENCE if posting else Permission.VIEW_EVIDENCE
    )
    held = get_line(request, inspection, access, line)
    do, tried = request.POST.get("do", "") if posting else "", None
    if posting and do not in ("conclude", "meeting", "link"):
        raise Http404
    forms = forms_of(held, request.POST if posting else None, do)
    if posting:
        tried = act(do, held, forms[do], base_of(request), request.user)
        if tried.ok:
            messages.success(request, f"L{held.number} is saved.")
            return redirect("cases:line", inspection.public_id, held.public_id)
        held = get_line(request, inspection, access, line)
    labels = role_labels(inspection)
    context = below(
        inspection,
        access,
        page_title=f"Line of enquiry L{held.number}",
        line=held,
        followers=[(person.name, labels.get(person.pk, "")) for person in held.assigned.all()],
        revisions=revisions_of(held, line_rows),
        enquiries=held.enquiries.select_related("by", "case", "decision__by").order_by("pk"),
        forms=forms,
        form=forms.get(do),
        do=do,
        base=held.version,
        theirs=line_rows(held.as_content) if tried and tried.stale else (),
        may_record=may(access, Permission.RECORD_EVIDENCE, inspection),
        may_direct=may(access, Permission.DIRECT_ENQUIRIES, inspection),
    )
    return render(request, "cases/line.html", context, status=tried.status if tried else 200)


def forms_of(line, data, do):
    """Return the forms of a line's page by what they do; the one that was posted holds what was typed."""

    def given(name):
        return {"data": data} if do == name else {}

    meetings = list(writers.meetings_to_link(line))
    conclusion = given("conclude") or {"initial": ConclusionForm.initial_of(line)}
    return {
        "conclude": ConclusionForm(inspection=line.inspection, prefix="conclude", **conclusion),
        "meeting": MeetingForm(prefix="meeting", **given("meeting")),
        "link": LinkForm(meetings=meetings, prefix="link", **given("link")),
    }


def act(do, line, form, base, by) -> Attempt:
    """Do one thing to a line of enquiry and return what became of it."""
    actions = {
        "conclude": lambda: writers.conclude_line(line=line, base=base, by=by, **form.cleaned_data),
        "meeting": lambda: writers.arrange_meeting(line=line, given=form.given(), by=by),
        "link": lambda: writers.link_meeting(line=line, number=form.cleaned_data["meeting"], by=by),
    }
    return attempt(form, actions[do])


def line_rows(content):
    """Return what a line of enquiry says as [(label, text)], without what is empty."""
    rows = [
        ("Question", content["question"]),
        ("Cases", ", ".join(content["cases"])),
        ("Followed by", ", ".join(content["assigned"])),
        ("Meetings", ", ".join(f"E{number}" for number in content["meetings"])),
        ("Finding", content["finding"]),
        ("Key questions it informed", ", ".join(content["informed"])),
        ("State", "Closed" if content["closed"] else "Open"),
    ]
    return [row for row in rows if row[1]]


@require_http_methods(["GET", "HEAD", "POST"])
def enquiries(request, case):
    """Show the further enquiries on a case; add one, or decide what becomes of one."""
    case, access = get_case(request.user, case, Permission.VIEW_CASES)
    do, tried, posted = request.POST.get("do", ""), None, None
    lines = list(LineOfEnquiry.objects.filter(cases=case, assigned=request.user, closed=False))
    if request.method == "POST":
        if do not in ("add", "decide"):
            raise Http404
        require(access, Permission.ADD_ENQUIRY if do == "add" else Permission.ANSWER_CASES)
        posted, tried = add(request, case, lines) if do == "add" else decide(request, case, access)
        if tried.ok:
            messages.success(request, "The enquiry is kept." if do == "add" else "The decision is kept.")
            return redirect("cases:enquiries", case.public_id)
    return render(
        request,
        "cases/enquiries.html",
        enquiries_context(request, case, access, lines, posted),
        status=tried.status if tried else 200,
    )


def add(request, case, lines):
    """Add a further enquiry as it was posted; return the form, and what became of it."""
    form = EnquiryForm(request.POST, lines=lines)
    return form, attempt(
        form,
        lambda: writers.add_enquiry(case=case, line=form.line(), text=form.cleaned_data["text"], by=request.user),
    )


def decide(request, case, access):
    """Decide on a further enquiry as it was posted; return the form, and what became of it."""
    key = request.POST.get("enquiry", "")
    enquiry = get_object_or_404(case.enquiries, pk=key if key.isdecimal() and len(key) < 19 else None)
    enquiry.case = case
    form = DecisionForm(request.POST, prefix=f"enquiry-{enquiry.pk}")
    return form, attempt(
        form,
        lambda: writers.decide_enquiry(
            enquiry=enquiry, by=request.user, leads=access.may(Permission.DECIDE_HELD), **form.cleaned_data
        ),
    )


def enquiries_context(request, case, access, lines, posted):
    """Return what the page of a case's further enquiries shows, and on it the form that was posted and refused."""
    closed = why_closed(case.inspection, check_takes_answers) or (
        "This case is excluded from the sample, so no enquiry is made on it." if case.excluded_reason else ""
    )
    decides = (
        not closed
        and access.may(Permission.ANSWER_CASES)
        and (case.allocated_to_id in (None, request.user.pk) or access.may(Permission.DECIDE_HELD))
    )
    labels = role_labels(case.inspection)
    seen = {held.pk for held in lines_of(case.inspection, request.user, access)} if access.may_view_evidence else set()
    shown = []
    for enquiry in case.enquiries.select_related("by", "line", "decision__by").order_by("pk"):
        prefix = f"enquiry-{enquiry.pk}"
        decision = getattr(enquiry, "decision", None)
        form = posted if posted is not None and posted.prefix == prefix else None
        shown.append(
            {
                "enquiry": enquiry,
                "role": labels.get(enquiry.by_id, ""),
                "line_url": reverse("cases:line", args=[case.inspection.public_id, enquiry.line.public_id])
                if enquiry.line_id in seen
                else "",
                "decision": decision,
                "form": form or (DecisionForm(prefix=prefix) if decides and not decision else None),
            }
        )
    adds = not closed and access.may(Permission.ADD_ENQUIRY)
    return case_frame(case, access) | {
        "page_title": "Further enquiries",
        "closed": closed,
        "enquiries": shown,
        "add": posted if isinstance(posted, EnquiryForm) else (EnquiryForm(lines=lines) if adds else None),
        "form": posted,
        "back_url": reverse("cases:case", args=[case.public_id]),
        "back_text": f"Back to case {case.reference}",
    }
