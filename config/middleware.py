"""What every request passes through."""

import re
import uuid

from django.contrib.auth.middleware import LoginRequiredMiddleware

from config import health
from config.logs import request_id

WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestId:
    """Gives each request an id that stands in its log lines and in the response, taking a proxy's where it sends one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the response with the id on it."""
        given = request.headers.get("X-Request-ID", "")
        request.id = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = request.id
        return response


class Probes:
    """Answers health probes under whatever host name they ask: they know the process by its address alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the probe's answer, or what the rest of the site gives."""
        probe = health.PROBES.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


class SignInFirst(LoginRequiredMiddleware):
    """Leads to sign-in from every page that is not open to all. Of one that is it asks not who is there.

    What was not asked for, no cache need tell apart: the published pages vary by no cookie.
    """

    def process_view(self, request, view_func, view_args, view_kwargs):
        """Return None to go on, else the way to sign in."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class PrivatePages:
    """Keeps pages of signed-in people out of every cache, so that "back" after signing out shows nothing."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the response, marked private unless its view said otherwise."""
        response = self.get_response(request)
        response.setdefault("Cache-Control", "no-store, private")
        return response
