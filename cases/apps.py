"""The room as a Django application."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Names the room, has it tell what people hold in it, and makes its tasks known."""

    name = "cases"

    def ready(self):
        """Register what tells, and the tasks."""
        from cases import holdings, tasks  # noqa: F401 - they look at models, which are ready only now
