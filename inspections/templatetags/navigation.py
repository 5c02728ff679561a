"""The way through an inspection: its groups of pages, and beneath them the pages of the group one is in.

A tag and no include: every page of an inspection has it, and includes are slow.
"""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

register = template.Library()

HERE = mark_safe(' aria-current="page"')
BELOW = mark_safe(' aria-current="true"')


@dataclass(frozen=True)
class Page:
    """A page of an inspection: `part` is what views call it, `allowed` what `inspections.access.Access` must say.

    `as_at` marks pages that can show a past moment, and lead on to each other at that moment.
    """

    part: str
    name: str
    words: str
    allowed: str = ""
    as_at: bool = False


GROUPS = (
    (
        "Today",
        Page("today", "cases:today", "Today", "may_view_cases"),
        Page("timetable", "cases:timetable", "Timetable", "may_view_cases"),
    ),
    (
        "Sample",
        Page("caseload", "cases:caseload", "Caseload", "may_plan_sample"),
        Page("plan", "cases:plan", "Plan and draw", "may_plan_sample"),
        Page("balance", "cases:balance", "Balance", "may_plan_sample"),
        Page("exclusions", "cases:exclusions", "Exclusions", "may_view_every_case"),
    ),
    (
        "Cases",
        Page("cases", "cases:list", "Cases", "may_view_cases"),
        Page("allocation", "cases:allocation", "Allocation", "may_manage_team"),
        Page("reviews", "cases:reviews", "Reviews", "may_view_every_case"),
        Page("alerts", "cases:alerts", "Alerts", "may_view_every_case"),
    ),
    (
        "Evidence",
        Page("delivery", "inspections:delivery", "Organisational delivery", "may_view_evidence"),
        Page("lines", "cases:lines", "Lines of enquiry", "may_view_evidence"),
    ),
    (
        "Ratings",
        Page("ratings", "ratings:inspection", "Ratings", "may_view_inspection", as_at=True),
        Page("annex_one", "ratings:annex_one", "{annex} 1", "may_view_inspection"),
        Page("annex", "ratings:annex", "{annex} 2", "may_view_inspection", as_at=True),
        Page("results", "ratings:results", "Results", "may_view_inspection", as_at=True),
        Page("as_it_was", "ratings:as_it_was", "As it was", "may_view_inspection", as_at=True),
    ),
    (
        "Decisions",
        Page("discretion", "ratings:discretion", "Discretion", "may_view_discretion"),
        Page("stages", "ratings:stages", "Stages", "may_view_inspection"),
    ),
    ("Team", Page("team", "cases:team", "Team")),
    ("Audit", Page("audit", "cases:audit", "Audit", "may_view_audit")),
)


# What reports call their annexes varies: where the page has the words.
ANNEXES = {"{annex} 1": "annex_one_name", "{annex} 2": "annex_name"}


@register.simple_tag(takes_context=True)
def inspection_navigation(context):
    """Return the groups that the person may enter, each leading to its first page, and the pages of the one they are in.

    Where one is comes from `part`, and with `is_below_part` one is on a page beneath it.
    """
    part, access = context.get("part"), context["access"]
    groups, pages = [], ()
    for words, *held in GROUPS:
        allowed = [page for page in held if not page.allowed or getattr(access, page.allowed)]
        if not allowed:
            continue
        inside = any(page.part == part for page in allowed)
        alone = len(allowed) == 1
        groups.append(_item(context, allowed[0], words, here=inside and alone, inside=inside))
        if inside and not alone:
            pages = [_item(context, page, page.words, here=page.part == part) for page in allowed]
            pages = format_html('<ul class="eh-subnav__pages">{}</ul>', format_html_join("", "{}", zip(pages)))
    return format_html(
        '<nav class="eh-subnav" aria-label="This inspection"><ul>{}</ul>{}</nav>',
        format_html_join("", "{}", zip(groups)),
        pages or "",
    )


def _item(context, page, words, *, here, inside=False):
    current = ""
    if here:
        current = BELOW if context.get("is_below_part") else HERE
    elif inside:
        current = BELOW
    as_at = getattr(context.get("figures"), "suffix", "") if page.as_at else ""
    return format_html(
        '<li><a class="govuk-link" href="{}{}"{}>{}</a></li>',
        reverse(page.name, args=[context["inspection"].public_id]),
        as_at,
        current,
        context.get(ANNEXES[words]) if words in ANNEXES else words,
    )
