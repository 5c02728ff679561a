"""What is arranged for a case: its interview, and that there is no file."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.access import get_case
from cases.arrangement_forms import FileForm, InterviewForm
from cases.arrangements import arrange_interview, say_no_file
from cases.views.frame import frame
from inspections.views.frame import attempt, why_closed

DONE = {"interview": "The interview is saved.", "file": "What is known of the file is saved."}


@require_http_methods(["GET", "HEAD", "POST"])
def arrangements(request, case):
    """Show when the interview is and whether there is a file; change one of them."""
    case, access = get_case(request.user, case, Permission.ANSWER_CASES)
    do, tried = "", None
    forms = forms_of(case)
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do not in DONE:
            raise Http404
        forms |= forms_of(case, do, request.POST)
        tried = act(case, do, forms[do], request.POST.get("was", ""), request.user)
        if tried.ok:
            messages.success(request, DONE[do])
            return redirect("cases:case", case.public_id)
        case.refresh_from_db(fields=["interview_at", "no_file_because", "excluded_reason"])
    closed = why_closed(case.inspection) or (
        "This case is excluded from the sample, so nothing is arranged for it." if case.excluded_reason else ""
    )
    context = frame(case, access) | {
        "page_title": "Interview and file",
        "closed": closed,
        "forms": forms,
        "form": forms.get(do),
        "shows_forms": not closed or do,
        "back_url": reverse("cases:case", args=[case.public_id]),
        "back_text": f"Back to case {case.reference}",
    }
    return render(request, "cases/arrangements.html", context, status=tried.status if tried else 200)


def forms_of(case, only="", data=None):
    """Return the forms by what they do; with `only` that one, holding what was posted."""
    if only:
        return {only: (InterviewForm if only == "interview" else FileForm)(data)}
    return {
        "interview": InterviewForm(initial=InterviewForm.initial_of(case)),
        "file": FileForm(initial={"because": case.no_file_because}),
    }


def act(case, do, form, was, by):
    """Do one thing and return the `Attempt`."""
    if do == "interview":
        return attempt(form, lambda: arrange_interview(case=case, at=form.at(), was=moment(was), by=by))
    return attempt(
        form,
        lambda: say_no_file(case=case, because=plain(form.cleaned_data["because"]), was=plain(was), by=by),
    )


def plain(text):
    """Return a text with its line breaks as they are stored: browsers send theirs, and what was seen is compared."""
    return text.replace("\r\n", "\n")


def moment(text):
    """Return the moment that a form was made with; None where there was none, or none can be read."""
    try:
        return parse_datetime(text)
    except ValueError:
        return None
