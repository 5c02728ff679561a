"""What is asked of administrators about people, and of everybody about passkeys."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm
from crispy_forms.helper import FormHelper
from django import forms

from accounts.roles import EVERYWHERE_ROLES
from govuk.layout import Button, Buttons, Field, Layout

NONE = "none"
ROLE_CHOICES = [(NONE, "None"), *((code, role.label) for code, role in EVERYWHERE_ROLES.items())]
ROLE_HINTS = {
    NONE: "Works in the inspections whose team they are in, in the role that they have there.",
    **{code: role.description for code, role in EVERYWHERE_ROLES.items()},
}


class RoleForm(forms.Form):
    """The role that holds in every inspection."""

    role = forms.ChoiceField(
        label="Role in every inspection",
        choices=ROLE_CHOICES,
        widget=forms.RadioSelect,
        error_messages={"required": "Select a role, or none."},
    )

    def clean_role(self):
        """Return the code of the role, "" for none."""
        return self.cleaned_data["role"].replace(NONE, "")

    @property
    def helper(self):
        """The form as it is laid out."""
        helper = FormHelper()
        helper.form_tag = False
        helper.layout = Layout(Field("role", hints=ROLE_HINTS, size="m"))
        return helper


class InviteForm(RoleForm):
    """Who is invited."""

    name = forms.CharField(
        label="Full name", max_length=200, error_messages={"required": "Enter their name as others know it."}
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="They sign in with it, and the link to set a password goes there.",
        error_messages={
            "required": "Enter their email address.",
            "invalid": "Enter an email address like maya@example.org.",
        },
    )

    def clean_email(self):
        """Return the address in small letters, as it is stored."""
        return self.cleaned_data["email"].lower()

    @property
    def helper(self):
        """The form as it is laid out."""
        helper = FormHelper()
        helper.layout = Layout(
            Field("name", autocomplete="off", spellcheck=False),
            Field("email", autocomplete="off", spellcheck=False),
            Field("role", hints=ROLE_HINTS, size="m"),
            Buttons(Button("Send the invitation")),
        )
        return helper


class CloseForm(forms.Form):
    """Why an account is closed."""

    reason = forms.CharField(
        label="Why is the account closed?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Say why the account is closed."},
    )


class PasskeyForm(AddWebAuthnForm):
    """A new passkey, in our words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = "Sign in with it alone, without a password"
        self.fields["credential"].error_messages["required"] = "Your device has not answered. Try again."
