"""What is recorded when people sign in and change their own second factors, which they do on pages of allauth."""

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from django.conf import settings

from accounts.actions import note_second_factor, note_signed_in

SHOWN = {
    "password": "a password",
    "webauthn": "a passkey",
    "totp": "a code",
    "recovery_codes": "a recovery code",
}
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


def signed_in(sender, request, user, **kwargs):
    """Record that somebody signed in, and with what."""
    shown = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
    note_signed_in(person=user, how=" and ".join(SHOWN.get(held, settings.OPENID_NAME) for held in shown))
