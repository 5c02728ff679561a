"""The room as a Django application."""

from django.apps import AppConfig


class RatingsConfig(AppConfig):
    """Names the room, and makes its tasks known: Celery runs a task in process only when it knows the task."""

    name = "ratings"

    def ready(self):
        """Register the tasks."""
        from ratings import tasks  # noqa: F401 - models are ready only now
