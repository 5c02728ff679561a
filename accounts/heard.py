"""What is recorded when people change their own second factors, which they do on pages of allauth."""

from accounts.actions import note_second_factor

NAMES = {"totp": "an authenticator app", "webauthn": "a passkey", "recovery_codes": "recovery codes"}


def factor_stored(sender, instance, created, **kwargs):
    """Record that somebody added a second factor, or made new recovery codes, in the transaction that stores it."""
    if created:
        note_second_factor(person=instance.user, what=f"Added {NAMES[instance.type]} as a second step at sign-in.")


def factor_removed(sender, user, authenticator, **kwargs):
    """Record that somebody removed a second factor."""
    note_second_factor(person=user, what=f"Removed {NAMES[authenticator.type]} as a second step at sign-in.")
