"""The room as a Django application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Names the room."""

    name = "accounts"
