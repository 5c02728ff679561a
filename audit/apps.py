"""The room as a Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Names the room, makes its tasks known, and has append-only tables guarded after every migration."""

    name = "audit"

    def ready(self):
        """Register the tasks, and have the guards put back once all migrations are through."""
        from audit import tasks  # noqa: F401 - models are ready only now
        from audit.append_only import guard_again

        post_migrate.connect(guard_again, sender=self)
