"""Provisional percentages: opening them, who opened which, and what one opening showed."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from inspections.access import get_inspection, require
from inspections.errors import Refused
from ratings.exports.printed import percent_text
from ratings.opening_forms import ProvisionalForm
from ratings.openings import open_provisional
from ratings.policies import can_open_provisional, hidden_domains, progress_of
from ratings.views.figures import moment, page


@require_http_methods(["GET", "HEAD", "POST"])
def provisional(request, inspection):
    """Show who opened provisional percentages and, to who may, the form that opens them; or open them."""
    inspection, access = get_inspection(request.user, inspection)
    if request.method == "POST":
        require(access, Permission.OPEN_PROVISIONAL)
    progress = progress_of(inspection)
    domains = [domain for domain in inspection.document.domains if can_open_provisional(inspection, progress, domain)]
    form = None
    if access.may(Permission.OPEN_PROVISIONAL):
        choices = [
            (domain.code, f"{_name(inspection, domain)}: {held.finished} of {held.cases} cases submitted")
            for domain, held in ((domain, progress[domain.sample]) for domain in domains)
        ]
        form = ProvisionalForm(request.POST or None, domains=choices) if domains else None
    if request.method == "POST" and form and form.is_valid():
        try:
            opening = open_provisional(
                inspection=inspection,
                domain=find_domain(inspection, form.cleaned_data["domain"]),
                reason=form.cleaned_data["reason"],
                by=request.user,
            )
        except Refused as refusal:
            form.add_error("reason", str(refusal))
        else:
            return redirect("ratings:provisional_opening", inspection.public_id, opening.public_id)
    return render(
        request,
        "ratings/provisional.html",
        page(
            inspection,
            access,
            page_title="Provisional percentages",
            back_url=reverse("ratings:results", args=[inspection.public_id]),
            back_text="Results",
            part="results",
            is_below_part=True,
            form=form,
            may_open=access.may(Permission.OPEN_PROVISIONAL),
            nothing_to_open=_nothing_to_open(inspection, progress),
            openings=[
                (held, _name(inspection, find_domain(inspection, held.domain)))
                for held in inspection.provisional_openings.select_related("by").order_by("-id")
            ],
        ),
        status=400 if request.method == "POST" else 200,
    )


def _nothing_to_open(inspection, progress):
    if hidden_domains(inspection, progress):
        return "No case of a hidden domain is submitted yet, so there is nothing to open."
    return "No figures of this inspection are hidden, so there is nothing provisional to open."


@require_safe
def provisional_opening(request, inspection, opening):
    """Show the percentages of one opening to the person who asked for them. Everybody else makes an opening of their own."""
    inspection, access = get_inspection(request.user, inspection, Permission.OPEN_PROVISIONAL)
    opening = get_object_or_404(
        inspection.provisional_openings.select_related("by"), public_id=opening, by=request.user
    )
    domain = find_domain(inspection, opening.domain)
    return render(
        request,
        "ratings/provisional_opening.html",
        page(
            inspection,
            access,
            page_title=f"Provisional percentages of {_name(inspection, domain)}",
            back_url=reverse("ratings:provisional", args=[inspection.public_id]),
            back_text="Provisional percentages",
            part="results",
            is_below_part=True,
            opening=opening,
            at=moment(opening.at),
            standards=[
                (
                    f"{standard.code} {inspection.worded(standard.title)}",
                    [
                        (
                            f"{question.code} {inspection.worded(question.text)}",
                            percent_text(opening.percentages[question.code]),
                        )
                        for question in standard.key_questions
                    ],
                )
                for standard in domain.standards
                if standard.method == "percentage"
            ],
        ),
    )


def find_domain(inspection, code):
    """Return the domain of that code that is rated from cases. Raises Http404."""
    for domain in inspection.document.domains:
        if domain.code == code and domain.sample:
            return domain
    raise Http404


def _name(inspection, domain):
    return f"{domain.code}. {inspection.worded(domain.title)}"
