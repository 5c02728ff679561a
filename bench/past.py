"""The largest published inspection as it was at a past moment, beside the bare grouped query over its answers as they are."""

from functools import partial

from django.db import connection

from bench.database import LARGEST, inspection, settle
from bench.measure import Heading, Row, measure
from bench.recompute import Toggle, bare_query
from inspections.models import Inspection, Sequence
from ratings.actions import recompute
from ratings.annex import build_annex
from ratings.moments import find_moment
from ratings.past import look_back

LIMIT = 20
SINCE = 500  # changes that came after the moment
# Every answer was given so many times before it. By the front door that takes hours, so the revisions are copied, but of
# the few answers that were changed before, by what is measured earlier, whose versions are taken.
VERSIONS = 4
COPY = """
    INSERT INTO cases_answerrevision (case_id, question, version, value, reason, note, asked_because, change_reason,
        source, at_interview, command_id, given_at, offline_since, sequence, by_id, at)
    SELECT case_id, question, version + %(more)s, value, reason, note, asked_because, change_reason,
        source, at_interview, gen_random_uuid(), given_at, offline_since, sequence, by_id, at
    FROM cases_answerrevision revision
    WHERE version = 1 AND case_id IN (SELECT id FROM cases_case WHERE inspection_id = %(inspection)s)
        AND NOT EXISTS (SELECT FROM cases_answerrevision later WHERE later.case_id = revision.case_id
            AND later.question = revision.question AND later.version > 1)
"""
NUMBER = """
    UPDATE cases_answer SET version = %(versions)s
    WHERE version = 1 AND case_id IN (SELECT id FROM cases_case WHERE inspection_id = %(inspection)s)
"""


def rebuilt(held, name):
    """Return the Annex of an inspection as it was at that moment, from finding the moment on."""
    past = look_back(held, find_moment(held, name))
    return build_annex(past.inspection, past.result)


def compared():
    """Return the lines about a moment before the last changes of the largest inspection."""
    held = Inspection.objects.select_related("service", "standards", "sequence").get(slug=LARGEST)
    with connection.cursor() as cursor:
        for more in range(1, VERSIONS):
            cursor.execute(COPY, {"more": more, "inspection": held.pk})
        cursor.execute(NUMBER, {"versions": VERSIONS, "inspection": held.pk})
    moment = Sequence.objects.get(inspection=held).value
    toggle = Toggle(inspection(LARGEST))
    for _ in range(SINCE):
        toggle()
    recompute(inspection_id=held.pk)
    held.refresh_from_db(fields=["sequence"])
    settle()
    times = measure({"query": bare_query(held), "past": partial(rebuilt, held, str(moment))})
    return [
        Heading(f"The same inspection as it was {SINCE} changes ago, every answer having been given {VERSIONS} times"),
        Row("the bare grouped query, over the answers as they are", times["query"]),
        Row("Annex 2 of that moment, rebuilt from the revisions", times["past"], times["query"], LIMIT),
    ]
