"""The room as a Django application."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Names the room."""

    name = "audit"
