"""The project as one Django application, for its checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds what belongs to no room."""

    name = "config"

    def ready(self):
        """Register the checks."""
        from config import checks  # noqa: F401 - they look at models, which are ready only now
