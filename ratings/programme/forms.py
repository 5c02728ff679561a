"""The forms of the programme page: which inspections are shown, and what is taken out."""

from crispy_forms.helper import FormHelper
from django import forms

from govuk.layout import Button, Buttons, Field, Layout
from inspections.errors import Refused
from ratings.programme.chosen import Chosen
from ratings.programme.tables import ANSWERS, FIGURES, TABLES
from ratings.programme.writing import FORMATS, check_wanted

CONTENTS = {"figures": FIGURES, "answers": (ANSWERS,), "both": TABLES}


class ChosenForm(forms.Form):
    """Which inspections are shown; each field has what there is, and "every"."""

    year = forms.TypedChoiceField(required=False, label="Fieldwork began in", coerce=int, empty_value=None)
    standards = forms.ChoiceField(required=False, label="Standards")
    state = forms.ChoiceField(required=False, label="State")

    def __init__(self, data, choices):
        super().__init__(data)
        self.fields["year"].choices = [("", "Every year"), *choices.years]
        self.fields["standards"].choices = [("", "Every version"), *choices.standards]
        self.fields["state"].choices = [("", "Every state"), *choices.states]

    @property
    def chosen(self):
        """The choice as `Chosen`. The form is valid."""
        return Chosen(**self.cleaned_data)

    @property
    def helper(self):
        """The layout."""
        helper = FormHelper()
        helper.form_method = "get"
        helper.layout = Layout(
            Field("year"), Field("standards"), Field("state"), Buttons(Button("Show these", kind="secondary"))
        )
        return helper


class TakeOutForm(ChosenForm):
    """What is taken out of the inspections that are shown, and as what."""

    contents = forms.ChoiceField(
        label="What do you want to take out?",
        choices=[
            ("figures", "Ratings and percentages"),
            ("answers", "Case answers"),
            ("both", "Both"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what you want to take out."},
    )
    format = forms.ChoiceField(
        label="As what?",
        choices=[(held.code, held.label) for held in FORMATS.values()],
        widget=forms.RadioSelect,
        error_messages={"required": "Select what kind of file you want."},
    )

    def __init__(self, data, choices):
        super().__init__(data, choices)
        for name in ChosenForm.base_fields:
            self.fields[name].widget = forms.HiddenInput()

    def clean(self):
        """Return the cleaned data. Refuses a format that does not hold what is wanted."""
        cleaned = super().clean()
        if "contents" in cleaned and "format" in cleaned:
            try:
                check_wanted(self.tables, cleaned["format"])
            except Refused as refusal:
                self.add_error("format", str(refusal))
        return cleaned

    @property
    def tables(self):
        """The tables that are wanted. The field is valid."""
        return CONTENTS[self.cleaned_data["contents"]]

    @property
    def chosen(self):
        """The choice as `Chosen`. The form is valid."""
        return Chosen(**{name: self.cleaned_data[name] for name in ChosenForm.base_fields})

    @property
    def helper(self):
        """The layout."""
        helper = FormHelper()
        hints = {
            "figures": "Three tables: inspections with their ratings, key questions and prompts with their counts",
            "answers": "A row for each answer of each case, under pseudonymous references; as CSV or JSON",
            "both": "All four tables; as CSV or JSON",
        }
        helper.layout = Layout(
            *ChosenForm.base_fields,
            Field("contents", size="s", hints=hints),
            Field("format", size="s", hints={"csv": "Several tables come as several files in a zip file"}),
            Buttons(Button("Make the file")),
        )
        return helper
