"""The room as a Django application."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Names the room, and sees to it that append-only tables are guarded after every migration."""

    name = "audit"

    def ready(self):
        """Have the guards put back once all migrations are through."""
        from audit.append_only import guard_again

        post_migrate.connect(guard_again, sender=self)
