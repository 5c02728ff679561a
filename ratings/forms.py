"""The form that asks for a moment in the life of an inspection."""

from datetime import datetime, timedelta

from crispy_forms.helper import FormHelper
from django import forms
from django.utils import timezone

from govuk.layout import Button, Buttons, Field, Layout
from govuk.widgets import DateInput
from ratings.moments import NUMBER, NoSuchMoment, after_change, at_clock, local_time

LAST_SECOND = 59


class MomentForm(forms.Form):
    """Asks for a date and time, or the number of a change. `moment` is a `ratings.moments.Moment` once it is valid.

    It is sent as an address, so that a moment can be sent on. `since` names the moment with which it is compared.
    """

    how = forms.ChoiceField(
        label="Which moment?",
        choices=[("time", "At a date and time"), ("change", "After a change, by its number")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select whether you know the time or the number of a change."},
    )
    date = forms.DateField(
        label="Date",
        help_text="For example, 3 5 2026",
        required=False,
        widget=DateInput,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": "Enter a real date, with day, month and year."},
    )
    time = forms.CharField(
        label="Time",
        help_text="For example, 14:02 or 14:02:05. Without seconds, the whole of that minute is in.",
        required=False,
    )
    change = forms.CharField(label="Number of the change", required=False)
    since = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, inspection, action="", button="Show", **kwargs):
        super().__init__(*args, **kwargs)
        self.inspection = inspection
        self.moment = None
        self.helper = FormHelper()
        self.helper.form_method = "get"
        self.helper.form_action = action
        self.helper.layout = Layout(
            Field("how", size="m", reveal={"time": ["date", "time"], "change": "change"}),
            Field("since"),
            Buttons(Button(button)),
        )
        self.fields["change"].help_text = (
            f"Changes are numbered from 1 to {inspection.sequence.value:,}, the newest. Every change that can move a "
            "rating has a number."
        )

    def clean_time(self):
        """Return the time of day, to the end of a minute that is given without seconds."""
        given = self.cleaned_data["time"].strip()
        if not given:
            return None
        for pattern in ("%H:%M", "%H:%M:%S"):
            try:
                found = datetime.strptime(given.replace(".", ":"), pattern).time()
            except ValueError:
                continue
            return found.replace(second=LAST_SECOND) if pattern == "%H:%M" else found
        raise forms.ValidationError("Enter a time on the 24-hour clock, such as 14:02 or 14:02:05.")

    def clean(self):
        """Find the moment, and say at its field what is wrong with it."""
        given = super().clean()
        how = given.get("how")
        for name in ("date", "time"):
            if how != "time":
                self.errors.pop(name, None)
            elif name not in self.errors and given.get(name) is None:
                self.add_error(name, f"Enter a {name}.")
        if not self.errors and how:
            try:
                self.moment = self._found(given, how)
            except NoSuchMoment as refusal:
                self.add_error("change" if how == "change" else "time", str(refusal))
        return given

    def _found(self, given, how):
        if how == "time":
            at, now = local_time(datetime.combine(given["date"], given["time"])), timezone.now()
            # The minute that is running ends in the future, and means up to now.
            return at_clock(self.inspection, now if now < at < now + timedelta(minutes=1) else at)
        number = given["change"].strip().replace(",", "")
        if not NUMBER.fullmatch(number):
            raise NoSuchMoment("Enter the number of a change, such as 57.")
        return after_change(self.inspection, int(number))
