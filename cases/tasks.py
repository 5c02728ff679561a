"""Background work on cases. Each task is safe to run twice, and side by side."""

from celery import shared_task

from cases.caseload.actions import drop_old_drafts


@shared_task(name="cases.drop_old_drafts")
def drop_drafts():
    """Remove lists of cases that were checked a day ago and imported by nobody."""
    drop_old_drafts()
