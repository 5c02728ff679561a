"""The forms of a table of answers: the file, and what is to be done where answers stand that differ."""

from django import forms

from cases.bulk.reading import opened
from cases.caseload.reading import MOST_BYTES
from govuk.layout import Field
from inspections.errors import Refused
from inspections.forms import PartsForm, text_area


class FileForm(PartsForm):
    """A file. After validation `table` is what was read."""

    file = forms.FileField(
        label="The table of answers",
        help_text="CSV, .xlsx or .ods, at most 20 MB.",
        allow_empty_file=True,  # reading it says so
        error_messages={"required": "Choose the file with the table of answers."},
    )
    table = None

    def clean_file(self):
        """Read the file."""
        try:
            self.table = opened(self.cleaned_data["file"].read(MOST_BYTES + 1))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None


class ConfirmForm(PartsForm):
    """Whether answers that stand are replaced, and why; nothing where `replaced`, how many there are, is 0."""

    def __init__(self, *args, replaced, **kwargs):
        super().__init__(*args, **kwargs)
        if replaced:
            words = "the answer that stands" if replaced == 1 else f"the {replaced:,} answers that stand"
            self.fields["replace"] = forms.BooleanField(required=False, label=f"Replace {words}")
            self.fields["because"] = text_area(
                "Why?", help_text="Stands with each answer that is replaced, and in the audit record."
            )

    def layout(self):
        """Return the fields, the reason beneath its choice."""
        return [Field("replace", reveal={"on": "because"})] if "replace" in self.fields else []

    @property
    def because(self):
        """Why answers are replaced, from a form that was read; "" where they are not to be, or nobody says why."""
        held = self.cleaned_data
        return held["because"].strip() if held.get("replace") else ""
