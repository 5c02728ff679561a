"""The items of the way through an inspection. A tag and no include: every page has a dozen of them, and includes are slow."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

register = template.Library()

HERE = mark_safe(' aria-current="page"')
BELOW = mark_safe(' aria-current="true"')


@register.simple_tag(takes_context=True)
def navigation_item(context, this, name, words, suffix=""):
    """Return the item of a page of the inspection: marked where `part` says that one is there, or below it."""
    current = ""
    if context.get("part") == this:
        current = BELOW if context.get("is_below_part") else HERE
    url = reverse(name, args=[context["inspection"].public_id])
    return format_html('<li><a class="govuk-link" href="{}{}"{}>{}</a></li>', url, suffix, current, words)
