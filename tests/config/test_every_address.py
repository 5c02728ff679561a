"""What holds for every address of the site, found by walking the URL patterns."""

import re
import uuid
from urllib.parse import quote

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

pytestmark = pytest.mark.django_db

SAMPLES = {"uuid": uuid.UUID(int=7), "str": "2.1.1", "slug": "court", "int": 7, "path": "a/b"}

# Each with the reason why nobody need be signed in.
OPEN_TO_ALL = {
    "account_login": "the sign-in page itself",
    "account_logout": "signing out twice leads to the sign-in page all the same",
    "account_inactive": "told to those whose account is closed, before they are signed in",
    "offline": "kept by browsers, knows nobody",
    "service_worker": "fetched by browsers outside any session, knows nobody",
}

# Scripts ask these, and are told in JSON (docs/save-protocol.md) instead of being sent to a page.
FOR_SCRIPTS = {"accounts:session", "accounts:device_key", "cases:save", "cases:presence"}


def patterns(resolver=None, namespaces=(), kwargs=None):
    """Yield (full name, keyword arguments by name) of every pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        wanted = {**(kwargs or {}), **{name: SAMPLES[_kind(held)] for name, held in pattern.pattern.converters.items()}}
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, (*namespaces, *filter(None, [pattern.namespace])), wanted)
        elif isinstance(pattern, URLPattern):
            yield ":".join((*namespaces, pattern.name)), wanted


def _kind(converter):
    return re.sub("converter$", "", type(converter).__name__.lower()).replace("string", "str")


def addresses():
    """Return every address by its name, with made-up ids."""
    return {name: reverse(name, kwargs=kwargs) for name, kwargs in patterns()}


ADDRESSES = addresses()


def test_the_walk_finds_the_site():
    assert {"ratings:inspections", "ratings:annex", "account_login"} <= set(ADDRESSES)
    with pytest.raises(NoReverseMatch):
        reverse("admin:index")


def test_exemptions_are_addresses():
    assert set(OPEN_TO_ALL) | FOR_SCRIPTS <= set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_signed_out(client, name, method):
    address = ADDRESSES[name]
    response = getattr(client, method)(address)
    if name in OPEN_TO_ALL:
        assert response.status_code in (200, 302, 405)
    elif name in FOR_SCRIPTS:
        assert response.status_code == 401 or (method == "get" and response.status_code == 405)
        assert response.json()["format"].startswith("evenhand-")
    else:
        assert response.status_code == 302
        assert response["Location"] == f"{reverse('account_login')}?next={quote(address)}"


@pytest.mark.parametrize("name", [name for name, kwargs in patterns() if {"inspection", "case"} & set(kwargs)])
class TestSomebodyElsesInspection:
    @pytest.fixture
    def address(self, name, case):
        kwargs = dict(patterns())[name]
        real = {"inspection": case.inspection.public_id, "case": case.public_id, "standard": "2.1", "format": "csv"}
        return reverse(name, kwargs={key: real.get(key, value) for key, value in kwargs.items()})

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_stranger_learns_nothing(self, signed_in, stranger, address, name, method):
        ask = getattr(signed_in(stranger), method)
        status = ask(address).status_code
        assert status == ask(ADDRESSES[name]).status_code  # as if it did not exist
        assert status in (404, 405, 422)

    def test_the_lead_is_let_in(self, signed_in, lead, address, name):
        assert signed_in(lead).get(address).status_code in (200, 405)


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
