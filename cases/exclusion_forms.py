"""The forms of exclusions. What is missing in them is said by the writers, in `cases.excluding`."""

from django import forms

from cases.exclusions import WORDS, WORK_NOT_DONE, WORK_NOT_DONE_LABEL
from govuk.layout import Field, Fieldset
from inspections.forms import PartsForm, text_area

CHOICES = [*((reason.value, words.label) for reason, words in WORDS.items()), (WORK_NOT_DONE, WORK_NOT_DONE_LABEL)]
MEANINGS = {reason.value: words.means for reason, words in WORDS.items()}


class ReserveForm(PartsForm):
    """A form that may take a `reserve` in: a `cases.replacements.Reserve`, or None where there is none to take.

    `about` says what is known of it. Which one the person saw stands beside the fields, as `candidate`.
    """

    def __init__(self, *args, reserve=None, about="", **kwargs):
        super().__init__(*args, **kwargs)
        if reserve:
            self.fields["take"] = forms.BooleanField(
                required=False,
                initial=True,
                label=f"Take case {reserve.candidate.reference} into the sample in its place",
                help_text=f"{about} It can be taken later too.",
            )


class ExclusionForm(ReserveForm):
    """Why a case should leave the sample."""

    reason = forms.ChoiceField(
        required=False,
        label="Why should this case leave the sample?",
        choices=CHOICES,
        widget=forms.RadioSelect,
    )
    words = text_area(
        "What did you find?",
        rows=4,
        help_text="So that somebody who has not seen the case can follow it. No names.",
    )

    def layout(self):
        """Return the fields, each reason with what it means."""
        fields = [Field("reason", size="m", hints=MEANINGS), Field("words", size="m")]
        return [*fields, Fieldset("What takes its place", "take", size="m")] if "take" in self.fields else fields


class DecisionForm(ReserveForm):
    """What the lead inspector decides about a proposal."""

    agreed = forms.TypedChoiceField(
        required=False,
        label="Does this case leave the sample?",
        choices=[("yes", "Yes, I agree: it counts nowhere"), ("no", "No, it stays in the sample")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    words = text_area("Why?", help_text="Where you agree, this may stay empty.")

    def layout(self):
        """Return the fields, the reserve under the choice that it belongs to."""
        reveal = {"yes": "take"} if "take" in self.fields else None
        return [Field("agreed", size="m", reveal=reveal), "words"]

    def clean(self):
        """Say that a decision is missing."""
        given = super().clean()
        if given.get("agreed") is None and "agreed" not in self.errors:
            self.add_error("agreed", "Select whether this case leaves the sample.")
        return given


class RestoringForm(PartsForm):
    """Why a case comes back."""

    words = text_area("Why does it come back?")
