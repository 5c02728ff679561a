"""A second step at sign-in: by code, by recovery code, and required by role."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from audit.models import Event
from inspections.models import Lifecycle
from tests.people import PASSWORD, sign_in_freshly

pytestmark = pytest.mark.django_db


def code_of(secret, steps=0):
    """Return what an authenticator app shows now, or some half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up(client):
    """Set up an authenticator app on the page, and return its key."""
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    return secret


def sign_in(browser, somebody, code=None):
    response = browser.post(reverse("account_login"), {"login": somebody.email, "password": PASSWORD})
    if code is None:
        return response
    assert response["Location"] == reverse("mfa_authenticate")
    return browser.post(reverse("mfa_authenticate"), {"code": code})


def is_signed_in(browser):
    return "_auth_user_id" in browser.session


@pytest.fixture
def secret(client, lead):
    """Return the key of the authenticator app that the lead has set up."""
    return set_up(sign_in_freshly(client, lead))


class TestByCode:
    def test_the_password_alone_does_not_sign_in(self, lead, secret):
        browser = Client()
        sign_in(browser, lead)
        assert not is_signed_in(browser)
        assert browser.get(reverse("accounts:account")).status_code == 302

    def test_with_the_code_it_does(self, lead, secret):
        browser = Client()
        assert sign_in(browser, lead, code_of(secret, 1)).status_code == 302
        assert is_signed_in(browser)

    def test_a_wrong_code_is_told(self, lead, secret):
        browser = Client()
        response = sign_in(browser, lead, "000000")
        assert "The code is not right" in response.content.decode()
        assert not is_signed_in(browser)

    def test_a_code_works_once(self, lead, secret):
        code = code_of(secret, 1)
        sign_in(Client(), lead, code)
        browser = Client()
        sign_in(browser, lead, code)
        assert not is_signed_in(browser)

    def test_guessing_is_stopped(self, lead, secret):
        browser = Client()
        sign_in(browser, lead)
        for _ in range(5):
            browser.post(reverse("mfa_authenticate"), {"code": "000000"})
        response = browser.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)})
        assert "too many attempts" in response.content.decode()
        assert not is_signed_in(browser)

    def test_the_key_is_not_readable_in_the_database(self, lead, secret):
        stored = str([held.data for held in Authenticator.objects.filter(user=lead)])
        assert secret not in stored

    def test_a_new_secret_key_keeps_it_working(self, lead, secret, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another key, as long as keys are, and then some more of it"
        browser = Client()
        sign_in(browser, lead, code_of(secret, 1))
        assert is_signed_in(browser)

    def test_it_is_recorded(self, lead, secret):
        summaries = Event.objects.filter(action="person.second_factors_changed").values_list("summary", flat=True)
        assert "Added an authenticator app as a second step at sign-in." in summaries


class TestRecoveryCodes:
    def codes(self, client):
        return re.findall(r"eh-code--key\">(\d{8})<", client.get(reverse("mfa_view_recovery_codes")).content.decode())

    def test_each_works_once(self, client, lead, secret):
        codes = self.codes(client)
        assert len(codes) == 10
        first, second = Client(), Client()
        sign_in(first, lead, codes[0])
        sign_in(second, lead, codes[0])
        assert [is_signed_in(first), is_signed_in(second)] == [True, False]

    def test_they_can_be_downloaded(self, client, lead, secret):
        response = client.get(reverse("mfa_download_recovery_codes"))
        assert response["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
        assert all(code in response.content.decode() for code in self.codes(client))

    def test_new_ones_end_the_old(self, client, lead, secret):
        old = self.codes(client)
        client.post(reverse("mfa_generate_recovery_codes"))
        assert not set(old) & set(self.codes(client))


class TestRequired:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.SECOND_STEP_ROLES = ["lead_inspector", "manager"]

    @pytest.mark.parametrize("name", ["ratings:inspections", "accounts:account", "accounts:roles", "cases:my_saves"])
    def test_it_is_set_up_before_anything_else(self, client, inspection, lead, name):
        response = sign_in_freshly(client, lead).get(reverse(name))
        assert response["Location"] == reverse("mfa_index")

    def test_nothing_can_be_posted_before(self, client, case, lead):
        response = sign_in_freshly(client, lead).post(reverse("cases:submit", args=[case.public_id]))
        assert response["Location"] == reverse("mfa_index")

    def test_scripts_are_told(self, client, case, lead):
        address = reverse("cases:save", args=[case.public_id])
        response = sign_in_freshly(client, lead).post(address, "{}", content_type="application/json")
        assert response.status_code == 403
        assert "second step" in response.json()["sentence"]

    def test_then_everything_is_open(self, client, inspection, lead):
        set_up(sign_in_freshly(client, lead))
        assert client.get(reverse("ratings:inspections")).status_code == 200

    @pytest.mark.parametrize("somebody", ["inspector", "administrator"])
    def test_of_other_roles_it_is_not(self, client, request, inspection, somebody):
        somebody = request.getfixturevalue(somebody)
        assert sign_in_freshly(client, somebody).get(reverse("ratings:inspections")).status_code == 200

    def test_of_a_manager_it_is(self, client, manager):
        assert sign_in_freshly(client, manager).get("/")["Location"] == reverse("mfa_index")

    def test_a_lead_of_what_is_over_is_none(self, client, inspection, lead):
        Lifecycle.objects.filter(inspection=inspection).update(state="published")
        assert sign_in_freshly(client, lead).get(reverse("ratings:inspections")).status_code == 200

    def test_the_last_one_cannot_be_removed(self, client, inspection, lead):
        set_up(sign_in_freshly(client, lead))
        response = client.post(reverse("mfa_deactivate_totp"))
        assert "Add another second step before you remove this one" in response.content.decode()
        assert Authenticator.objects.filter(user=lead, type="totp").exists()


class TestReset:
    def test_an_administrator_removes_a_lost_one(self, lead, secret, administrator):
        address = reverse("accounts:person", args=[lead.public_id])
        sign_in_freshly(Client(), administrator).post(address, {"do": "factors"})
        assert not Authenticator.objects.filter(user=lead).exists()
        browser = Client()
        sign_in(browser, lead)
        assert is_signed_in(browser)

    def test_whoever_was_signed_in_is_signed_out(self, client, lead, secret, administrator):
        address = reverse("accounts:person", args=[lead.public_id])
        sign_in_freshly(Client(), administrator).post(address, {"do": "factors"})
        assert client.get(reverse("accounts:account")).status_code == 302


class TestSigningInAgain:
    AGAIN = "account_reauthenticate"

    @pytest.fixture
    def stale(self, client, lead, secret):
        """Return the browser of the lead, who has a second step and signed in long ago."""
        session = client.session
        session["account_authentication_methods"] = []
        session.save()
        return client

    def given(self, client, response, **data):
        """Follow to the page that asks, and answer it; return the response."""
        page = client.get(response["Location"], follow=True)
        return client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], data)

    def test_wants_the_password_and_then_the_code(self, stale, administrator, lead, secret):
        address = reverse("mfa_generate_recovery_codes")
        response = self.given(stale, stale.get(address), password=PASSWORD)
        assert response["Location"] == address
        asked = stale.get(address, follow=True)
        assert asked.request["PATH_INFO"] == reverse("mfa_reauthenticate")
        assert "Use your password" not in asked.content.decode()
        response = self.given(stale, stale.get(address), code=code_of(secret, 1))
        assert response["Location"] == address
        assert stale.get(address).status_code == 200

    def test_what_was_posted_is_done_after_both(self, stale, lead, secret):
        old = Authenticator.objects.get(user=lead, type="recovery_codes").pk
        response = stale.post(reverse("mfa_generate_recovery_codes"))
        response = self.given(stale, response, password=PASSWORD)
        response = self.given(stale, stale.get(response["Location"]), code=code_of(secret, 1))
        assert stale.get(response["Location"])["Location"] == reverse("mfa_view_recovery_codes")
        assert Authenticator.objects.get(user=lead, type="recovery_codes").pk != old

    @pytest.mark.parametrize("name", ["account_reauthenticate", "mfa_reauthenticate"])
    def test_a_code_alone_is_not_asked_for(self, stale, lead, secret, name):
        response = stale.post(f"{reverse(name)}?next=/roles/", {"code": code_of(secret, 1)})
        assert response.status_code == 200 or response["Location"].startswith(reverse(self.AGAIN))
        assert stale.get(reverse("mfa_view_recovery_codes")).status_code == 302

    @pytest.mark.parametrize(("kind", "is_enough"), [("webauthn", True), ("totp", False), ("recovery_codes", False)])
    def test_a_passkey_is_enough_and_a_code_is_not(self, stale, kind, is_enough):
        session = stale.session
        session["account_authentication_methods"] = [{"method": "mfa", "type": kind, "at": time.time()}]
        session.save()
        assert (stale.get(reverse("mfa_view_recovery_codes")).status_code == 200) is is_enough

    def test_whoever_has_just_set_one_up_has_shown_it(self, client, lead, secret):
        assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200

    def test_changing_the_second_step_wants_it(self, signed_in, lead):
        response = signed_in(lead).get(reverse("mfa_activate_totp"))
        assert response["Location"].startswith(reverse(self.AGAIN))
