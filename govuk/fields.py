"""Form fields as GOV.UK components: a bound field in, HTML with label, hint and error out.

`govuk/field.html` of the crispy pack calls `render`. What the form field itself does not know may be said on it, in
the words of the Design System's parameters:

    self.fields["reference"].govuk = {"label": {"classes": "govuk-label--m"}, "classes": "govuk-input--width-10"}
    self.fields["answer"].reveal = {"not_applicable": "reason"}      # shown when that choice is made
    self.fields["answer"].hints = {"not_applicable": "Say why below."}
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString, mark_safe

from govuk import components
from govuk.widgets import DateInput

Params = dict[str, Any]

# Parameters of their own in the macros. The other attributes of a widget are passed on as they are.
NAMED = ("autocomplete", "inputmode", "pattern", "autocapitalize", "spellcheck")
# `maxlength` cuts pasted text without a word, `required` speaks before anybody has answered, and a placeholder
# disappears when it is needed: the server's error message does the work of all three.
DROPPED = ("id", "class", "type", "rows", "cols", "maxlength", "minlength", "required", "placeholder", "size", "step",
           "min", "max", "aria-describedby")  # fmt: skip


def merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> Params:
    """Return `base` with `extra` laid over it, dictionaries inside dictionaries too."""
    result = dict(base)
    for key, value in extra.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def field_id(bound: BoundField) -> str:
    """Return the id of a field: of its first input, when there are several."""
    return bound.auto_id or bound.html_name


def target_id(bound: BoundField) -> str:
    """Return the id an error summary links to."""
    return f"{field_id(bound)}-day" if isinstance(bound.field.widget, DateInput) else field_id(bound)


def errors(bound: BoundField) -> list[str]:
    """Return what is wrong with a field, in sentences that say what to do.

    Django's own "This field is required." does not say which, so it gives way to the field's label.
    """
    blank = forms.Field.default_error_messages["required"]
    return [plea(bound) if str(error) == str(blank) else str(error) for error in bound.errors]


def plea(bound: BoundField) -> str:
    """Return the sentence that asks for an empty field."""
    widget, label = bound.field.widget, str(bound.label)
    if isinstance(widget, (forms.RadioSelect, forms.Select)):
        return f"Select an answer: {label}"
    if isinstance(widget, forms.CheckboxInput):
        return f"Confirm: {label}"
    if label.endswith("?"):
        return f"Give an answer: {label}"
    # "Email address" is lowered within the sentence, "PNC number" is not.
    return f"Enter {label[:1].lower() + label[1:] if label[1:2].islower() else label}"


def common(bound: BoundField) -> Params:
    """Return what every component takes: name, hint, error, and the widget's own attributes."""
    attributes = bound.field.widget.attrs
    params: Params = {"name": bound.html_name}
    if bound.help_text:
        params["hint"] = {"text": bound.help_text}
    if bound.errors:
        params["errorMessage"] = {"text": " ".join(errors(bound))}
    if bound.field.disabled:
        params["disabled"] = True
    if classes := attributes.get("class"):
        params["classes"] = classes
    if described_by := attributes.get("aria-describedby"):
        params["describedBy"] = described_by
    params |= {name: attributes[name] for name in NAMED if name in attributes}
    rest = {name: value for name, value in attributes.items() if name not in DROPPED + NAMED and value is not False}
    if rest:
        params["attributes"] = {name: "" if value is True else value for name, value in rest.items()}
    return params


def labelled(bound: BoundField) -> Params:
    """Return the parameters of a component with one label and one value."""
    value = bound.field.widget.format_value(bound.value())
    return common(bound) | {"id": field_id(bound), "label": {"text": bound.label}, "value": value}


def in_fieldset(bound: BoundField) -> Params:
    """Return the parameters of a component whose several inputs share a legend."""
    legend = {"text": bound.label, "classes": "govuk-fieldset__legend--s"}
    return common(bound) | {"idPrefix": field_id(bound), "fieldset": {"legend": legend}}


def text_input(bound: BoundField) -> tuple[str, Params]:
    """Return a text input; numbers are text too, since spinners change them by accident."""
    params = labelled(bound)
    widget, field = bound.field.widget, bound.field
    if isinstance(field, forms.IntegerField) and isinstance(widget, forms.NumberInput):
        whole = not isinstance(field, (forms.FloatField, forms.DecimalField))
        params |= {"inputmode": "numeric" if whole else "decimal", "spellcheck": False}
    elif isinstance(widget, forms.NumberInput):
        params |= {"inputmode": "decimal", "spellcheck": False}
    elif isinstance(widget, forms.EmailInput):
        params |= {"type": "email", "spellcheck": False, "autocapitalize": "none"}
    elif widget.input_type in ("url", "tel", "search"):
        params["type"] = widget.input_type
    return "input", params


def password_input(bound: BoundField) -> tuple[str, Params]:
    """Return a password input, whose value never comes back from the server."""
    return "password-input", labelled(bound) | {"value": None}


def textarea(bound: BoundField) -> tuple[str, Params]:
    """Return a textarea, with a count of the characters left when the field has a limit."""
    params = labelled(bound)
    rows = bound.field.widget.attrs.get("rows")
    if rows and str(rows) != "10":  # Django's default; the Design System's is 5.
        params["rows"] = rows
    limit = getattr(bound.field, "max_length", None)
    if limit:
        return "character-count", params | {"maxlength": limit}
    return "textarea", params


