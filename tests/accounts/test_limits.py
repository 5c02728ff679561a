"""Guessing passwords is stopped, with Redis and while it is away."""

import pytest
from django.core.cache import caches
from django.test import Client, override_settings
from django.urls import reverse

from accounts.limits import RedisOrDatabase
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

AWAY = {
    "default": {
        "BACKEND": "accounts.limits.RedisOrDatabase",
        "LOCATION": "redis://127.0.0.1:9",
    },  # nobody listens there
    "sign_in": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_sign_in_cache",
    },
}


@pytest.fixture(params=["here", "away"])
def cache_is(request):
    """Have the cache as it is here, or Redis away."""
    if request.param == "here":
        yield "here"
        return
    with override_settings(CACHES=AWAY):
        yield "away"


def attempt(somebody, password):
    browser = Client()
    response = browser.post(reverse("account_login"), {"login": somebody.email, "password": password})
    return browser, response


def test_signing_in_works(cache_is, inspector):
    browser, response = attempt(inspector, PASSWORD)
    assert response.status_code == 302
    assert browser.get(reverse("accounts:account")).status_code == 200


def test_after_five_wrong_passwords_the_right_one_waits_too(cache_is, inspector, lead):
    for _ in range(5):
        _, response = attempt(inspector, "not-the-password")
        assert "is not right" in response.content.decode()
    _, response = attempt(inspector, PASSWORD)
    assert "too many attempts to sign in. Wait five minutes" in response.content.decode()
    _, response = attempt(lead, PASSWORD)
    assert response.status_code == 302


def test_what_is_no_guard_says_that_redis_is_away():
    cache = RedisOrDatabase(AWAY["default"]["LOCATION"], {})
    with pytest.raises(Exception, match=r"(?i)connect"):
        cache.get("presence")


@override_settings(CACHES=AWAY)
def test_while_it_is_away_it_is_not_asked_each_time(caplog):
    cache = caches["default"]
    for number in range(5):
        assert cache.add(f"allauth:{number}", number)
        assert cache.get(f"allauth:{number}") == number
        cache.delete(f"allauth:{number}")
        assert cache.get(f"allauth:{number}", "gone") == "gone"
    assert caplog.text.count("Redis cannot be reached") == 1
