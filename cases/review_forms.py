"""The forms of reviews. What is missing in them is said by the writers, in `cases.reviews`."""

from django import forms

from cases.queries import about


def text_area(label, *, rows=3):
    """Return a text field whose line breaks are kept."""
    return forms.CharField(required=False, label=label, strip=False, widget=forms.Textarea(attrs={"rows": rows}))


class TextForm(forms.Form):
    """One text: a reply, a reason, what was done."""

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"] = text_area(label)


class QueryForm(TextForm):
    """A query, and what it is about."""

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, label="What do you ask?", **kwargs)
        questions = [(question.code, about(case, question)) for question in case.questions.values()]
        self.fields["question"] = forms.ChoiceField(
            required=False, label="What is it about?", choices=[("", "The whole case"), *questions]
        )


class DrawForm(forms.Form):
    """How many cases to draw."""

    size = forms.IntegerField(label="How many cases?", error_messages={"required": "Enter how many cases to draw."})
