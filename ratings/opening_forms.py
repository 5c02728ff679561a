"""The forms of openings. What is missing in them is said by the writers, in `ratings.openings`."""

from django import forms


class ProvisionalForm(forms.Form):
    """Which domain, and why."""

    domain = forms.ChoiceField(
        label="Which domain?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select a domain.", "invalid_choice": "Select a domain whose figures are hidden."},
    )
    reason = forms.CharField(
        required=False,
        strip=False,
        label="Why do you open them?",
        help_text="Everybody who sees the inspection can read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, domains, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["domain"].choices = domains
