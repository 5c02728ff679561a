"""What saving costs, for information: an answer through the action, and rating alone."""

from functools import partial

from django.db import connection

from bench.database import LARGEST, inspection
from bench.measure import Heading, Row, measure
from bench.recompute import Toggle
from inspections.actions import current_judgements
from ratings import actions
from ratings.scoring import rate
from ratings.tallies import count_answers


def saved(loading):
    """Return the lines. `loading` is how many milliseconds the five examples took."""
    held = inspection(LARGEST)
    toggle = Toggle(held)
    tallies = count_answers(held.document, held.pk)
    counted = {code: tally for code, tally in tallies.items() if code in held.document.key_questions}
    judgements = {code: judgement.rating for code, judgement in current_judgements(held).items()}

    def bare_update():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE cases_answer SET value = value WHERE case_id = %s AND question = %s",
                [toggle.case.pk, toggle.question],
            )

    times = measure(
        {"answer": toggle, "update": bare_update, "rate": partial(rate, held.document, counted, judgements)}
    )
    actions.recompute(inspection_id=held.pk)
    return [
        Heading("For information"),
        Row("loading the five examples through the product, once", [loading]),
        Row("a bare UPDATE of one row, committed", times["update"]),
        Row(
            "one answer saved: checked, revision, audit, sequence, committed, recomputation queued",
            times["answer"],
            times["update"],
        ),
        Row("rating alone: percentages, bands, standards, score from given tallies", times["rate"]),
    ]
