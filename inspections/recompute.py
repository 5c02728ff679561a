"""Asking for a recomputation without knowing who computes: the task is called by name, after the commit.

Saves come in bursts, and one recomputation serves all that came before it. So the clock is cut into short spells; the
first save of a spell sends a task that starts after the spell's end, and the others send nothing.
"""

import logging
from dataclasses import dataclass
from time import monotonic, time
from typing import ClassVar

from celery import current_app
from django.db import connection, transaction

logger = logging.getLogger(__name__)

REST_SECONDS = 5
SPELL_SECONDS = 0.5
# A task waits this much longer than its spell, in case the worker's clock is ahead of the web server's.
MARGIN_SECONDS = 0.25


@dataclass(frozen=True)
class Recompute:
    """Sends the task for one inspection, once for all saves that this process committed in the same spell.

    The task starts after all of them: each has committed when it asks, which is before the spell ends. A broker that is
    away is logged, never raised: the sweep repairs it. After a failure nothing is sent for a few seconds, so that a
    broker that hangs holds up one save and not each.
    """

    _rests_until: ClassVar[float] = 0.0
    _sent: ClassVar[dict[int, int]] = {}  # the last spell for which a task was sent, by inspection

    inspection_id: int

    def __call__(self):
        """Send it. Raises nothing."""
        if monotonic() < Recompute._rests_until:
            return
        now = time()
        spell = int(now / SPELL_SECONDS)
        in_process = current_app.conf.task_always_eager
        if not in_process and Recompute._sent.get(self.inspection_id) == spell:
            return
        Recompute._sent[self.inspection_id] = spell
        wait = (spell + 1) * SPELL_SECONDS + MARGIN_SECONDS - now
        try:
            current_app.signature("ratings.recompute", args=[self.inspection_id]).apply_async(
                countdown=None if in_process else wait, retry=False
            )
        except Exception as error:
            Recompute._rests_until = monotonic() + REST_SECONDS
            logger.warning("Recomputation could not be queued (%s); the sweep will find it.", type(error).__name__)


def recompute_after_commit(inspection_id):
    """Queue the recomputation of an inspection once for this transaction, when it has committed."""
    queue = Recompute(inspection_id)
    if all(waiting != queue for _, waiting, _ in connection.run_on_commit):
        transaction.on_commit(queue)
