"""The forms of a table of answers: the file, and what is to be done where answers stand that differ."""

from django import forms
from django.core.validators import MaxLengthValidator

from cases.bulk.reading import opened
from cases.caseload.reading import MOST_BYTES
from govuk.layout import Field
from inspections.errors import Refused
from inspections.forms import PartsForm, text_area

LONGEST_REASON = 2_000  # characters


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
    """Whether answers that stand are replaced or left out, and why; nothing where there are none of either."""

    def __init__(self, *args, replaced, left_out=0, **kwargs):
        super().__init__(*args, **kwargs)
        words = []
        if replaced:
            words.append(
                "replace the answer that stands" if replaced == 1 else f"replace the {replaced:,} answers that stand"
            )
        if left_out:
            count = "answer" if left_out == 1 else f"{left_out:,} answers"
            words.append(f"leave out the {count} that would no longer be asked")
        if words:
            label = ", and ".join(words)
            self.fields["replace"] = forms.BooleanField(required=False, label=label[0].upper() + label[1:])
            which = "answer that is replaced"
            if left_out:
                which = f"{which}, each fact that leaves answers out" if replaced else "fact that leaves answers out"
            self.fields["because"] = text_area(
                "Why?",
                help_text=f"Stands with each {which}, and in the audit record.",
                # Said on the page, since a browser would cut what is typed without a word.
                validators=[MaxLengthValidator(LONGEST_REASON, "Write at most 2,000 characters.")],
            )

    def layout(self):
        """Return the fields, the reason beneath its choice."""
        return [Field("replace", reveal={"on": "because"})] if "replace" in self.fields else []

    @property
    def because(self):
        """Why answers are replaced, from a form that was read; "" where they are not to be, or nobody says why."""
        held = self.cleaned_data
        return held.get("because", "").strip() if held.get("replace") else ""
