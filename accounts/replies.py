"""Answers for scripts: JSON for every outcome, where a page would redirect to sign-in or show an error page."""

import json
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse, UnreadablePostError
from django.views import csrf

SIGNED_OUT = "Your session has ended. Sign in again: what was not saved waits until then."
OUTDATED = "This page was opened before you last signed in or out, so it could not be trusted. Reload it."
NOT_FOUND = "This is not here, or you have no access to it any more. Ask the lead inspector."
WRONG_METHOD = "This address does not take that method."


class Malformed(Exception):
    """What was sent is not what this address takes. The text is a sentence for the person who sent it."""

    status, content = 422, {"state": "refused", "rule": "malformed"}


class TooLarge(Malformed):
    """What was sent is longer than this address takes."""

    status, content = 413, {"state": "too_large"}


class Incomplete(Malformed):
    """The connection broke off before everything had come."""

    status, content = 400, {"state": "incomplete"}


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
            except Malformed as malformed:
                return reply(name, status=malformed.status, sentence=str(malformed), **malformed.content)

        answer.answers_with = name
        return answer

    return decorate


def json_body(request, most):
    """Return the JSON that was sent, of at most so many bytes. Raises Malformed, TooLarge and Incomplete."""
    if request.content_type != "application/json":
        raise Malformed("What was sent is not application/json.")
    length = _length(request)
    if length > most:
        raise TooLarge(f"This has {length:,} bytes, and {most:,} are the most that is taken. Shorten it.")
    try:
        body = request.body
    except UnreadablePostError:
        body = b""
    if len(body) < length:
        raise Incomplete("The connection broke off. Send it again.")
    return parse(body)


def _length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def parse(raw):
    """Return the JSON in these bytes. Raises Malformed for what is none, or says a key twice."""
    try:
        return json.loads(raw.decode(), object_pairs_hook=_said_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("What was sent cannot be read: it is not JSON.") from None


def _said_once(pairs):
    content = dict(pairs)
    if len(content) != len(pairs):
        raise Malformed("What was sent says the same key twice.")
    return content


def _no_number(name):
    raise Malformed(f"What was sent holds {name}, which is not JSON.")


def csrf_failure(request, reason=""):
    """Refuse a request without its CSRF token: as JSON where the view answers scripts, else as the usual page."""
    name = getattr(request.resolver_match.func, "answers_with", None)
    if name is None:
        return csrf.csrf_failure(request, reason)
    if not request.user.is_authenticated:
        return reply(name, "signed_out", 401, sentence=SIGNED_OUT)
    return reply(name, "forbidden", 403, rule="csrf", sentence=OUTDATED)
