"""Fresh sign-in: before what cannot be taken back, the person shows once more that it is them.

    @fresh_sign_in_required
    @require_http_methods(["GET", "HEAD", "POST"])
    def lock(request, inspection): ...

It takes as much as a sign-in does: the password, and of those who have a second step that too, or a passkey by itself.
Reading the page asks for nothing. A POST without a fresh sign-in is put aside in the session while the person signs in
again, and then done as it was sent, at its own address; nothing that was typed is lost. Files are not put aside.
"""

import secrets
import time
from functools import wraps
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse

from accounts.second_factor import factors_of

OPENID = "socialaccount"
FIRST = frozenset({"password", OPENID})
CODES = frozenset({Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES})
PASSKEY = Authenticator.Type.WEBAUTHN
PUT_ASIDE = "fresh_sign_in_put_aside"
GO_ON = "go-on"  # in the address that leads back, with the key of what was put aside


def shown_by(request):
    """Return what the person signed in with within `FRESH_SIGN_IN_SECONDS`, such as {"password", "totp"}.

    A provider may let somebody in who signed in there hours ago: it counts once it has asked them again.
    """
    now = time.time()
    return {
        record.get("type") or record["method"]
        for record in get_authentication_records(request, request.user)
        if 0 <= now - record["at"] < settings.FRESH_SIGN_IN_SECONDS
        and (record["method"] != OPENID or record.get("reauthenticated"))
    }


def is_fresh(request):
    """Return whether the person signed in, or signed in again, lately, with everything that their sign-in takes."""
    return not lacking(request)


def lacking(request):
    """Return what the person has still to show for a fresh sign-in: `FIRST`, then `CODES`; nothing when it is fresh.

    A passkey does instead of either.
    """
    shown = shown_by(request)
    if PASSKEY in shown:
        return frozenset()
    if not shown & FIRST:
        return FIRST
    if shown & CODES or (OPENID in shown and settings.OPENID_HAS_SECOND_STEP):
        return frozenset()
    return CODES if factors_of(request.user).exists() else frozenset()


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


def fresh_page(view):
    """Make a view need a fresh sign-in for reading its page too, such as one that shows secrets."""
    doing = fresh_sign_in_required(view)

    @wraps(doing)
    def guarded(request, *args, **kwargs):
        if request.method != "POST" and GO_ON not in request.GET and not is_fresh(request):
            return _to_sign_in(request.get_full_path())
        return doing(request, *args, **kwargs)

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
