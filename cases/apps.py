"""The room as a Django application."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Names the room, and has it tell what people hold in it."""

    name = "cases"

    def ready(self):
        """Register what tells."""
        from cases import holdings  # noqa: F401 - it looks at models, which are ready only now
