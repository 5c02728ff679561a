"""Sessions in the database that know whose they are, so that somebody's can be listed and ended (`SESSION_ENGINE`)."""

import re

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.dateparse import parse_datetime

SIGNED_IN = "signed_in"

BROWSERS = (
    ("Edge", r"\bEdg"),
    ("Firefox", r"\bFirefox/"),
    ("Chromium or Chrome", r"\b(Headless)?Chrom(e|ium)/"),
    ("Safari", r"\bSafari/"),
)
SYSTEMS = (
    ("Windows", r"\bWindows\b"),
    ("an iPhone or iPad", r"\biP(hone|ad)\b"),
    ("macOS", r"\bMac OS X\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)


class SessionStore(DatabaseStore):
    """Keeps beside each session the person, when they signed in, and on what."""

    @classmethod
    def get_model_class(cls):
        """Return the model; it is loaded late, as settings name this module."""
        from accounts.models import Session

        return Session

    def create_model_instance(self, data):
        """Return the row of a session."""
        row = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        signed_in = data.get(SIGNED_IN, {})
        row.signed_in_at = parse_datetime(signed_in.get("at", ""))
        row.device = signed_in.get("device", "")
        return row


def note_sign_in(sender, request, user, **kwargs):
    """Note in a new session when and on what it began; called at each sign-in."""
    device = device_of(request.META.get("HTTP_USER_AGENT", ""))
    request.session[SIGNED_IN] = {"at": timezone.now().isoformat(), "device": device}


def device_of(user_agent):
    """Return what a browser says of itself, in words: "Firefox on Windows"."""
    browser = next((name for name, sign in BROWSERS if re.search(sign, user_agent)), "A browser")
    system = next((name for name, sign in SYSTEMS if re.search(sign, user_agent)), "")
    return f"{browser} on {system}" if system else browser
