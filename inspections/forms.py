"""The forms of organisational delivery. What is missing in them is said by the writers, in `inspections.evidence`."""

import re

from crispy_forms.helper import FormHelper
from django import forms

from govuk.layout import Field, Fieldset, Layout
from govuk.widgets import DateInput
from inspections.delivery import BEARINGS, EvidenceGiven, FindingGiven, judged_standards
from inspections.models import EvidenceKind, FindingKind, Surveyed
from inspections.shown import met_in_words

ROLE_MET = re.compile(r"(\d{1,4})\s+(\S.*)")


def text_area(label, *, rows=3, **more):
    """Return a text field that may be empty and keeps its line breaks."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(required=False, label=label, strip=False, widget=area, **more)


def text_input(label, **more):
    """Return a text of one line that may be empty."""
    return forms.CharField(required=False, label=label, **more)


def date_field(label, **more):
    """Return a date that may be empty."""
    wrong = {"invalid": f"{label}: enter a day that there is, such as 27 3 2026."}
    return forms.DateField(required=False, label=label, widget=DateInput(), error_messages=wrong, **more)


def number_field(label, **more):
    """Return a whole number that may be empty."""
    wrong = {"invalid": f"{label} Enter a whole number, such as 12."}
    return forms.IntegerField(required=False, label=label, error_messages=wrong, **more)


class PartsForm(forms.Form):
    """A form whose `<form>` the template writes, so that the version it is based on stands beside its fields."""

    def layout(self):
        """Return the contents of the layout."""
        return list(self.fields)

    @property
    def helper(self):
        """How crispy lays the fields out."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*self.layout())
        return helper


class EvidenceForm(PartsForm):
    """A piece of evidence."""

    kind = forms.ChoiceField(
        required=False, label="What kind of evidence is it?", choices=EvidenceKind.choices, widget=forms.RadioSelect
    )
    supplier = text_input("Who supplied the data?")
    as_at = date_field("As at which date does the data stand?")
    surveyed = forms.ChoiceField(
        required=False, label="Who was surveyed?", choices=[("", ""), *Surveyed.choices], widget=forms.Select
    )
    items = number_field("How many questions does the survey have?")
    responses = number_field("How many people answered it?")
    title = text_input("Title", help_text="Such as “Minutes of the board, January to March”. Name roles, not people.")
    date = date_field("Date", help_text="Of a meeting that is arranged ahead, the day for which it is arranged.")
    shows = text_area(
        "What does it show?", rows=6, help_text="Of a meeting that is arranged ahead, this can wait until it was held."
    )
    met = text_area("Who did you meet?", help_text="One role on each line, such as “6 case managers”. No names.")
    held = number_field(
        "How many meetings, focus groups, interviews or observations does this entry stand for?",
        help_text="1, unless you write down several of one kind together. They are counted for the report.",
    )

    def __init__(self, *args, inspection, **kwargs):
        self.inspection = inspection
        super().__init__(*args, **kwargs)
        choices = [("", "Does not bear on it"), *BEARINGS.items()]
        for standard in judged_standards(inspection.document).values():
            for question in standard.key_questions:
                label = f"{question.code} {inspection.worded(question.text)}"
                self.fields[f"bears_on_{question.code}"] = forms.ChoiceField(
                    required=False, label=label, choices=choices
                )

    def layout(self):
        """Return the fields, those of one kind only under that kind, and the key questions by standard."""
        reveal = {
            EvidenceKind.DATA_RETURN: ["supplier", "as_at"],
            EvidenceKind.SURVEY: ["surveyed", "items", "responses"],
        }
        for name in ("items", "responses", "held"):
            self.fields[name].govuk = {"classes": "govuk-input--width-4"}
        bearings = [
            Fieldset(
                f"{standard.code} {self.inspection.worded(standard.title)}",
                *(f"bears_on_{question.code}" for question in standard.key_questions),
                size="s",
            )
            for standard in judged_standards(self.inspection.document).values()
        ]
        return [
            Field("kind", size="m", reveal=reveal),
            Field("title", size="m"),
            Field("date", size="m"),
            Field("shows", size="m"),
            Field("met", size="m"),
            Field("held", size="m"),
            Fieldset("Which key questions does it bear on, and which way does it speak?", *bearings),
        ]

    def clean_met(self):
        """Return who was met as [how many, role]."""
        met = []
        for line in self.cleaned_data["met"].splitlines():
            if line.strip():
                read = ROLE_MET.fullmatch(line.strip())
                if not read:
                    raise forms.ValidationError(
                        f"“{line.strip()[:60]}” does not begin with a number. Write one role on each line, with the number "
                        "of people first, such as “6 case managers”."
                    )
                met.append([int(read[1]), read[2].strip()])
        return met

    def given(self):
        """Return what was given, from a form that can be read."""
        data = self.cleaned_data
        bears_on = {
            name.removeprefix("bears_on_"): value
            for name, value in data.items()
            if name.startswith("bears_on_") and value
        }
        parts = {name: value for name, value in data.items() if not name.startswith("bears_on_")}
        return EvidenceGiven(**parts, bears_on=bears_on)

    @classmethod
    def initial_of(cls, evidence):
        """Return the values of the fields for a piece of evidence as it stands."""
        names = [name for name in cls.base_fields if name != "met"]
        return {
            **{name: getattr(evidence, name) for name in names},
            "met": met_in_words(evidence.met),
            **{f"bears_on_{code}": bearing for code, bearing in evidence.bears_on.items()},
        }


