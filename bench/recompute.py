"""Recomputing the largest published inspection after an answer has changed, beside the bare grouped query."""

from functools import partial
from uuid import uuid4

from django.db import connection

from accounts.models import User
from bench.database import LARGEST, inspection
from bench.measure import Fact, Heading, Row, measure
from cases.actions import record_answer
from cases.answers import Given
from cases.models import Answer, Case
from ratings import actions
from ratings.tallies import grouped_answers

LIMIT = 10
LINEAR = 1.2  # a case may cost a fifth more among ten times as many: noise, and caches that are full


class Toggle:
    """Changes the answer to one question of a case each time it is called, through the product's action."""

    def __init__(self, inspection):
        self.by = User.objects.command_line()
        self.case = Case.objects.filter(inspection=inspection).order_by("pk").first()
        asked = Answer.objects.filter(case=self.case, kind="rated", asked=True, value__in=["yes", "no"])
        answer = asked.order_by("question").last()
        self.question, self.value, self.version = answer.question, answer.value, answer.version

    def __call__(self):
        """Save the other of yes and no."""
        self.value = "no" if self.value == "yes" else "yes"
        given = Given(question=self.question, value=self.value, base=self.version, command_id=uuid4())
        self.version = record_answer(case=self.case, by=self.by, given=given).version


def bare_query(inspection):
    """Return a function that sends the same grouped query through Django's plain cursor and fetches all it gives."""
    sql, parameters = grouped_answers(inspection.pk).query.sql_with_params()

    def send():
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    return send


def measured(held, **how):
    """Return the times of recomputing and of the bare query, in turn, each after an answer has changed."""
    contestants = {"recompute": partial(actions.recompute, inspection_id=held.pk), "query": bare_query(held)}
    times = measure(contestants, before=Toggle(held), **how)
    actions.recompute(inspection_id=held.pk)
    return times


def published():
    """Return the lines about the largest inspection as it was published."""
    times = measured(inspection(LARGEST), rounds=30)
    return [
        Heading("Recomputing the largest published inspection, 82 cases, after one answer changed"),
        Row("the bare grouped query, sent and fetched by a plain cursor", times["query"]),
        Row("recompute, from snapshot to stored results", times["recompute"], times["query"], LIMIT),
    ]


def grown(larger):
    """Return the lines about ten and a hundred times as many cases."""
    rows = [Heading("Recomputing as cases grow, in a database of 500 inspections: ratio to the bare query")]
    per_case = []
    for held, rounds in zip([inspection(LARGEST), *larger], (20, 10, 3), strict=True):
        count = Case.objects.filter(inspection=held).count()
        times = measured(held, rounds=rounds, runs=3)
        row = Row("", times["recompute"], times["query"], LIMIT)
        per_case.append(row.milliseconds / count)
        rows += [
            Row(f"{count:,} cases: the bare grouped query", times["query"]),
            Row(f"{count:,} cases: recompute, {per_case[-1]:.3f} ms a case", row.times, row.beside, LIMIT),
        ]
    for times, before, after in ((820, *per_case[:2]), (8200, *per_case[1:])):
        growth = after / before
        rows.append(
            Fact(
                f"one case among {times:,} beside one among a tenth of them",
                f"{growth:.2f}",
                f"{LINEAR}",
                growth > LINEAR,
            )
        )
    return rows
