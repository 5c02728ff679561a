"""The form that adjusts the plan of a sample. What does not fit is said by the writer, in `cases.drawing`."""

from django import forms

from cases.adjustments import as_document
from govuk.layout import Field, Fieldset
from inspections.forms import PartsForm, text_area


def decimal_field(label, **more):
    """Return a number that may have decimals and may be empty."""
    return forms.FloatField(required=False, label=label, error_messages=wrong(label, "a number, such as 97.5"), **more)


def whole_field(label, **more):
    """Return a whole number that may be empty."""
    return forms.IntegerField(
        required=False, label=label, error_messages=wrong(label, "a whole number, such as 6"), **more
    )


def wrong(label, what):
    """Return what a field says of what it cannot read."""
    return {"invalid": f"{label}: enter {what}."}


class AdjustForm(PartsForm):
    """What may be adjusted, each beside what the standards say. `planned` is the `SamplePlan` as it stands.

    A field left empty is as the standards have it.
    """

    def __init__(self, *args, document, planned, **kwargs):
        super().__init__(*args, **kwargs)
        self.document = document
        self.stands = as_document(document)
        self.samples = document.samples
        now = as_document(planned.document)
        sizes = {side.sample: side.size for side in planned.by_rule.sides}
        self.fields["confidence"] = decimal_field(
            "Confidence, in per cent", initial=now["confidence"], help_text=self.said(self.stands["confidence"], "%")
        )
        self.fields["margin_of_error"] = whole_field(
            "Margin of error, in percentage points",
            initial=now["margin_of_error"],
            help_text=self.said(self.stands["margin_of_error"]),
        )
        for code, share in self.stands["shares"].items():
            self.fields[f"share_{code}"] = decimal_field(
                f"Share of {self.label(code)} cases, in per cent",
                initial=now["shares"][code],
                help_text=f"{self.said(share, '%')} The other cases are the rest.",
            )
        for code, (nearest, farthest) in self.stands["windows"].items():
            months = dict(zip(("nearest", "farthest"), now["windows"][code], strict=True))
            for name, stands in (("nearest", nearest), ("farthest", farthest)):
                self.fields[f"{name}_{code}"] = whole_field(
                    f"{name.capitalize()} month", initial=months[name], help_text=self.said(stands)
                )
        for sample in self.samples:
            self.fields[f"size_{sample.code}"] = whole_field(
                f"Final number of {sample.label} cases",
                initial=planned.adjusted.get("sizes", {}).get(sample.code),
                help_text=f"Leave it empty for what the rule gives, which is {sizes[sample.code]:,} now.",
            )
        self.fields["reason"] = text_area("Why is the plan adjusted?")
        for name, field in self.fields.items():
            if name != "reason":
                field.govuk = {"classes": "govuk-input--width-4"}

    def layout(self):
        """Return the size, the shares, the windows and the final sizes, each under its legend, and the reason."""
        windows = [
            Fieldset(
                f"{sample.label.capitalize()} cases", f"nearest_{sample.code}", f"farthest_{sample.code}", size="s"
            )
            for sample in self.samples
        ]
        return [
            Fieldset(
                "Size of the sample",
                "confidence",
                "margin_of_error",
                *(f"share_{code}" for code in self.stands["shares"]),
                size="m",
            ),
            Fieldset(
                "Windows",
                *windows,
                size="m",
                hint="How many months before fieldwork a disposal was made, both ends included. After changing them, "
                "import a list that was made for the new windows.",
            ),
            Fieldset("Final sizes", *(f"size_{sample.code}" for sample in self.samples), size="m"),
            Field("reason", size="m"),
        ]

    def given(self):
        """Return what was given as an adjustment, from a form that can be read."""
        data = self.cleaned_data

        def or_stands(name, stands):
            return stands if data[name] is None else data[name]

        return {
            "confidence": or_stands("confidence", self.stands["confidence"]),
            "margin_of_error": or_stands("margin_of_error", self.stands["margin_of_error"]),
            "shares": {code: or_stands(f"share_{code}", held) for code, held in self.stands["shares"].items()},
            "windows": {
                code: [or_stands(f"nearest_{code}", months[0]), or_stands(f"farthest_{code}", months[1])]
                for code, months in self.stands["windows"].items()
            },
            "sizes": {sample.code: data[f"size_{sample.code}"] for sample in self.samples},
        }

    def label(self, code):
        """Return what the cases of a sample are called."""
        return self.document.sample(code).label

    def said(self, value, unit=""):
        """Return the sentence that says what the standards have."""
        return f"{value}{unit} in the standards."
