"""What scripts ask about the person who is signed in (docs/save-protocol.md)."""

from base64 import b64encode

from django.middleware.csrf import get_token
from django.utils import timezone

from accounts import actions
from accounts.models import Session
from accounts.replies import json_view, reply

SESSION = "evenhand-session/1"
DEVICE_KEY = "evenhand-device-key/1"


@json_view(SESSION, "GET", "POST")
def session(request):
    """Say who is signed in and for how long still; POST makes the session as long as a new one. Asking extends nothing."""
    if request.method == "POST":
        request.session.modified = True  # so that it is stored with a new end
        seconds = request.session.get_expiry_age()
    else:
        now = timezone.now()
        stored = Session.objects.filter(pk=request.session.session_key)
        ends = stored.values_list("expire_date", flat=True).first() or now  # ended this very moment
        seconds = max(0, int((ends - now).total_seconds()))
    return reply(
        SESSION,
        person=request.user.public_id,
        name=request.user.name,
        seconds_left=seconds,
        csrf=get_token(request),
    )


@json_view(DEVICE_KEY, "POST")
def device_key(request):
    """Give the person the key to what their browsers keep encrypted."""
    key = b64encode(actions.device_key(user=request.user)).decode()
    return reply(DEVICE_KEY, person=request.user.public_id, key=key)
