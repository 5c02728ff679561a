"""The only writers of people and of what is kept for them. Keyword-only, `by=` the person, atomic, audited."""

import secrets

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import Session, User
from accounts.roles import EVERYWHERE_ROLES, Administrator
from audit.actions import record_event


@transaction.atomic
def add_person(*, email, name, password, by, role=""):
    """Add and return a person who can sign in. `role` is one that holds in every inspection, or ""."""
    person = User.objects.create_user(email, name, password, role=role)
    record_event(
        action="person.added",
        by=by,
        summary=f"Added {name}{f' as {person.role_label.lower()}' if role else ''}.",
        detail={"person": person.email, "role": role},
    )
    return person


@transaction.atomic
def invite_person(*, email, name, by, role=""):
    """Add and return a person who cannot sign in until they set a password with the link that they are sent.

    Raises Refused for an address that is taken.
    """
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(f"There is already a person with the address {email}. Look for them in the list.")
    person = add_person(email=email, name=name, password=None, by=by, role=role)
    return note_link(person=person, by=by)


@transaction.atomic
def note_link(*, person, by):
    """Note that a person is sent a link to set a password with, which ends the links before it; return the person.

    Raises Refused for a closed account.
    """
    person = _held(person)
    if not person.is_active:
        raise Refused(f"The account of {person.name} is closed. Open it again first.")
    person.link_sent_at = timezone.now()
    person.save(update_fields=["link_sent_at"])
    record_event(
        action="person.link_sent",
        by=by,
        summary=f"Sent {person.name} a link to set a password with.",
        detail={"person": person.email},
    )
    return person


@transaction.atomic
def set_password(*, person, password):
    """Set the password of a person who followed their link: it is used up, and whoever was signed in is signed out."""
    person = _held(person)
    person.set_password(password)
    person.link_sent_at = None
    person.save(update_fields=["password", "link_sent_at"])
    record_event(
        action="person.password_set",
        by=person,
        summary="Set a password with the link that was sent.",
        detail={"person": person.email},
    )
    end_sessions(person=person, by=person, why="A password was set with a link.")


@transaction.atomic
def change_role(*, person, role, by):
    """Give a person another role that holds in every inspection, or with "" none; return the person.

    Raises Refused for a role that is none, and where nobody would be left to look after people.
    """
    if role and role not in EVERYWHERE_ROLES:
        raise Refused("Choose one of the roles that hold in every inspection, or none.")
    if role != Administrator.code:
        check_not_last_administrator(person)
    person = _held(person)
    if person.role == role:
        return person
    was, person.role = person.role_label or "none", role
    person.save(update_fields=["role"])
    record_event(
        action="person.role_changed",
        by=by,
        summary=f"Changed the role that {person.name} has everywhere from {was.lower()} to "
        f"{(person.role_label or 'none').lower()}.",
        detail={"person": person.email, "role": role},
    )
    return person


@transaction.atomic
def close_account(*, person, by, reason):
    """Close an account: nobody signs in with it, and whoever was is signed out everywhere. What they did stays theirs.

    Raises Refused without a reason, and where nobody would be left to look after people.
    """
    if not reason.strip():
        raise Refused("Say why the account is closed.")
    check_not_last_administrator(person)
    person = _held(person)
    if not person.is_active:
        raise Refused(f"The account of {person.name} is closed already.")
    person.is_active = False
    person.link_sent_at = None
    person.save(update_fields=["is_active", "link_sent_at"])
    Session.objects.filter(person=person).delete()
    record_event(
        action="person.closed",
        by=by,
        summary=f"Closed the account of {person.name}, and signed them out everywhere.",
        reason=reason,
        detail={"person": person.email},
    )
    return person


@transaction.atomic
def reopen_account(*, person, by):
    """Open a closed account again, with the password and the roles that it had; return the person."""
    person = _held(person)
    if person.is_active:
        raise Refused(f"The account of {person.name} is open already.")
    person.is_active = True
    person.save(update_fields=["is_active"])
    record_event(
        action="person.reopened",
        by=by,
        summary=f"Opened the account of {person.name} again.",
        detail={"person": person.email},
    )
    return person


