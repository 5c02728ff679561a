"""Layout objects for crispy forms, in GOV.UK's words.

helper.layout = Layout(
    Question("answer", reveal={"not_applicable": "reason"}, note="note", guidance="Look at the referral."),
    Fieldset("Where you looked", "source", "date"),
    Buttons(Button("Save and continue"), Button("Save and come back later", name="later", kind="secondary")),
)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from govuk import components, fields

__all__ = ["Button", "Buttons", "Details", "Field", "Fieldset", "Layout", "Question", "Text"]

Content = str | LayoutObject


class Field(LayoutObject):
    """One form field, with parameters of its component laid over it.

    `size` is that of the label or legend ("s", "m", "l", "xl"); `reveal` names the fields shown under a choice;
    `hints` gives choices a hint; `inline` puts radios side by side; `width` is that of a text input, in characters
    (2, 3, 4, 5, 10, 20 or 30); `css_class` goes on the whole group.
    """

    def __init__(
        self,
        name: str,
        *,
        size: str = "",
        reveal: Mapping[str, Any] | None = None,
        hints: Mapping[str, str] | None = None,
        inline: bool = False,
        width: int | None = None,
        css_class: str = "",
        **params: Any,
    ):
        self.fields = [name]
        self.name, self.size, self.inline, self.width, self.css_class = name, size, inline, width, css_class
        self.reveal, self.hints, self.params = reveal, hints, params

    def parameters(self, bound: forms.BoundField) -> dict[str, Any]:
        """Return what this object adds to the component's own parameters."""
        params: dict[str, Any] = {}
        if self.size:
            params["label"] = {"classes": f"govuk-label--{self.size}"}
            params["fieldset"] = {"legend": {"classes": f"govuk-fieldset__legend--{self.size}"}}
            if not getattr(bound.field.widget, "use_fieldset", False):
                del params["fieldset"]
        if self.inline:
            params["classes"] = "govuk-radios--inline"
        if self.width:
            params["classes"] = f"govuk-input--width-{self.width}"
        if self.css_class:
            params["formGroup"] = {"classes": self.css_class}
        return fields.merged(params, self.params)

    def render(
        self, form: forms.BaseForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Return the field's HTML."""
        bound = form[self.name]
        if self.reveal is not None:
            bound.field.reveal = self.reveal
        if self.hints is not None:
            bound.field.hints = self.hints
        if hasattr(form, "rendered_fields"):
            form.rendered_fields.add(self.name)
        return fields.render(bound, **self.parameters(bound))


class Question(Field):
    """A question of a case form: one fieldset with its legend, guidance, radios, the reason a choice asks for, a note.

    The note is open when it holds something or has an error, so that nothing given is out of sight.
    """

    def __init__(
        self,
        name: str,
        *,
        reveal: Mapping[str, Any] | None = None,
        note: str = "",
        note_summary: str = "Add a note",
        guidance: str | SafeString | Sequence[str] = "",
        guidance_summary: str = "What to look at",
        size: str = "m",
        **params: Any,
    ):
        super().__init__(name, size=size, reveal=reveal, **params)
        self.css_class = f"eh-question {self.css_class}".strip()
        self.note, self.note_summary = note, note_summary
        self.guidance, self.guidance_summary = guidance, guidance_summary
        self.fields = [name, *([note] if note else [])]

    def parameters(self, bound: forms.BoundField) -> dict[str, Any]:
        """Return the field's parameters with guidance before the choices and the note after them."""
        around: dict[str, Any] = {}
        if self.guidance:
            around["beforeInputs"] = {"html": guidance(self.guidance, self.guidance_summary)}
        if self.note:
            around["afterInputs"] = {"html": self.note_html(bound.form)}
        return fields.merged({"formGroup": around}, super().parameters(bound))

    def note_html(self, form: forms.BaseForm) -> SafeString:
        """Return the details that hold the note."""
        bound = form[self.note]
        if hasattr(form, "rendered_fields"):
            form.rendered_fields.add(self.note)
        return components.render(
            "details",
            {
                "summaryText": self.note_summary,
                "html": fields.render(bound),
                "open": bool(bound.value() or bound.errors),
                "classes": "eh-question__note",
            },
        )


def guidance(text: str | SafeString | Sequence[str], summary: str = "What to look at") -> SafeString:
    """Return guidance in a details element: one paragraph, several as a list, or finished HTML."""
    if isinstance(text, SafeString):
        html = text
    elif isinstance(text, str):
        html = format_html('<p class="govuk-body">{}</p>', text)
    else:
        items = mark_safe("".join(format_html("<li>{}</li>", item) for item in text))  # noqa: S308
        html = format_html('<ul class="govuk-list govuk-list--bullet">{}</ul>', items)
    return components.render("details", {"summaryText": summary, "html": html, "classes": "eh-question__guidance"})


class Fieldset(LayoutObject):
    """Fields under one legend; `heading=True` makes the legend the page's h1."""

    def __init__(self, legend: str, *content: Content, size: str = "m", heading: bool = False, hint: str = ""):
        self.legend, self.fields, self.size, self.heading, self.hint = legend, list(content), size, heading, hint

    def render(
        self, form: forms.BaseForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Return the fieldset's HTML."""
        inner = self.get_rendered_fields(form, context, template_pack, **kwargs)
        if self.hint:
            inner = format_html('<p class="govuk-hint">{}</p>{}', self.hint, inner)
        legend = {
            "text": self.legend,
            "classes": f"govuk-fieldset__legend--{self.size}",
            "isPageHeading": self.heading,
        }
        return components.render("fieldset", {"legend": legend, "html": inner})


class Details(LayoutObject):
    """Content that opens on demand; open from the start when a field inside holds something or has an error.

    `folded` opens it for errors only: what is given there is settled.
    """

    def __init__(self, summary: str, *content: Content, folded: bool = False):
        self.summary, self.fields, self.folded = summary, list(content), folded

    def render(
        self, form: forms.BaseForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Return the details' HTML."""
        inner = self.get_rendered_fields(form, context, template_pack, **kwargs)
        bound = [form[pointer.name] for pointer in self.get_field_names()]
        is_open = any(field.errors or (field.value() and not self.folded) for field in bound)
        return components.render("details", {"summaryText": self.summary, "html": inner, "open": is_open})


class Text(LayoutObject):
    """A paragraph between fields; safe HTML is taken as it is."""

    def __init__(self, text: str | SafeString):
        self.fields: list[Content] = []
        self.text = text

    def render(
        self, form: forms.BaseForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Return the paragraph."""
        if isinstance(self.text, SafeString):
            return self.text
        return format_html('<p class="govuk-body">{}</p>', self.text)


class Button(LayoutObject):
    """A button that sends the form, or a link that looks like one when `href` is given.

    `kind` is "" (the one main action of a page), "secondary" or "warning".
    """

    def __init__(self, text: str, *, name: str = "", value: str = "", kind: str = "", href: str = "", **params: Any):
        self.fields: list[Content] = []
        self.params = {
            "text": text,
            "name": name or None,
            "value": value or (name and "1") or None,
            "classes": f"govuk-button--{kind}" if kind else None,
            "href": href or None,
            # A second click while the first is on its way sends nothing twice.
            "preventDoubleClick": None if href else True,
        } | params

    def render(
        self, form: forms.BaseForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Return the button's HTML."""
        return components.render("button", self.params)


class Buttons(LayoutObject):
    """Buttons side by side, and links such as "Cancel" beside them."""

    def __init__(self, *content: Content):
        self.fields = list(content)

    def render(
        self, form: forms.BaseForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        """Return the group's HTML."""
        inner = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return format_html('<div class="govuk-button-group">{}</div>', inner)
