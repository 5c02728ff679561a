"""Background work. Each task takes an id, is safe to run twice, and calls an action."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from ratings import actions
from ratings.exporting import making
from ratings.exporting.actions import sweep_exports
from ratings.freshness import WORKER_SEEN, behind


@shared_task(name="ratings.recompute")
def recompute(inspection_id):
    """Bring one inspection's results up to date."""
    actions.recompute(inspection_id=inspection_id)


@shared_task(name="ratings.sweep")
def sweep():
    """Bring up to date whatever was not: the message was lost, or a worker died. Says that a worker is alive."""
    cache.set(WORKER_SEEN, timezone.now(), timeout=None)
    for inspection_id in behind():
        actions.recompute(inspection_id=inspection_id)


@shared_task(name="ratings.make_export")
def make_export(export_id):
    """Make an export that waits."""
    making.make_export(export_id)


@shared_task(name="ratings.sweep_exports")
def sweep_of_exports():
    """See to exports whose worker died or whose message was lost, and remove files whose time is over."""
    sweep_exports()
