"""Fresh sign-in before what cannot be taken back: asked for once, and nothing that was posted is lost."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path, reverse
from django.views.decorators.http import require_http_methods

from accounts.fresh import fresh_sign_in_required
from tests.people import PASSWORD, sign_in_freshly

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.test_fresh")]


@fresh_sign_in_required
@require_http_methods(["GET", "HEAD", "POST"])
def lock(request):
    if request.method == "POST":
        return HttpResponse(f"{request.POST.getlist('reason')} by {request.user.name}", status=201)
    return HttpResponse("Lock?")


@fresh_sign_in_required
def erase(request):
    return HttpResponse(f"{request.method} to erase")


urlpatterns = [path("lock/", lock), path("erase/", erase), path("", include("config.urls"))]

REASON = {"reason": ["“Agreed”\r\nby all", "and twice"]}


def sign_in_again(client, response, password=PASSWORD):
    return client.post(response["Location"], {"password": password})


def next_of(address):
    return parse_qs(urlsplit(address).query)["next"][0]


def test_reading_asks_for_nothing(signed_in, lead):
    assert signed_in(lead).get("/lock/").content == b"Lock?"


def test_a_fresh_sign_in_is_asked_nothing(client, lead):
    response = sign_in_freshly(client, lead).post("/lock/", REASON)
    assert response.status_code == 201


def test_signing_in_by_the_form_is_fresh(client, lead):
    client.post(reverse("account_login"), {"login": lead.email, "password": PASSWORD})
    assert client.post("/lock/", REASON).status_code == 201


def test_a_stale_one_signs_in_again_and_then_it_is_done_as_it_was_sent(signed_in, lead):
    client = signed_in(lead)
    response = client.post("/lock/", REASON)
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == reverse("account_reauthenticate")
    assert "Agreed" not in response["Location"]
    back = sign_in_again(client, response)
    assert back.status_code == 302
    done = client.get(back["Location"])
    assert (done.status_code, done.content.decode()) == (201, f"{REASON['reason']} by Leah Costa")


def test_it_is_done_once(signed_in, lead):
    client = signed_in(lead)
    back = sign_in_again(client, client.post("/lock/", REASON))
    assert client.get(back["Location"]).status_code == 201
    again = client.get(back["Location"])
    assert (again.status_code, again["Location"]) == (302, "/lock/")


def test_a_wrong_password_loses_nothing(signed_in, lead):
    client = signed_in(lead)
    response = client.post("/lock/", REASON)
    wrong = sign_in_again(client, response, "not-the-password")
    assert wrong.status_code == 200
    assert next_of(response["Location"]) in wrong.content.decode().replace("%3D", "=")
    assert client.get(sign_in_again(client, response)["Location"]).status_code == 201


def test_without_signing_in_again_nothing_is_done(signed_in, lead):
    client = signed_in(lead)
    address = next_of(client.post("/lock/", REASON)["Location"])
    response = client.get(address)
    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == reverse("account_reauthenticate")


def test_opening_the_page_later_does_not_do_it(signed_in, lead):
    client = signed_in(lead)
    client.post("/lock/", REASON)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get("/lock/").content == b"Lock?"


@pytest.mark.parametrize("address", ["/erase/?go-on={key}", "/lock/?go-on=another"])
def test_it_is_done_at_its_own_address_and_by_its_own_key(signed_in, lead, address):
    client = signed_in(lead)
    response = client.post("/lock/", REASON)
    key = next_of(response["Location"]).partition("=")[2]
    sign_in_again(client, response)
    refused = client.get(address.format(key=key))
    assert (refused.status_code, refused["Location"]) == (302, address.partition("?")[0])


def test_it_is_done_by_nobody_else(signed_in, lead, inspector):
    client = signed_in(lead)
    back = sign_in_again(client, client.post("/lock/", REASON))
    kept = client.session["fresh_sign_in_put_aside"]
    sign_in_freshly(client, inspector)
    session = client.session
    session["fresh_sign_in_put_aside"] = kept
    session.save()
    assert client.get(back["Location"]).status_code == 302


@pytest.mark.parametrize("ago", [601, -5])
def test_a_sign_in_grows_stale(client, lead, ago):
    sign_in_freshly(client, lead)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - ago}]
    session.save()
    assert client.post("/lock/", REASON).status_code == 302


@override_settings(FRESH_SIGN_IN_SECONDS=0)
def test_how_long_is_a_setting(client, lead):
    assert sign_in_freshly(client, lead).post("/lock/", REASON).status_code == 302


def test_signed_out(client, db):
    response = client.post("/lock/", REASON)
    assert urlsplit(response["Location"]).path == reverse("account_login")
