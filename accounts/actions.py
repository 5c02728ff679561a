"""The only writers of people and of what is kept for them."""

import secrets

from django.db import transaction

from accounts.models import User
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
