"""What may be asked of the audit record."""

from datetime import datetime, time, timedelta

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.actions import EVENHAND
from audit.questions import Asked, kinds
from govuk.layout import Button, Buttons, Field, Layout
from govuk.widgets import DateInput

MOST_PEOPLE = 200


class AuditForm(forms.Form):
    """The filter of the audit record. `cases` are those to choose from; without `sees_cases` none can be asked for."""

    person = forms.CharField(required=False, label="Person", max_length=254)
    action = forms.ChoiceField(required=False, label="Kind of action")
    case = forms.ChoiceField(required=False, label="Case")
    question = forms.CharField(required=False, label="Question", max_length=110)
    since = forms.DateField(
        required=False, label="From", widget=DateInput, error_messages={"invalid": "Enter a real date to look from."}
    )
    until = forms.DateField(
        required=False, label="To", widget=DateInput, error_messages={"invalid": "Enter a real date to look to."}
    )
    text = forms.CharField(required=False, label="Words", max_length=200)

    def __init__(self, data=None, *, cases=(), sees_cases=True):
        super().__init__(data)
        self.fields["action"].choices = [("", "Every kind"), *kinds()]
        self.fields["case"].choices = [("", "Every case"), *((str(held.public_id), held.reference) for held in cases)]
        if not cases:
            del self.fields["case"]
        if not sees_cases:
            del self.fields["question"]

    def clean(self):
        """Return the cleaned data. Refuses dates the wrong way round."""
        cleaned = super().clean()
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", "Enter a date to look to that is not before the date to look from.")
        return cleaned

    def asked(self, **where):
        """Return what is asked as `Asked`, within `where`. The form is valid."""
        given = self.cleaned_data
        since, until = given["since"], given["until"]
        return Asked(
            people=people_like(given["person"]) if given["person"] else None,
            action=given["action"],
            case=given.get("case", ""),
            question=given.get("question", ""),
            since=_begin(since) if since else None,
            until=_begin(until + timedelta(days=1)) if until else None,
            text=given["text"],
            **where,
        )

    @property
    def in_use(self):
        """Whether anything is asked for."""
        return any(self.data.get(name) for field in self.fields for name in (field, f"{field}-day"))

    @property
    def helper(self):
        """The layout."""
        helper = FormHelper()
        helper.form_method = "get"
        helper.layout = Layout(
            Field("person", width=20, hint={"text": "Name or email address, or a part of it"}),
            Field("action"),
            *([Field("case")] if "case" in self.fields else []),
            *([Field("question", width=10, hint={"text": "Such as 2.1.1"})] if "question" in self.fields else []),
            Field("since"),
            Field("until"),
            Field("text", width=20, hint={"text": "In what happened, or in the reason"}),
            Buttons(Button("Show these", kind="secondary")),
        )
        return helper


def people_like(words):
    """Return the email addresses of people whose name or address holds these words."""
    found = User.objects.filter(Q(name__icontains=words) | Q(email__icontains=words)).values_list("email", flat=True)
    emails = tuple(found[:MOST_PEOPLE])
    return (*emails, EVENHAND.email) if words.lower() in f"{EVENHAND.name} {EVENHAND.email}".lower() else emails


def _begin(day):
    return timezone.make_aware(datetime.combine(day, time.min))