@transaction.atomic
def reset_second_factors(*, person, by):
    """Take every second factor from a person who lost theirs, and sign them out everywhere. Raises Refused without any."""
    person = _held(person)
    count, _ = Authenticator.objects.filter(user=person).delete()
    if not count:
        raise Refused(f"{person.name} has no second step at sign-in.")
    Session.objects.filter(person=person).delete()
    record_event(
        action="person.second_factors_reset",
        by=by,
        summary=f"Removed the second step at sign-in of {person.name}, and signed them out everywhere.",
        detail={"person": person.email},
    )


@transaction.atomic
def note_second_factor(*, person, what):
    """Record that somebody changed their own second factors; `what` says it as a sentence."""
    record_event(action="person.second_factors_changed", by=person, summary=what, detail={"person": person.email})


@transaction.atomic
def note_signed_in(*, person, how):
    """Record that somebody signed in; `how` says with what: "a password and a code"."""
    record_event(
        action="person.signed_in", by=person, summary=f"Signed in with {how}.", detail={"person": person.email}
    )


@transaction.atomic
def connect_sign_in(*, person, account):
    """Keep that an account at the OpenID Connect provider is a person's, and return it (a `SocialAccount`).

    Raises Refused where they have another there already.
    """
    person = _held(person)
    if person.socialaccount_set.exists():
        raise Refused(f"The account of {person.name} is connected already.")
    account.user = person
    account.save()
    record_event(
        action="person.connected",
        by=person,
        summary=f"Connected their account with {settings.OPENID_NAME}, at their first sign-in there.",
        detail={"person": person.email, "issuer": account.provider},
    )
    return account


@transaction.atomic
def disconnect_sign_in(*, person, by):
    """Forget whose account at the provider is a person's, and sign them out everywhere.

    With the same address they are connected anew when they next sign in there. Whoever has no password either is as if
    invited today, and has as long for it as for an invitation. Raises Refused without an account there, and where nobody
    would be left to look after people.
    """
    if not person.has_usable_password():
        check_not_last_administrator(person)
    person = _held(person)
    count, _ = person.socialaccount_set.all().delete()
    if not count:
        raise Refused(f"{person.name} has no account elsewhere that they sign in with.")
    if not person.has_usable_password():
        person.link_sent_at = timezone.now()
        person.save(update_fields=["link_sent_at"])
    Session.objects.filter(person=person).delete()
    record_event(
        action="person.disconnected",
        by=by,
        summary=f"Disconnected the account of {person.name} from {settings.OPENID_NAME}, and signed them out everywhere.",
        detail={"person": person.email},
    )


@transaction.atomic
def end_sessions(*, person, by, but=None, why="They asked for it."):
    """Sign a person out of every browser, or of every one `but` that of a session key; return of how many."""
    sessions = Session.objects.filter(person=person)
    if but:
        sessions = sessions.exclude(session_key=but)
    count, _ = sessions.delete()
    if count:
        record_event(
            action="person.sessions_ended",
            by=by,
            summary=f"Signed {person.name} out of {count} browser{'' if count == 1 else 's'}.",
            reason=why,
            detail={"person": person.email},
        )
    return count


@transaction.atomic
def device_key(*, user):
    """Return the 32 bytes that encrypt what this person's browsers keep, making them at the first use."""
    held = User.objects.select_for_update().get(pk=user.pk)
    if held.device_key is None:
        held.device_key = secrets.token_bytes(32)
        held.save(update_fields=["device_key"])
        record_event(
            action="device_key.made", by=user, summary="Had the key made that encrypts what their browsers keep."
        )
    return bytes(held.device_key)


def check_not_last_administrator(person):
    """Raise Refused when a person is the only one who can sign in and look after people. Holds the others as they are."""
    administrators = User.objects.filter(role=Administrator.code, is_active=True).order_by("pk").select_for_update()
    able = [
        held
        for held in administrators
        if (held.has_usable_password() or (settings.OPENID_ISSUER and held.is_connected))
        and not (held.is_demo and settings.PRODUCTION)
    ]
    if [held.pk for held in able] == [person.pk]:
        raise Refused(
            f"{person.name} is the last administrator who can sign in. Make somebody else an administrator first."
        )


def _held(person):
    return User.objects.select_for_update().get(pk=person.pk)
