"""The room as a Django application."""

from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    """Names the room."""

    name = "inspections"
