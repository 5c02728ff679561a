"""Background work of the audit. Each task is safe to run twice, and side by side."""

import logging
from time import sleep

from celery import shared_task
from django.conf import settings
from django.db import close_old_connections

from audit.actions import record_verification
from audit.sealing import seal
from audit.verifying import verify

logger = logging.getLogger(__name__)


@shared_task(name="audit.seal")
def seal_events():
    """Seal what has come in."""
    seal()


@shared_task(name="audit.verify")
def verify_chain():
    """Check the whole chain, and record what was found."""
    report = verify()
    record_verification(report=report)
    if report.fault:
        logger.error("The audit record does not hold. Run manage.py verify_audit.")


def keep_sealing():
    """Seal what has come in, again and again: for a thread of the web server, where nothing else keeps the time."""
    while True:
        try:
            close_old_connections()
            seal()
        except Exception:
            logger.exception("Sealing failed; it is tried again.")
        sleep(settings.SWEEP_SECONDS)
