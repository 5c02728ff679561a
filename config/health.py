"""Whether the process lives, and whether the installation can do its work."""

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ratings.freshness import worker_alive


@never_cache
@require_safe
def healthz(request):
    """Answer 200 while the process lives."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request):
    """Answer 200 when the database, the broker and a worker are there, else 503; the body says which is not."""
    checks = {"database": _works(_database), "broker": _works(_broker), "worker": _works(worker_alive)}
    ready = all(checks.values())
    named = {name: "ok" if works else "not reached" for name, works in checks.items()}
    return JsonResponse({"status": "ok" if ready else "not ready", **named}, status=200 if ready else 503)


def _works(check):
    try:
        return bool(check())
    except Exception:
        return False


def _database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _broker():
    if settings.CELERY_TASK_ALWAYS_EAGER:
        return True
    cache.set("ready", 1, timeout=5)
    return cache.get("ready") == 1


PROBES = {"/healthz": healthz, "/readyz": readyz}
