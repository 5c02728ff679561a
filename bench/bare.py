"""The addresses of the product and one more: the figures of the results page as plain rows, for comparison."""

from django.shortcuts import render
from django.urls import include, path

from inspections.access import get_inspection
from ratings.models import Result
from ratings.scoring import Tally, band_of, percentage


def bare(request, inspection):
    """Show each standard's ratings, and the percentage, band and counts of each key question, to those with access."""
    inspection, _ = get_inspection(request.user, inspection)
    document = inspection.document
    result = Result.objects.get(inspection=inspection)
    labels = {band.code: band.label for band in document.bands} | {None: ""}
    rows = []
    for standard in document.standards.values():
        calculated, rating, _ = result.standards[standard.code]
        rows.append((standard.code, inspection.worded(standard.title), labels[calculated], labels[rating], ()))
        if standard.method == "judgement":
            continue
        for question in standard.key_questions:
            counts = result.tallies[question.code]
            tally = Tally(*counts)
            percent = percentage(tally.yes, tally.relevant)
            band = None if percent is None else band_of(document, percent)
            rows.append((question.code, inspection.worded(question.text), percent, labels[band], counts))
    return render(request, "bare.html", {"inspection": inspection, "result": result, "rows": rows})


urlpatterns = [path("bare/<uuid:inspection>/", bare, name="bare"), path("", include("config.urls"))]