class FindingForm(PartsForm):
    """A strength, an area for improvement or an example of good practice."""

    kind = forms.ChoiceField(
        required=False, label="What kind of finding is it?", choices=FindingKind.choices, widget=forms.RadioSelect
    )
    text = text_area("What did you find?", rows=5, help_text="Written once: the report takes it from here.")

    def __init__(self, *args, inspection, evidence, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["key_questions"] = forms.MultipleChoiceField(
            required=False,
            label="Which key questions does it bear on?",
            choices=[
                (question.code, f"{question.code} {inspection.worded(question.text)}")
                for standard in judged_standards(inspection.document).values()
                for question in standard.key_questions
            ],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["evidence"] = forms.TypedMultipleChoiceField(
            required=False,
            label="Which evidence does it rest on?",
            choices=[(held.number, f"E{held.number} {held.title}") for held in evidence],
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
        )
        for name in ("key_questions", "evidence"):
            self.fields[name].govuk = {"classes": "govuk-checkboxes--small"}

    def layout(self):
        """Return the fields; that of the evidence only where there is any."""
        names = ["kind", "text", "key_questions", *(["evidence"] if self.fields["evidence"].choices else [])]
        return [Field(name, size="m") for name in names]

    def given(self):
        """Return what was given, from a form that can be read."""
        data = self.cleaned_data
        return FindingGiven(data["kind"], data["text"], tuple(data["key_questions"]), tuple(data["evidence"]))

    @staticmethod
    def initial_of(finding):
        """Return the values of the fields for a finding as it stands."""
        return {
            "kind": finding.kind,
            "text": finding.text,
            "key_questions": finding.key_questions,
            "evidence": [held.number for held in finding.evidence.all()],
        }


class PassageForm(PartsForm):
    """One text about one subject."""

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"] = text_area(label, rows=12)
        self.fields["text"].govuk = {"label": {"classes": "govuk-label--m"}}


class RatingForm(PartsForm):
    """The rating of a judged standard, with its rationale."""

    def __init__(self, *args, inspection, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rating"] = forms.ChoiceField(
            required=False,
            label="Rating",
            choices=[(band.code, band.label) for band in inspection.document.bands],
            widget=forms.RadioSelect,
        )
        self.fields["rationale"] = text_area("Why is it rated so?", rows=6)


class ReasonForm(PartsForm):
    """One reason."""

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"] = text_area(label)