def choices(bound: BoundField) -> list[Params]:
    """Return the choices of a field as items, checked or not, with their hints and what they reveal."""
    widget = bound.field.widget
    chosen = widget.format_value(bound.value())
    hints, reveal = getattr(bound.field, "hints", {}), getattr(bound.field, "reveal", {})
    items: list[Params] = []
    for group, options, _ in widget.optgroups(bound.html_name, chosen, {}):
        if group is not None:
            items.append({"divider": group})
        for option in options:
            value = str(option["value"])
            item: Params = {"value": value, "text": option["label"], "checked": bool(option["selected"])}
            if bound.field.disabled or option["attrs"].get("disabled"):
                item["disabled"] = True
            if value in hints:
                item["hint"] = {"text": hints[value]}
            if value in reveal:
                item["conditional"] = {"html": revealed(bound.form, reveal[value])}
            items.append(item)
    return items


def revealed(form: forms.BaseForm, content: "str | SafeString | Callable") -> SafeString:
    """Return what a choice reveals: the fields of these names, or finished HTML."""
    if isinstance(content, SafeString):
        return content
    names = [content] if isinstance(content, str) else content
    rendered = getattr(form, "rendered_fields", None)
    if rendered is not None:
        rendered.update(names)
    return mark_safe("".join(render(form[name]) for name in names))  # noqa: S308


def radios(bound: BoundField) -> tuple[str, Params]:
    """Return radios in a fieldset; the first one carries the field's id."""
    return "radios", in_fieldset(bound) | {"items": choices(bound)}


def checkboxes(bound: BoundField) -> tuple[str, Params]:
    """Return checkboxes in a fieldset; the first one carries the field's id."""
    return "checkboxes", in_fieldset(bound) | {"items": choices(bound)}


def checkbox(bound: BoundField) -> tuple[str, Params]:
    """Return a single checkbox, whose label is the question."""
    item: Params = {"value": "on", "text": bound.label, "checked": bound.field.widget.check_test(bound.value())}
    if bound.field.disabled:
        item["disabled"] = True
    reveal = getattr(bound.field, "reveal", {})
    if "on" in reveal:
        item["conditional"] = {"html": revealed(bound.form, reveal["on"])}
    return "checkboxes", common(bound) | {"idPrefix": field_id(bound), "items": [item]}


def select(bound: BoundField) -> tuple[str, Params]:
    """Return a select. One choice only: for several, checkboxes are what people can use."""
    items = [
        {"value": "" if option["value"] is None else str(option["value"]), "text": option["label"],
         "selected": bool(option["selected"])}
        for _, options, _ in bound.field.widget.optgroups(
            bound.html_name, bound.field.widget.format_value(bound.value()), {}
        )
        for option in options
    ]  # fmt: skip
    params = labelled(bound)
    del params["value"]
    return "select", params | {"items": items}


def date_input(bound: BoundField) -> tuple[str, Params]:
    """Return day, month and year in a fieldset."""
    params = in_fieldset(bound)
    id_prefix = params.pop("idPrefix")
    error = " govuk-input--error" if bound.errors else ""
    given = bound.field.widget.format_value(bound.value())
    items = [
        {"name": part, "value": given[part], "classes": f"govuk-input--width-{4 if part == 'year' else 2}{error}"}
        for part in DateInput.parts
    ]
    if bound.field.disabled:
        items = [item | {"attributes": {"disabled": ""}} for item in items]
    return "date-input", params | {"id": id_prefix, "namePrefix": bound.html_name, "items": items}


def file_upload(bound: BoundField) -> tuple[str, Params]:
    """Return a file input."""
    params = labelled(bound)
    del params["value"]
    return "file-upload", params


# Read from top to bottom: a widget is rendered by the first class it is an instance of.
RENDERERS: list[tuple[type[forms.Widget], Callable[[BoundField], tuple[str, Params]]]] = [
    (DateInput, date_input),
    (forms.CheckboxSelectMultiple, checkboxes),
    (forms.RadioSelect, radios),
    (forms.CheckboxInput, checkbox),
    (forms.Select, select),
    (forms.Textarea, textarea),
    (forms.PasswordInput, password_input),
    (forms.FileInput, file_upload),
    (forms.widgets.Input, text_input),
]


def component_of(bound: BoundField) -> tuple[str, Params]:
    """Return the name of the component that shows a field, and its parameters."""
    widget = bound.field.widget
    if isinstance(widget, forms.SelectMultiple) and not isinstance(widget, forms.CheckboxSelectMultiple):
        raise TypeError(f"Field {bound.name}: use CheckboxSelectMultiple, which people can see and undo.")
    for widget_class, renderer in RENDERERS:
        if isinstance(widget, widget_class):
            return renderer(bound)
    raise TypeError(f"Field {bound.name}: the GOV.UK pack cannot show a {type(widget).__name__}.")


def render(bound: BoundField, **extra: Any) -> SafeString:
    """Return the HTML of a field; `extra` is laid over its parameters, and over `field.govuk`."""
    if bound.is_hidden:
        return bound.as_hidden()
    name, params = component_of(bound)
    return components.render(name, merged(merged(params, getattr(bound.field, "govuk", {})), extra))


def summary_items(form: forms.BaseForm) -> list[Params]:
    """Return the items of an error summary: what is wrong with the whole form, then each field in its order."""
    items: list[Params] = [{"text": error} for error in form.non_field_errors()]
    for name in form.fields:
        bound = form[name]
        for error in errors(bound):
            if bound.is_hidden:
                items.append({"text": f"{bound.label}: {error}"})
            else:
                items.append({"text": error, "href": f"#{target_id(bound)}"})
    return items


def render_error_summary(*forms_: forms.BaseForm) -> SafeString:
    """Return one error summary for these forms, or nothing when nothing is wrong."""
    items = [item for form in forms_ if form.is_bound for item in summary_items(form)]
    if not items:
        return mark_safe("")
    return components.render("error-summary", {"titleText": "There is a problem", "errorList": items})
