"""The room as a Django application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Names the room, and listens to sign-ins and to changes of second factors."""

    name = "accounts"

    def ready(self):
        """Connect what listens."""
        from allauth.mfa import signals
        from django.contrib.auth.signals import user_logged_in

        from accounts import heard
        from accounts.sessions import note_sign_in

        user_logged_in.connect(note_sign_in)
        signals.authenticator_added.connect(heard.factor_added)
        signals.authenticator_removed.connect(heard.factor_removed)
        signals.authenticator_reset.connect(heard.codes_made)
