"""The room as a Django application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Names the room, and listens to sign-ins and to changes of second factors."""

    name = "accounts"

    def ready(self):
        """Connect what listens."""
        from allauth.account.signals import user_logged_in as signed_in
        from allauth.mfa.models import Authenticator
        from allauth.mfa.signals import authenticator_removed
        from django.contrib.auth.signals import user_logged_in
        from django.db.models.signals import post_save

        from accounts import heard
        from accounts.sessions import note_sign_in

        user_logged_in.connect(note_sign_in)
        signed_in.connect(heard.signed_in)
        post_save.connect(heard.factor_stored, sender=Authenticator)
        authenticator_removed.connect(heard.factor_removed)
