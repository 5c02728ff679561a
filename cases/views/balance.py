"""How well the sample matches the eligible cases, and how wide the margin of each part of it is."""

from textwrap import wrap

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cases.adjustments import adjusted_document
from cases.balance import DISPOSAL, balances, largest_gap, parts
from cases.drawing import to_draw
from cases.exclusions import Reason
from cases.models import Draw
from cases.sampling import NOT_CLASSIFIED, REST
from inspections.access import get_inspection
from inspections.views.frame import frame

# Of a chart, in pixels: they grow with the page, and its width is that of its column.
LINE, BAR, SPACE = 20, 12, 14
CHARACTERS = 34  # on a line of a label
MANY_STRATA = 20  # of which a table is folded


@require_safe
def balance(request, inspection):
    """Show the sample beside the eligible cases, for every value of what it has to match."""
    inspection, access = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    draw = Draw.objects.filter(inspection=inspection).first()
    context = frame(inspection, access, page_title="Balance", part="balance", draw=draw)
    if draw:
        context |= shown(inspection, draw)
    return render(request, "cases/balance.html", context)


def shown(inspection, draw):
    """Return what the page shows of a sample that is drawn, with the cases that count now."""
    document = adjusted_document(inspection.document, draw.plan["adjusted"])
    drawn = inspection.cases.filter(candidate__isnull=False)
    cases = list(drawn.values_list("pk", "reference", "excluded_reason", "excluded_as", "replaces_id"))
    counting = {reference for _, reference, excluded, _, _ in cases if not excluded}
    excluded = {pk for pk, _, excluded, _, _ in cases if excluded}
    replaced = [replaces in excluded for *_, replaces in cases if replaces]
    found = balances(document, to_draw(document, inspection.candidates.all()), counting)
    whole, *subgroups = parts(document, found)
    return {
        "confidence": f"{100 * document.sampling.confidence:g}",
        "whole": whole,
        "counting": len(counting),
        "excluded": len(excluded),
        "replaced": sum(replaced),
        "restored": len(replaced) - sum(replaced),
        "not_eligible": sum(reason == Reason.NOT_ELIGIBLE for *_, reason, _ in cases),
        "gap": gap_in_words(inspection, largest_gap(found)),
        "groups": grouped(inspection, whole, subgroups),
        "fields": [field_shown(inspection, document, found, code) for code in document.sampling.stratify_by],
        "strata": [
            stratum_row(inspection, stratum["sample"], stratum["values"], *places)
            for stratum, places in zip(draw.strata, places_of(draw), strict=True)
        ],
        "many_strata": len(draw.strata) > MANY_STRATA,
    }


def places_of(draw):
    """Return how many candidates each stratum of a draw has, as (all, drawn). One query."""
    counts = [[0, 0] for _ in draw.strata]
    for stratum, drawn in draw.places.order_by().values_list("stratum", "drawn"):
        counts[stratum][0] += 1
        counts[stratum][1] += drawn
    return counts


def grouped(inspection, whole, subgroups):
    """Return the parts of the sample with their margins, under a heading each: all, kinds of case, and each field."""
    groups = {"": [(whole, "The whole sample")]}
    for part in subgroups:
        if part.sample:
            label = inspection.document.sample(part.sample).label
            groups[""].append((part, f"{label.capitalize()} cases"))
        else:
            words = value_in_words(inspection, part.field, part.value)
            groups.setdefault(field_in_words(inspection, part.field), []).append((part, words))
    return [
        {"heading": heading, "rows": [{"part": part, "words": words, "margin": margin(part)} for part, words in held]}
        for heading, held in groups.items()
    ]


def margin(part):
    """Return the margin of a part of the sample as it is shown."""
    return "None in the sample" if part.margin is None else f"±{part.margin:.1f}"


def field_shown(inspection, document, found, code):
    """Return the tables of one field, one for each kind of case, each with its chart."""
    tables = []
    for held in found:
        rows = [share_row(inspection, held, share) for share in held.of_field(code)]
        if rows:
            label = document.sample(held.sample).label
            tables.append({"label": label, "code": held.sample, "balance": held, "rows": rows, "chart": chart(rows)})
    return {"code": code, "words": field_in_words(inspection, code), "tables": tables}


