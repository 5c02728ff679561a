"""Template tags: any GOV.UK component, form fields, and the few pieces of our own that the Design System lacks.

docs/pages.md shows each with an example.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
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
def govuk_component(component: str, params: Mapping[str, Any] | None = None, **arguments: Any) -> SafeString:
    """Return a component by its Design System name, from a dictionary, from arguments, or from both."""
    return components.render(component, fields.merged(params or {}, nested(arguments)))


@register.simple_block_tag
def govuk_block(content: str, component: str, params: Mapping[str, Any] | None = None, **arguments: Any) -> SafeString:
    """Return a component whose `html` is what stands between the tags."""
    return components.render(component, fields.merged(params or {}, nested(arguments)) | {"html": mark_safe(content)})  # noqa: S308


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


@register.simple_tag
def govuk_navigation_item(text: str, href: str, current: str = "") -> SafeString:
    """Return one item of the main navigation; `current` is "page" on that very page, "true" on those beneath it."""
    link = format_html('<a class="govuk-service-navigation__link" href="{}">{}</a>', href, text)
    if current:
        link = format_html(
            '<a class="govuk-service-navigation__link" href="{}" aria-current="{}">'
            '<strong class="govuk-service-navigation__active-fallback">{}</strong></a>',
            href,
            current,
            text,
        )
    active = " govuk-service-navigation__item--active" if current else ""
    return format_html('<li class="govuk-service-navigation__item{}">{}</li>', active, link)


@register.simple_tag
@lru_cache(maxsize=256, typed=True)  # typed: a safe string is not the same text unsafe
def rating_tag(label: str, step: int | None = None, of: int | None = None) -> SafeString:
    """Return a rating as a tag: its word, and as many bars as it has steps (`step` counts from 1, the lowest).

    The bars repeat what the word says, and are hidden from screen readers. Without `step` the tag is plain: not yet
    rated, or not shown.
    """
    if not step or not of:
        return format_html('<strong class="eh-rating eh-rating--none">{}</strong>', label)
    return format_html('<strong class="eh-rating eh-rating--{}">{}{}</strong>', tone(step, of), bars(step, of), label)


def bars(step: int, of: int) -> SafeString:
    """Return `of` rising bars, the first `step` of them filled."""
    heights = [4 + round(6 * place / max(of - 1, 1)) for place in range(of)]
    rects = format_html_join(
        "",
        '<rect class="eh-rating__bar{}" x="{}" y="{}" width="4" height="{}"/>',
        (
            ("" if place < step else " eh-rating__bar--empty", place * 5, 10 - height, height)
            for place, height in enumerate(heights)
        ),
    )
    return format_html(
        '<svg class="eh-rating__bars" aria-hidden="true" focusable="false" width="{0}" height="10" '
        'viewBox="0 0 {0} 10">{1}</svg>',
        of * 5 - 1,
        rects,
    )


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


@register.simple_tag
def counts(items: Mapping[str, int] | Sequence[tuple[str, int]]) -> SafeString:
    """Return counts with their words, in one line where there is room: "24 yes, 6 no, 1 not applicable"."""
    pairs = items.items() if isinstance(items, Mapping) else items
    rows = format_html_join(
        "",
        '<li class="eh-counts__item{}"><span class="eh-counts__number">{}</span> {}</li>',
        (("" if number else " eh-counts__item--nil", number, word) for word, number in pairs),
    )
    return format_html('<ul class="eh-counts">{}</ul>', rows)
