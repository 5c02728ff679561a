"""The forms of lines of enquiry and further enquiries. What is missing in them is said by the writers, in `cases.enquiries`."""

import re

from django import forms

from cases.enquiries import LineGiven, MeetingGiven
from govuk.layout import Details, Field
from inspections.delivery import GATHERINGS
from inspections.forms import PartsForm, date_field, text_area, text_input


class LineForm(PartsForm):
    """A line of enquiry as it is set up. `people` are those who may follow it, as [(key, label)]."""

    question = text_area("What is the question?", help_text="Such as “Do health workers hear of it when plans change?”")
    cases = text_input("Which cases did it come from?", help_text="Their references, such as C01, C07.")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["assigned"] = forms.TypedMultipleChoiceField(
            required=False,
            label="Who follows it?",
            help_text="A partner inspector who follows it may read these cases.",
            choices=people,
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
        )

    def layout(self):
        """Return the fields."""
        return [Field(name, size="m") for name in self.fields]

    def given(self):
        """Return what was given, from a form that can be read."""
        references = dict.fromkeys(filter(None, re.split(r"[\s,;]+", self.cleaned_data["cases"])))
        return LineGiven(self.cleaned_data["question"], tuple(references), tuple(self.cleaned_data["assigned"]))

    @staticmethod
    def initial_of(line):
        """Return the values of the fields for a line of enquiry as it stands."""
        return {
            "question": line.question,
            "cases": ", ".join(line.as_content["cases"]),
            "assigned": [person.pk for person in line.assigned.all()],
        }


class ConclusionForm(PartsForm):
    """What a line of enquiry found, and whether it is closed."""

    finding = text_area("What was found?", rows=5)

    def __init__(self, *args, inspection, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["informed"] = forms.MultipleChoiceField(
            required=False,
            label="Which key questions did it inform?",
            choices=[
                (question.code, f"{question.code} {inspection.worded(question.text)}")
                for question in inspection.document.key_questions.values()
            ],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["informed"].govuk = {"classes": "govuk-checkboxes--small"}
        self.fields["closed"] = forms.BooleanField(required=False, label="This line of enquiry is closed")

    def layout(self):
        """Return the fields, the many key questions folded away until one is chosen."""
        return ["finding", Details("Key questions it informed", "informed"), "closed"]

    @staticmethod
    def initial_of(line):
        """Return the values of the fields for a line of enquiry as it stands."""
        return {"finding": line.finding, "informed": line.informed, "closed": line.closed}


class MeetingForm(PartsForm):
    """A meeting on a line of enquiry, held or arranged ahead."""

    kind = forms.ChoiceField(
        required=False,
        label="What kind of meeting is it?",
        choices=[(kind.value, kind.label) for kind in GATHERINGS],
        widget=forms.RadioSelect,
    )
    title = text_input("With whom?", help_text="Name roles, not people.")
    date = date_field("Date", help_text="Of a meeting that is arranged ahead, the day for which it is arranged.")
    shows = text_area("What does it show?", help_text="Of a meeting that is arranged ahead, this can wait.")

    def given(self):
        """Return what was given, from a form that can be read."""
        return MeetingGiven(**self.cleaned_data)


class LinkForm(PartsForm):
    """A meeting that the evidence has already."""

    def __init__(self, *args, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["meeting"] = forms.TypedChoiceField(
            required=False,
            label="Meeting",
            choices=[("", ""), *((held.number, f"E{held.number} {held.title}") for held in meetings)],
            coerce=int,
            empty_value=None,
        )


class EnquiryForm(PartsForm):
    """What a further enquiry found. `lines` are the person's lines of enquiry that came from the case."""

    text = text_area("What did you find?", rows=6)

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = {str(line.public_id): line for line in lines}
        if self.lines:
            self.fields["line"] = forms.ChoiceField(
                required=len(self.lines) > 1,
                label="Which line of enquiry is it for?",
                choices=[(key, f"L{line.number} {line.question}") for key, line in self.lines.items()],
                widget=forms.RadioSelect if len(self.lines) > 1 else forms.HiddenInput,
                initial=next(iter(self.lines)) if len(self.lines) == 1 else None,
            )

    def line(self):
        """Return the line of enquiry that was given, from a form that can be read, or None."""
        return self.lines.get(self.cleaned_data.get("line"))


class DecisionForm(PartsForm):
    """What became of a further enquiry."""

    changed = forms.TypedChoiceField(
        required=False,
        label="Are answers changed because of it?",
        choices=[("yes", "Answers were changed"), ("no", "No answer is changed")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    reason = text_area("Why?")
