"""The programme: the ratings of all inspections beside each other, and taking them out."""

from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from govuk.templatetags.govuk import rating_tag
from inspections.errors import Refused
from inspections.views.paging import pagination
from ratings.exporting.actions import ask_export
from ratings.exporting.kinds import PROGRAMME
from ratings.exports.printed import NOT_RATED, NOT_SHOWN
from ratings.policies import hidden_domains, progress_of_all
from ratings.programme.chosen import check_may_see, choices_among, programme_of
from ratings.programme.forms import ChosenForm, TakeOutForm

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def programme(request):
    """Show the programme, or have it taken out."""
    try:
        check_may_see(request.user)
    except Refused as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    everything = programme_of(request.user)
    choices = choices_among(everything)
    if request.method != "POST":
        return _show(request, everything, choices, ChosenForm(request.GET, choices), None)
    form = TakeOutForm(request.POST, choices)
    if form.is_valid():
        try:
            export = ask_export(
                kind=PROGRAMME,
                asked={"tables": list(form.tables), **form.chosen.as_data},
                format=form.cleaned_data["format"],
                by=request.user,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("ratings:my_export", export.public_id)
    return _show(request, everything, choices, ChosenForm(request.POST, choices), form)


def _show(request, everything, choices, chosen, form):
    valid = chosen.is_valid()
    asked = {name: chosen.data[name] for name in ChosenForm.base_fields if chosen.data.get(name)} if valid else {}
    found = chosen.chosen.among(everything) if valid else everything.none()
    inspections = found.select_related("service", "standards", "lifecycle", "sequence", "result").defer(
        "standards__content", "result__tallies"
    )
    shown = Paginator(inspections, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": "Programme",
        "navigation": "programme",
        "chosen": chosen,
        "words": chosen.chosen.words if valid else "",
        "chooses": bool(asked),
        "count": shown.paginator.count,
        "tables": _tables(list(shown)),
        "pagination": pagination(shown, asked),
        "form": form if form is not None or not valid else None,
        "take_out": form or TakeOutForm(None, choices) if valid else None,
    }
    if context["take_out"] and form is None:
        context["take_out"].initial = asked | {"contents": "figures", "format": "xlsx"}
    if not valid:
        context["form"] = chosen
    return render(request, "ratings/programme.html", context, status=400 if context["form"] else 200)


def _tables(shown):
    """Return a table for each standards document: its standards, and a row for each inspection. One query."""
    progress = progress_of_all([inspection for inspection in shown if not inspection.figures_open])
    tables = []
    for _, rated in groupby(shown, lambda inspection: inspection.standards_id):
        rated = list(rated)
        document = rated[0].document
        tables.append(
            {
                "title": f"{document.title}, version {document.version}"
                if hasattr(document, "title")
                else document.code,
                "standards": document.standards.values(),
                "rows": [_row(inspection, document, progress.get(inspection.pk, {})) for inspection in rated],
            }
        )
    return tables


def _row(inspection, document, progress):
    hidden = bool(hidden_domains(inspection, progress))
    result = getattr(inspection, "result", None)
    labels = {band.code: (band.label, step) for step, band in enumerate(document.bands, 1)}

    def tag(code):
        label, step = labels.get(code, (NOT_RATED, None))
        return rating_tag(label, step, len(labels))

    def rating(standard):
        if hidden and standard.method != "judgement":
            return rating_tag(NOT_SHOWN)
        return tag(result.standards[standard.code][1] if result else None)

    score, aside = "", ""
    if hidden:
        finished = sum(held.finished for held in progress.values())
        cases = sum(held.cases for held in progress.values())
        aside = f"{finished} of {cases} cases submitted"
    elif result is not None:
        score = "" if result.score is None else f"{result.score}/{document.maximum}"
        aside = "Being recomputed" if result.sequence < inspection.sequence.value else ""
    return {
        "inspection": inspection,
        "url": reverse("ratings:inspection", args=[inspection.public_id]),
        "state": inspection.lifecycle.get_state_display(),
        "score": score,
        "aside": aside,
        "overall": rating_tag(NOT_SHOWN) if hidden else tag(result.overall if result else None),
        "ratings": [rating(standard) for standard in document.standards.values()],
    }
