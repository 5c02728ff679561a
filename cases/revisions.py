"""Who gave which answer when, at each question of a page. The whole of it is the page "Who changed what"."""

from datetime import timedelta

from django.db.models import Case, F, TextField, When, Window
from django.db.models.functions import Left, RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator

from cases.models import AnswerRevision, Source
from cases.pages import answer_in_words

NEWEST = 5  # of each question; a note that is typed leaves many
LONGEST = 300  # characters of a text
AT_ONCE = timedelta(minutes=1)

HISTORY = """<details class="govuk-details eh-question__history">
<summary class="govuk-details__summary">
<span class="govuk-details__summary-text">History ({count})<span class="govuk-visually-hidden"> of {name}</span></span>
</summary>
<div class="govuk-details__text"><ol class="eh-history">{entries}</ol>{more}</div>
</details>"""
MORE = '<p class="govuk-body"><a class="govuk-link" href="{}?question={}">All {} changes of {}</a></p>'


def histories_on(case, page, rows):
    """Return the history of each question of a page that was ever answered, by code, as HTML. One query for all of them."""
    texts = [code for code, question in page.questions.items() if question.kind == "text"]
    revisions = (
        AnswerRevision.objects.filter(case=case, question__in=page.questions)
        .annotate(
            place=Window(RowNumber(), partition_by="question", order_by=F("version").desc()),
            shown_value=Case(
                When(question__in=texts, then=Left("value", LONGEST + 1)), default="value", output_field=TextField()
            ),
            shown_note=Left("note", LONGEST + 1),
        )
        .filter(place__lte=NEWEST)
        .defer("value", "note", "asked_because")
        .select_related("by")
        .order_by("-version")
    )
    entries = {}
    for revision in revisions:
        entries.setdefault(revision.question, []).append(_entry(case, page.questions[revision.question], revision))
    return {code: _history(case, page.questions[code], rows[code].version, held) for code, held in entries.items()}


def _history(case, question, count, entries):
    name = question.code if question.kind == "rated" else f"“{case.inspection.worded(question.text)}”"
    address = reverse("cases:history", args=[case.public_id])
    return format_html(
        HISTORY,
        count=count,
        name=name,
        entries=format_html_join("", "<li>{}</li>", ((entry,) for entry in entries)),
        more=format_html(MORE, address, question.code, count, name) if count > len(entries) else "",
    )


def _entry(case, question, revision):
    value = answer_in_words(case, question, revision.shown_value)
    lines = [("what", Truncator(value).chars(LONGEST)), ("who", f"{revision.by.name}, {_moment(revision.at)}")]
    if way := _way(revision):
        lines.append(("who", way))
    texts = [
        f"{label}: {Truncator(text).chars(LONGEST)}"
        for label, text in (
            ("Reason", revision.reason),
            ("Note", revision.shown_note),
            ("Evidence from", Source(revision.source).label if revision.source else ""),
            ("Why it was changed", revision.change_reason),
        )
        if text
    ]
    if revision.at_interview:
        texts.append("To be asked at interview")
    return format_html(
        "{}{}",
        format_html_join("", '<p class="eh-history__{}">{}</p>', lines),
        format_html_join("", "<blockquote>{}</blockquote>", ((text,) for text in texts)),
    )


def _way(revision):
    """Return how an answer came that was not sent at once, in words; else ""."""
    given = f"Given {_moment(revision.given_at)}" if revision.given_at else ""
    if revision.offline_since:
        return f"{given or 'Given'}, and sent after being offline since {_moment(revision.offline_since)}"
    if revision.given_at and revision.at - revision.given_at > AT_ONCE:
        return f"{given}, and sent later"
    return ""


def _moment(moment):
    return f"{timezone.localtime(moment):%-d %B %Y, %H:%M}"
