"""Widgets that Django does not have."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms


class DateInput(forms.Widget):
    """Day, month and year as three text inputs, for a plain `forms.DateField`.

    What was typed comes back as it was typed, so that a wrong date can be put right instead of typed again.
    """

    parts = ("day", "month", "year")
    use_fieldset = True
    input_type = "text"

    def format_value(self, value: Any) -> dict[str, str]:
        """Return the three parts of a date, or of what was typed in its place."""
        if isinstance(value, date):
            return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}
        pieces = str(value or "").split("-")
        if len(pieces) != 3:
            return dict.fromkeys(self.parts, "")
        return dict(zip(self.parts, reversed(pieces), strict=True))

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str | None:
        """Return year-month-day for the field to read, or None when nothing was given."""
        given = [str(data.get(f"{name}-{part}", "")).strip().replace("-", " ") for part in self.parts]
        return "-".join(reversed(given)) if any(given) else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Say whether none of the three parts was sent."""
        return not any(f"{name}-{part}" in data for part in self.parts)
