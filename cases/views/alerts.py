"""The individual alerts of an inspection."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.alerts import alerts_of
from cases.models import Answer
from cases.pages import answer_in_words
from cases.queries import about, form_url
from cases.review_forms import TextForm
from cases.reviews import resolve_alert
from cases.views.reviews import inspection_frame
from inspections.access import get_inspection
from inspections.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request, inspection):
    """Show the alerts of an inspection, the open ones first; settle one."""
    settling = request.method == "POST"
    permission = Permission.RESOLVE_ALERTS if settling else Permission.VIEW_CASES
    inspection, access = get_inspection(request.user, inspection, permission, shows="the individual alerts")
    posted = None
    if settling:
        alert = posted_alert(request, inspection)
        posted = form_of(alert, request.POST)
        posted.full_clean()
        try:
            resolve_alert(alert=alert, by=request.user, text=posted.cleaned_data["text"])
        except Refused as refusal:
            posted.add_error("text", str(refusal))
        else:
            messages.success(request, "The alert is settled.")
            return redirect("cases:alerts", inspection.public_id)
    shown = shown_alerts(inspection, access.may(Permission.RESOLVE_ALERTS), posted)
    context = inspection_frame(inspection, access) | {
        "page_title": "Individual alerts",
        "part": "alerts",
        "open": [held for held in shown if not held["resolution"]],
        "settled": [held for held in shown if held["resolution"]],
        "form": posted,
    }
    return render(request, "cases/alerts.html", context, status=400 if settling else 200)


def posted_alert(request, inspection):
    """Return the alert that was posted. Raises Http404."""
    try:
        command = uuid.UUID(request.POST.get("alert", ""))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(alerts_of(inspection).select_related("case"), command_id=command)


def form_of(alert, data=None):
    """Return the form that settles an alert."""
    return TextForm(data, prefix=f"alert-{alert.command_id}", label="What was done about it?")


def shown_alerts(inspection, may_settle, posted):
    """Return the alerts of an inspection as the page shows them, newest first: the answer then, and as it stands now."""
    found = list(alerts_of(inspection).select_related("case", "by", "resolution__by").order_by("-pk"))
    standing = {
        (answer.case_id, answer.question): answer
        for answer in Answer.objects.filter(
            case__in={alert.case_id for alert in found}, question__in={alert.question for alert in found}
        ).select_related("answered_by")
    }
    shown = []
    for alert in found:
        alert.case.inspection = inspection
        question = alert.case.questions[alert.question]
        now = standing[alert.case_id, alert.question]
        resolution = getattr(alert, "resolution", None)
        form = posted if posted and posted.prefix == form_of(alert).prefix else None
        shown.append(
            {
                "alert": alert,
                "about": about(alert.case, question),
                "answer": answer_in_words(alert.case, question, alert.value),
                "now": now if now.value != alert.value else None,
                "now_answer": answer_in_words(alert.case, question, now.value),
                "url": form_url(alert.case, question),
                "resolution": resolution,
                "form": form or (form_of(alert) if may_settle and not resolution else None),
            }
        )
    return shown
