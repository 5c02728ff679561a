"""Whether stored results reflect every change, and whether a worker is there to see to it."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import F, Q
from django.utils import timezone
from redis.exceptions import RedisError

from inspections.models import Inspection

WORKER_SEEN = "worker-seen"


def behind():
    """Return the ids of the inspections whose stored results are missing or older than their last change."""
    return list(
        Inspection.objects.filter(Q(result=None) | Q(result__sequence__lt=F("sequence__value"))).values_list(
            "pk", flat=True
        )
    )


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
