"""The room as a Django application."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Names the room."""

    name = "cases"
