"""The forms of who reads which case, and of what is arranged for a case."""

from datetime import datetime

from django import forms
from django.utils import timezone

from cases.allocation import Move
from govuk.layout import Field
from inspections.forms import PartsForm, date_field, text_area

TIMES = ["%H:%M", "%H.%M", "%H", "%I:%M%p", "%I.%M%p", "%I%p", "%I:%M %p", "%I.%M %p", "%I %p"]


class AllocationForm(PartsForm):
    """Who reads each of some cases: a field for each by its public id. `people` are those to choose from, as [(key, name)].

    `proposals` are `cases.proposing.Proposal`s, which are selected with their reason beside them.
    """

    def __init__(self, *args, cases, people, proposals=(), **kwargs):
        super().__init__(*args, **kwargs)
        proposed = {held.case: held for held in proposals}
        self.cases = cases
        keys = {key for key, _ in people}
        for case in cases:
            choices = [("", "Nobody"), *people]
            if case.allocated_to_id and case.allocated_to_id not in keys:
                choices.append((case.allocated_to_id, f"{case.allocated_to.name}, not a reader in the team any more"))
            name = str(case.public_id)
            self.fields[name] = forms.TypedChoiceField(
                required=False,
                label=f"Who reads case {case.reference}?",
                choices=choices,
                coerce=int,
                empty_value=None,
                initial=proposed[name].reader if name in proposed else case.allocated_to_id,
                help_text=proposed[name].why if name in proposed else "",
                error_messages={"invalid_choice": f"Choose somebody from the list for case {case.reference}."},
            )
        self.fields["despite"] = text_area("Why does somebody with a conflict of interest read a case all the same?")

    def moves(self):
        """Return the `Move`s that were given, from a form that can be read. A case that the page did not have stays."""
        moves = []
        for case in self.cases:
            name = str(case.public_id)
            was = self.data.get(f"was-{name}", "")
            if name in self.data and (was == "" or (was.isascii() and was.isdecimal() and len(was) < 19)):
                move = Move(case, int(was) if was else None, self.cleaned_data[name])
                moves += [move] if move.was != move.to else []
        return moves


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
