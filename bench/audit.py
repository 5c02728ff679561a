"""The audit record: who changed an answer, among 1,000 events and among 100,000, and what sealing costs."""

import hashlib
import json
from time import perf_counter

from django.db import connection

from audit.actions import record_event
from audit.models import Event
from audit.questions import Asked, page_of
from audit.sealing import CONTENT, seal
from audit.verifying import verify
from bench.database import LARGEST, inspection, settle
from bench.measure import Heading, Row, measure

FEW, MANY = 1_000, 100_000
LIMIT = 2
ASKED = "2.1.1"
CHANGES = 5  # of the answer that is asked about, in both, after the one that the bundle came with

# As recording an answer leaves them, on every other question of every case of one inspection in turn.
FILL = """
    WITH places AS (
        SELECT held.public_id::text AS place, answer.question, held.reference,
            row_number() OVER (ORDER BY md5(held.id || answer.question)) - 1 AS number, count(*) OVER () AS places
        FROM cases_case held JOIN cases_answer answer ON answer.case_id = held.id
        WHERE held.inspection_id = %(inspection)s AND answer.kind = 'rated' AND answer.question <> %(asked)s
    )
    INSERT INTO audit_event (at, action, who, who_email, inspection, "case", question, summary, reason, detail)
    SELECT now(), 'answer.recorded', 'Ines Archer', 'ines.archer@example.org', %(public_id)s, place, question,
        'Changed ' || question || ' in case ' || reference || ' from Yes to No.', 'The file shows otherwise.',
        jsonb_build_object('question', question, 'value', 'no', 'was', 'yes', 'command', gen_random_uuid())
    FROM generate_series(0, %(events)s - 1) event JOIN places ON number = event %% places
"""


def fill(events):
    """Bring the record to so many events, a few of them about the answer that is asked about."""
    from accounts.models import User

    held = inspection(LARGEST)
    case, by = held.cases.order_by("pk").first(), User.objects.command_line()
    more = events - Event.objects.count() - CHANGES
    parameters = {"inspection": held.pk, "public_id": str(held.public_id), "asked": ASKED}
    with connection.cursor() as cursor:
        cursor.execute(FILL, parameters | {"events": max(more // 2, 0)})
    for _ in range(CHANGES):
        record_event(
            action="answer.recorded",
            by=by,
            inspection=held,
            case=case,
            summary="Changed it.",
            detail={"question": ASKED, "value": "no", "was": "yes"},
        )
    with connection.cursor() as cursor:
        cursor.execute(FILL, parameters | {"events": max(more - more // 2, 0)})
    settle()
    return Asked(inspection=str(held.public_id), case=str(case.public_id), question=ASKED)


def compared(switch):
    """Return the lines, from the database of five inspections and from its copy."""
    asked, counts = {}, {}
    for events in (FEW, MANY):
        switch(events == MANY)
        asked[events], counts[events] = fill(events), Event.objects.count()
    sealing, bare, verifying = sealed()

    def ask(events):
        switch(events == MANY)
        found = page_of(asked[events], 50).events
        if len(found) != CHANGES + 1:
            raise RuntimeError(f"{len(found)} events were found, and {CHANGES + 1} are about that answer.")

    times = measure({events: lambda events=events: ask(events) for events in (FEW, MANY)})
    switch(False)
    rate = 1000 * counts[MANY] / sealing
    return [
        Heading("The audit record"),
        Row(f"who changed this answer, among {counts[FEW]:,} events", times[FEW]),
        Row(f"who changed this answer, among {counts[MANY]:,} events", times[MANY], times[FEW], LIMIT),
        Row(f"bare SHA-256 over {counts[MANY]:,} events in memory: {1000 * counts[MANY] / bare:,.0f} a second", [bare]),
        Row(f"sealing them, read and stored: {rate:,.0f} events a second", [sealing], [bare]),
        Row(f"checking them: {1000 * counts[MANY] / verifying:,.0f} events a second", [verifying], [bare]),
    ]


def sealed():
    """Seal every event of the database and return the milliseconds of sealing, of bare SHA-256, and of checking."""
    start = perf_counter()
    count = seal()
    sealing = (perf_counter() - start) * 1000
    if count != Event.objects.count():
        raise RuntimeError(f"{count} events were sealed, and there are {Event.objects.count()}.")
    start = perf_counter()
    report = verify()
    verifying = (perf_counter() - start) * 1000
    if report.fault or report.count != count:
        raise RuntimeError(f"The record does not hold: {report}.")
    rows = [json.dumps(row, default=str).encode() for row in Event.objects.values_list(*CONTENT).iterator()]
    start = perf_counter()
    head = b""
    for row in rows:
        head = hashlib.sha256(head + row).digest()
    return sealing, (perf_counter() - start) * 1000, verifying
