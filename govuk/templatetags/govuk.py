"""Template tags: any GOV.UK component, form fields, and the few pieces of our own that the Design System lacks.

docs/pages.md shows each with an example.
"""

from collections.abc import Mapping
from typing import Any

from django import forms, template
from django.contrib.messages import constants
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from govuk import components, fields

register = template.Library()


def nested(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return tag arguments as component parameters: `label__text="x"` becomes `{"label": {"text": "x"}}`.

    Names of attributes are written with underscores and come out with hyphens.

    >>> nested({"title__text": "Plan", "attributes__data_kind": "a"})
    {'title': {'text': 'Plan'}, 'attributes': {'data-kind': 'a'}}
    """
    params: dict[str, Any] = {}
    for name, value in arguments.items():
        place, *path = [params, *name.split("__")]
        for step, key in enumerate(path[:-1]):
            place = place.setdefault(key, {})
            if key == "attributes":
                path[step + 1] = path[step + 1].replace("_", "-")
        place[path[-1]] = value
    return params


@register.simple_tag
def govuk_component(name: str, params: Mapping[str, Any] | None = None, **arguments: Any) -> SafeString:
    """Return a component by its Design System name, from a dictionary, from arguments, or from both."""
    return components.render(name, fields.merged(params or {}, nested(arguments)))


@register.simple_block_tag
def govuk_block(content: str, name: str, params: Mapping[str, Any] | None = None, **arguments: Any) -> SafeString:
    """Return a component whose `html` is what stands between the tags."""
    return components.render(name, fields.merged(params or {}, nested(arguments)) | {"html": mark_safe(content)})  # noqa: S308


@register.simple_tag
def govuk_field(bound: BoundField, params: Mapping[str, Any] | None = None, **arguments: Any) -> SafeString:
    """Return a form field; arguments are laid over its component's parameters."""
    return fields.render(bound, **fields.merged(params or {}, nested(arguments)))


@register.simple_tag
def govuk_error_summary(*forms_: forms.BaseForm) -> SafeString:
    """Return one error summary for these forms; nothing when there is nothing wrong, or no form."""
    found: list[forms.BaseForm] = []
    for form in forms_:
        if isinstance(form, forms.BaseFormSet):
            found += form.forms
        elif isinstance(form, forms.BaseForm):
            found.append(form)
    return fields.render_error_summary(*found)


@register.simple_tag
def govuk_messages(messages: Any) -> SafeString:
    """Return Django's messages as notification banners: one for what succeeded, one for problems, one for the rest.

    Success and problems are alerts, which take the focus; the rest is a labelled region.
    """
    by_kind: dict[str, list[Any]] = {"error": [], "success": [], "": []}
    for message in messages or ():
        kind = {constants.SUCCESS: "success", constants.ERROR: "error"}.get(message.level, "")
        by_kind[kind].append(message.message)
    banners = {
        "error": {"titleText": "There is a problem", "role": "alert", "classes": "eh-banner--error"},
        "success": {"type": "success"},
        "": {},
    }
    return mark_safe(  # noqa: S308
        "".join(
            components.render(
                "notification-banner",
                {
                    **banners[kind],
                    "titleId": f"banner-title-{kind or 'notice'}",
                    "html": format_html_join(
                        "", '<p class="govuk-notification-banner__heading">{}</p>', ((text,) for text in texts)
                    ),
                },
            )
            for kind, texts in by_kind.items()
            if texts
        )
    )


@register.inclusion_tag("govuk/parts/rating_tag.html")
def rating_tag(label: str, step: int | None = None, of: int | None = None) -> dict[str, Any]:
    """Return a rating as a tag: its word, and as many bars as it has steps (`step` counts from 1, the lowest).

    The bars repeat what the word says, and are hidden from screen readers. Without `step` the tag is plain: not yet
    rated, or not shown.
    """
    if not step or not of:
        return {"label": label, "tone": "none", "bars": []}
    bars = [
        {"x": place * 5, "y": 10 - height, "height": height, "filled": place < step}
        for place, height in enumerate(4 + round(6 * place / max(of - 1, 1)) for place in range(of))
    ]
    return {"label": label, "tone": tone(step, of), "bars": bars, "width": of * 5 - 1}


def tone(step: int, of: int) -> str:
    """Return the tone of step `step` of `of`: lowest, low, middle, high or highest.

    >>> [tone(step, 4) for step in range(1, 5)]
    ['lowest', 'low', 'high', 'highest']
    >>> [tone(step, 5) for step in range(1, 6)]
    ['lowest', 'low', 'middle', 'high', 'highest']
    """
    if step >= of:
        return "highest"
    if step <= 1:
        return "lowest"
    middle = (of + 1) / 2
    return "middle" if step == middle else "high" if step > middle else "low"


@register.simple_block_tag
def table_region(content: str, label: str) -> SafeString:
    """Return a table in a box that scrolls sideways, by keyboard too, when the page is too narrow for it."""
    return format_html(
        '<div class="eh-table-region" role="region" aria-label="{}" tabindex="0">{}</div>',
        label,
        mark_safe(content),  # noqa: S308
    )


@register.simple_block_tag
def notice(content: str, title: str) -> SafeString:
    """Return a notice that stands over a whole page, such as that its answers are invented."""
    return format_html(
        '<aside class="eh-notice" aria-label="{}"><p class="eh-notice__title">{}</p>'
        '<div class="eh-notice__text">{}</div></aside>',
        title,
        title,
        mark_safe(content),  # noqa: S308
    )


@register.inclusion_tag("govuk/parts/counts.html")
def counts(items: Mapping[str, int] | list[tuple[str, int]]) -> dict[str, Any]:
    """Return counts with their words, in one line where there is room: "24 yes, 6 no, 1 not applicable"."""
    return {"items": list(items.items()) if isinstance(items, Mapping) else items}
