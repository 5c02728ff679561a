"""Brings an inspection to where its ratings can be agreed, and further."""

from cases.actions import set_imported_state
from cases.alerts import open_alerts
from cases.models import CaseState
from cases.reviews import resolve_alert
from inspections.actions import move_on
from inspections.lifecycle import Step
from inspections.models import Inspection
from ratings.actions import lock_ratings, publish_ratings


def make_ready(inspection, by):
    """Settle every alert, take every case over as agreed and begin moderation; return the inspection as it is then."""
    for alert in open_alerts(inspection):
        resolve_alert(alert=alert, by=by, text="Seen to.")
    for case in inspection.cases.filter(excluded_reason="").exclude(state=CaseState.AGREED):
        set_imported_state(case=case, state=CaseState.AGREED, by=by)
    move_on(inspection=inspection, step=Step.BEGIN_MODERATION, by=by)
    return Inspection.objects.get(pk=inspection.pk)


def publish(inspection, *, lead, manager):
    """Agree the ratings, send them for factual accuracy and publish them; return the inspection as it is then."""
    ready = make_ready(inspection, lead)
    lock_ratings(inspection=ready, by=lead)
    move_on(inspection=ready, step=Step.SEND_FOR_ACCURACY, by=manager)
    publish_ratings(inspection=ready, by=manager)
    return Inspection.objects.get(pk=inspection.pk)
