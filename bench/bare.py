"""The addresses of the product and one more: the figures of the results page as plain rows, for comparison."""

from django.shortcuts import render
from django.urls import include, path

from inspections.access import get_inspection
from ratings.models import Result
from ratings.scoring import Tally, band_of, percentage


def bare(request, inspection):
    """Show the percentage, the band and the counts of each key question. Signed-in people with access only."""
    inspection, _ = get_inspection(request.user, inspection)
    document = inspection.document
    result = Result.objects.get(inspection=inspection)
    rows = []
    for standard in document.standards.values():
        if standard.method == "judgement":
            continue
        for question in standard.key_questions:
            counts = result.tallies[question.code]
            tally = Tally(*counts)
            percent = percentage(tally.yes, tally.relevant)
            band = "" if percent is None else document.bands_by_code[band_of(document, percent)].label
            rows.append((question.code, question.text, percent, band, counts))
    return render(request, "bare.html", {"inspection": inspection, "result": result, "rows": rows})


urlpatterns = [path("bare/<uuid:inspection>/", bare, name="bare"), path("", include("config.urls"))]
