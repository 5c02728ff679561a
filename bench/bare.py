"""The addresses of the product and two more, for comparison: what its pages show, as plain as Django does it."""

import json

from django import forms
from django.shortcuts import render
from django.urls import include, path

from accounts.permissions import Permission
from cases.access import get_case
from cases.models import Source
from cases.pages import pages_of
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


class BareForm(forms.Form):
    """A page of the case form with Django's own widgets: the same fields under the same names, and nothing around them."""

    def __init__(self, case, page, rows):
        super().__init__()
        worded = case.inspection.worded
        for question in page.questions.values():
            code, row = question.code, rows[question.code]
            held = {"version": forms.IntegerField(initial=row.version, widget=forms.HiddenInput)}
            options = [(option.code, worded(option.label)) for option in question.options]
            label, text = worded(question.text), {"required": False, "widget": forms.Textarea(attrs={"rows": 3})}
            if question.kind == "text":
                held["answer"] = forms.CharField(label=label, initial=row.value, **text)
            elif question.kind == "choices":
                held["answer"] = forms.MultipleChoiceField(
                    label=label,
                    initial=json.loads(row.value or "[]"),
                    choices=options,
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )
            else:
                held["answer"] = forms.ChoiceField(
                    label=label,
                    initial=row.value,
                    choices=[*options, ("", "Clear this answer")],
                    required=False,
                    widget=forms.RadioSelect,
                )
            if question.kind == "rated":
                held["reason"] = forms.CharField(label="Why is it not applicable?", initial=row.reason, **text)
            if question.role == "fact" and row.value is not None:
                held["change_reason"] = forms.CharField(label="If you change this answer, why?", **text)
            if question.kind != "text" or row.note:
                held["note"] = forms.CharField(label="Note", initial=row.note, **text)
                if question.role != "case_question":
                    held["source"] = forms.ChoiceField(
                        label="Where the evidence came from",
                        initial=row.source,
                        choices=[("", "Not said"), *Source.choices],
                        required=False,
                    )
                    held["at_interview"] = forms.BooleanField(
                        label="Ask at interview", initial=row.at_interview, required=False
                    )
            self.fields |= {f"{name}-{code}": field for name, field in held.items()}


def bare_form(request, case, standard):
    """Show a page of the case form to those who may answer it."""
    case, _ = get_case(request.user, case, Permission.ANSWER_CASES)
    rows = {row.question: row for row in case.answers.select_related("answered_by")}
    form = BareForm(case, pages_of(case.document, case.sample)[standard], rows)
    return render(request, "bare_form.html", {"case": case, "form": form})


urlpatterns = [
    path("bare/<uuid:inspection>/", bare, name="bare"),
    path("bare/<uuid:case>/<str:standard>/", bare_form, name="bare_form"),
    path("", include("config.urls")),
]