def share_row(inspection, held, share):
    """Return a row of a table: a value with its counts, its shares in per cent, and the gap between them."""
    of_eligible = 100 * share.eligible / held.eligible
    of_drawn = 100 * share.drawn / held.drawn if held.drawn else 0.0
    return {
        "share": share,
        "words": value_in_words(inspection, share.field, share.value),
        "of_eligible": of_eligible,
        "of_drawn": of_drawn,
        "gap": signed(share.gap) if held.drawn else "",
    }


def chart(rows):
    """Return where everything of a chart stands: for each row the lines of its label, and a bar of each share.

    Bars are in per cent of the width, which is the largest share there is.
    """
    largest = max(max(row["of_eligible"], row["of_drawn"]) for row in rows)
    top, placed = 0, []
    for row in rows:
        label = f"{row['words']}: {row['of_drawn']:.1f}%, eligible {row['of_eligible']:.1f}%"
        lines = wrap(label, CHARACTERS)
        placed.append(
            {
                "lines": [(top + LINE * number - 5, text) for number, text in enumerate(lines, start=1)],
                "drawn": (top + LINE * len(lines), f"{100 * row['of_drawn'] / largest:.1f}%"),
                "eligible": (top + LINE * len(lines) + BAR, f"{100 * row['of_eligible'] / largest:.1f}%"),
                "text": label,
            }
        )
        top += LINE * len(lines) + 2 * BAR + SPACE
    return {"rows": placed, "height": top, "bar": BAR}


def signed(gap):
    """Return a gap in percentage points with its sign, as it is shown."""
    rounded = round(gap, 1)
    return "0.0" if not rounded else f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"


def gap_in_words(inspection, found):
    """Return the sentence that names the largest gap, from what `cases.balance.largest_gap` gives; "" without one."""
    if found is None:
        return ""
    sample, share = found
    cases = inspection.document.sample(sample).label
    if not share.gap:
        return "There is no gap: the sample has every share of the eligible cases exactly."
    field = field_in_words(inspection, share.field)
    field = field[:1].lower() + field[1:]
    value = value_in_words(inspection, share.field, share.value)
    return (
        f"The largest gap is {abs(share.gap):.1f} percentage points: among {cases} cases, {field} “{value}” is "
        f"{'more' if share.gap > 0 else 'less'} frequent in the sample than among the eligible cases."
    )


def stratum_row(inspection, sample, values, eligible, drawn):
    """Return a stratum as `cases/parts/strata.html` shows it."""
    label = inspection.document.sample(sample).label
    return {
        "sample": label,
        "cells": stratum_cells(inspection, values),
        "merged": is_merged(values),
        "eligible": eligible,
        "drawn": drawn,
    }


def stratum_cells(inspection, values):
    """Return what a stratum has of each field, as [(field, value)] in words; “Any” where small ones were put together."""
    fields = inspection.document.sampling.stratify_by
    known = [*values[: -len(REST)], *[None] * len(fields)] if is_merged(values) else values
    return [
        (field_in_words(inspection, field), "Any" if value is None else value_in_words(inspection, field, value))
        for field, value in zip(fields, known, strict=False)
    ]


def is_merged(values):
    """Return whether a stratum is several small ones that were put together."""
    return tuple(values[-len(REST) :]) == REST


def field_in_words(inspection, code):
    """Return what a field is called."""
    if code == DISPOSAL:
        return "Disposal"
    return inspection.worded(next(held.label for held in inspection.document.profile if held.code == code))


def value_in_words(inspection, field, value):
    """Return what a value of a field is called."""
    if value == NOT_CLASSIFIED:
        return "Not classified"
    if field == DISPOSAL:
        return inspection.worded(inspection.document.disposal(value).label)
    options = next(held.options for held in inspection.document.profile if held.code == field)
    return inspection.worded(next((option.label for option in options if option.code == value), value))
