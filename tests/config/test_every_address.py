"""The addresses of the site, found by walking the URL patterns, and what guards every answer. Who may: test_who_may.py."""

import re
import uuid
from functools import cache

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse

pytestmark = pytest.mark.django_db

SAMPLES = {"uuid": uuid.UUID(int=7), "str": "2.1.1", "slug": "court", "int": 7, "path": "a/b"}


@cache
def patterns():
    """Return every pattern's full name with keyword arguments that fit it."""
    return dict(walk(get_resolver()))


def walk(resolver, namespaces=(), kwargs=None):
    """Yield (full name, made-up keyword arguments) of every pattern below a resolver."""
    for pattern in resolver.url_patterns:
        wanted = {**(kwargs or {}), **{name: SAMPLES[_kind(held)] for name, held in pattern.pattern.converters.items()}}
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, (*namespaces, *filter(None, [pattern.namespace])), wanted)
        elif isinstance(pattern, URLPattern):
            yield ":".join((*namespaces, pattern.name)), wanted


def _kind(converter):
    return re.sub("converter$", "", type(converter).__name__.lower()).replace("string", "str")


# Every address by its name, with made-up ids.
ADDRESSES = {name: reverse(name, kwargs=kwargs) for name, kwargs in patterns().items()}


def view_of(name):
    """Return the view behind an address."""
    return resolve(ADDRESSES[name]).func


def test_the_walk_finds_the_site():
    assert {"ratings:inspections", "ratings:annex", "account_login"} <= set(ADDRESSES)
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")


@pytest.mark.parametrize("path", ["/accounts/login/", "/", "/inspections/", "/no-such-page/", "/offline/", "/sw.js"])
def test_every_answer_is_guarded(signed_in, lead, inspection, path):
    response = signed_in(lead).get(path, follow=True)
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "form-action")} == {"'self'"}
    assert {policy[name] for name in ("frame-ancestors", "base-uri")} == {"'none'"}
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    content = response.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", content)


@pytest.mark.parametrize("path", ["/", "/inspections/", "/no-such-page/"])
def test_pages_of_signed_in_people_are_kept_by_no_cache(signed_in, lead, inspection, path):
    assert signed_in(lead).get(path, follow=True)["Cache-Control"] == "no-store, private"
