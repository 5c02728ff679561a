"""What is recorded when people change their own second factors, which they do on pages of allauth."""

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context

from accounts.actions import note_second_factor

NAMES = {"totp": "an authenticator app", "webauthn": "a passkey", "recovery_codes": "recovery codes"}


def factor_stored(sender, instance, created, **kwargs):
    """Record that somebody added a second factor, or made new recovery codes, in the transaction that stores it.

    Whoever added one in a browser has shown it there: it is not asked for again at once.
    """
    if not created:
        return
    note_second_factor(person=instance.user, what=f"Added {NAMES[instance.type]} as a second step at sign-in.")
    if context.request and context.request.user == instance.user and instance.type != instance.Type.RECOVERY_CODES:
        record_authentication(context.request, instance.user, "mfa", id=instance.pk, type=str(instance.type))


def factor_removed(sender, user, authenticator, **kwargs):
    """Record that somebody removed a second factor."""
    note_second_factor(person=user, what=f"Removed {NAMES[authenticator.type]} as a second step at sign-in.")
