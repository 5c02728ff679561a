"""Answers for scripts: JSON for every outcome, where a page would redirect to sign-in or show an error page."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.views import csrf

SIGNED_OUT = "Your session has ended. Sign in again: what was not saved waits until then."
OUTDATED = "This page was opened before you last signed in or out, so it could not be trusted. Reload it."
NOT_FOUND = "This is not here, or you have no access to it any more. Ask the lead inspector."
WRONG_METHOD = "This address does not take that method."


def reply(name, /, state="", status=200, **content):
    """Return JSON of the format `name`, never to be kept by a cache. `state` says in a word what became of the request."""
    body = {"format": name} | ({"state": state} if state else {}) | content
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def json_view(name, *methods):
    """Make a view answer scripts: JSON of the format `name` also to whoever is signed out, refused or finds nothing."""

    def decorate(view):
        @login_not_required
        @wraps(view)
        def answer(request, *args, **kwargs):
            if request.method not in methods:
                refused = reply(name, "wrong_method", 405, sentence=WRONG_METHOD)
                refused["Allow"] = ", ".join(methods)
                return refused
            if not request.user.is_authenticated:
                return reply(name, "signed_out", 401, sentence=SIGNED_OUT)
            try:
                return view(request, *args, **kwargs)
            except Http404:
                return reply(name, "not_found", 404, sentence=NOT_FOUND)
            except PermissionDenied as denied:
                return reply(name, "forbidden", 403, sentence=str(denied))

        answer.answers_with = name
        return answer

    return decorate


def csrf_failure(request, reason=""):
    """Refuse a request without its CSRF token: as JSON where the view answers scripts, else as the usual page."""
    name = getattr(request.resolver_match.func, "answers_with", None)
    if name is None:
        return csrf.csrf_failure(request, reason)
    if not request.user.is_authenticated:
        return reply(name, "signed_out", 401, sentence=SIGNED_OUT)
    return reply(name, "forbidden", 403, rule="csrf", sentence=OUTDATED)
