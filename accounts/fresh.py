"""Fresh sign-in: before what cannot be taken back, the person shows once more that it is them.

    @fresh_sign_in_required
    @require_http_methods(["GET", "HEAD", "POST"])
    def lock(request, inspection): ...

Reading the page asks for nothing. A POST without a fresh sign-in is put aside in the session while the person signs in
again, and then done as it was sent, at its own address; nothing that was typed is lost. Files are not put aside.
"""

import secrets
import time
from functools import wraps
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse

PUT_ASIDE = "fresh_sign_in_put_aside"
GO_ON = "go-on"  # in the address that leads back, with the key of what was put aside


def is_fresh(request):
    """Return whether the person signed in, or signed in again, within `FRESH_SIGN_IN_SECONDS`."""
    records = get_authentication_records(request, request.user)
    return bool(records) and 0 <= time.time() - records[-1]["at"] < settings.FRESH_SIGN_IN_SECONDS


def fresh_sign_in_required(view):
    """Make a view take a POST only after a fresh sign-in. It stands above every other decorator of the view."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        key = request.GET.get(GO_ON)
        if request.method == "GET" and key:
            if not is_fresh(request):
                return _to_sign_in(request.get_full_path())
            posted = _taken_up(request, key)
            if posted is None:  # done already, or too long ago: the page as it is now
                return HttpResponseRedirect(request.path)
            request.method = request.META["REQUEST_METHOD"] = "POST"
            request.POST = posted
        elif request.method == "POST" and not is_fresh(request):
            key = secrets.token_urlsafe(16)
            request.session[PUT_ASIDE] = {
                "key": key,
                "path": request.path,
                "person": str(request.user.public_id),
                "at": time.time(),
                "posted": request.POST.urlencode(),
            }
            return _to_sign_in(f"{request.path}?{urlencode({GO_ON: key})}")
        return view(request, *args, **kwargs)

    guarded.needs_fresh_sign_in = True
    return guarded


def _taken_up(request, key):
    """Return what was put aside under a key for this address by this person, once, or None."""
    held = request.session.pop(PUT_ASIDE, None)
    if (
        held is None
        or held["key"] != key
        or held["path"] != request.path
        or held["person"] != str(request.user.public_id)
        or time.time() - held["at"] > settings.FRESH_SIGN_IN_SECONDS
    ):
        return None
    return QueryDict(held["posted"])


def _to_sign_in(path):
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': path})}")
