"""Whether stored results reflect every change, and whether a worker is there to see to it."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, Q
from django.utils import timezone
from redis.exceptions import RedisError

from inspections.models import Inspection

WORKER_SEEN = "worker-seen"
BEHIND = Q(result=None) | Q(result__sequence__lt=F("sequence__value"))


def behind():
    """Return the ids of the inspections whose stored results are missing or older than their last change."""
    return list(Inspection.objects.filter(BEHIND).values_list("pk", flat=True))


def is_behind(inspection_id):
    """Return whether the stored results of one inspection are missing or older than its last change."""
    return Inspection.objects.filter(BEHIND, pk=inspection_id).exists()


def worker_alive():
    """Return whether a worker showed itself lately, which nobody can tell while Redis is away.

    Without a broker the web process does the work itself.
    """
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return True
    try:
        seen = cache.get(WORKER_SEEN)
    except RedisError:
        return False
    return seen is not None and timezone.now() - seen < timedelta(seconds=6 * settings.SWEEP_SECONDS)
