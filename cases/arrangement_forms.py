"""The forms of what is arranged for a case."""

from datetime import datetime

from django import forms
from django.utils import timezone

from govuk.layout import Field
from inspections.forms import PartsForm, date_field, text_area

TIMES = ["%H:%M", "%H.%M", "%H", "%I:%M%p", "%I.%M%p", "%I%p", "%I:%M %p", "%I.%M %p", "%I %p"]


class InterviewForm(PartsForm):
    """A day and a time, or neither."""

    day = date_field("Day", help_text="Leave day and time empty where no interview is arranged.")
    time = forms.TimeField(
        required=False,
        label="Time",
        input_formats=TIMES,
        help_text="Such as 14:30 or 2.30pm.",
        error_messages={"invalid": "Enter a time of day, such as 14:30."},
        widget=forms.TimeInput(format="%H:%M"),
    )

    def layout(self):
        """Return the fields."""
        return ["day", Field("time", width=5)]

    def clean(self):
        """Say which of the two is missing."""
        given = super().clean()
        if not self.errors and bool(given["day"]) != (given["time"] is not None):
            missing = "time" if given["day"] else "day"
            self.add_error(missing, f"Enter the {missing} too, or leave both empty.")
        return given

    def at(self):
        """Return the moment that was given, from a form that can be read, or None."""
        if not self.cleaned_data["day"]:
            return None
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"]))

    @staticmethod
    def initial_of(case):
        """Return the values of the fields for a case as it stands."""
        if not case.interview_at:
            return {}
        at = timezone.localtime(case.interview_at)
        return {"day": at.date(), "time": at.time()}


class FileForm(PartsForm):
    """Why there is no file."""

    because = text_area(
        "Why is there no case file to read?",
        help_text="Such as “Archived: asked for on Monday”. Leave it empty where the file can be read.",
    )
