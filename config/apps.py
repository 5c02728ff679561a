"""The project as one Django application, for its checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds what belongs to no room."""

    name = "config"
