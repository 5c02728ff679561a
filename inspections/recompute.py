"""Asking for a recomputation without knowing who computes: the task is called by name, after the commit."""

import logging
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from celery import current_app
from django.db import connection, transaction

logger = logging.getLogger(__name__)

REST_SECONDS = 5


@dataclass(frozen=True)
class Recompute:
    """Sends the task for one inspection. A broker that is away is logged, never raised: the sweep repairs it.

    After a failure nothing is sent for a few seconds, so that a broker that hangs holds up one save and not each.
    """

    _rests_until: ClassVar[float] = 0.0

    inspection_id: int

    def __call__(self):
        """Send it. Raises nothing."""
        if monotonic() < Recompute._rests_until:
            return
        try:
            current_app.signature("ratings.recompute", args=[self.inspection_id]).apply_async(retry=False)
        except Exception as error:
            Recompute._rests_until = monotonic() + REST_SECONDS
            logger.warning("Recomputation could not be queued (%s); the sweep will find it.", type(error).__name__)


def recompute_after_commit(inspection_id):
    """Queue the recomputation of an inspection once for this transaction, when it has committed."""
    queue = Recompute(inspection_id)
    if all(waiting != queue for _, waiting, _ in connection.run_on_commit):
        transaction.on_commit(queue)
