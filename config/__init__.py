"""How the rooms are put together: settings, addresses, the worker. Knows every room; no room knows it."""

from config.worker import app as celery_app

__all__ = ["celery_app"]
