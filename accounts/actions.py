"""The only writers of what is kept for a person."""

import secrets

from django.db import transaction

from accounts.models import User


@transaction.atomic
def device_key(*, user):
    """Return the 32 bytes that encrypt what this person's browsers keep, making them at the first use."""
    held = User.objects.select_for_update().get(pk=user.pk)
    if held.device_key is None:
        held.device_key = secrets.token_bytes(32)
        held.save(update_fields=["device_key"])
    return bytes(held.device_key)
