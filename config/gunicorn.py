"""How the web server runs, for an installation and for trying out alike. Read by `gunicorn --config`.

BIND names where to listen, separated by commas; without it, that is every address in production, and otherwise only
this machine. PORT (8000), WEB_PROCESSES (1) and WEB_THREADS (8) are numbers.
"""

import logging
import os
import socket
import sys
import threading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
PORT = os.environ.get("PORT", "8000")


def own_addresses():
    """Return the addresses that "localhost" may mean on this machine."""
    addresses = [f"127.0.0.1:{PORT}"]
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
        addresses.append(f"[::1]:{PORT}")
    except OSError:
        pass  # a machine without IPv6
    return addresses


if os.environ.get("BIND"):
    bind = os.environ["BIND"].split(",")
elif os.environ.get("EVENHAND_ENV") == "production":
    bind = [f"0.0.0.0:{PORT}"]
else:
    bind = own_addresses()
# Threads share the connections that CONN_MAX_AGE keeps; in-process tasks and SQLite want one process.
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 30
keepalive = 5
# Heartbeat files on a disk that is busy have workers killed for nothing.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
control_socket_disable = True
accesslog = None  # addresses hold nothing private, but who looked at what is the audit's to tell
# The server's own troubles are told like everything else (config/logs.py).
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True}},
}


def on_starting(server):
    """Refuse to start where pages would look for files that nobody collected."""
    from django.conf import settings

    if settings.PRODUCTION and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        sys.exit(f"There are no collected files in {settings.STATIC_ROOT}. Run manage.py collectstatic first.")


def post_worker_init(worker):
    """Where tasks run in process, bring up to date what was left behind when the process last ended, and seal the audit."""
    from django.conf import settings

    from audit.tasks import keep_sealing
    from ratings.tasks import sweep, sweep_of_exports

    if settings.CELERY_TASK_ALWAYS_EAGER:
        try:
            sweep()
            sweep_of_exports()
        except Exception:
            logging.getLogger(__name__).exception(
                "The sweep at the start failed; pages recompute what they find stale."
            )
        threading.Thread(target=keep_sealing, name="sealing", daemon=True).start()
