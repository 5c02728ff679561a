"""Sign-in with OpenID Connect: against a provider that listens, over HTTP, from the button to the page behind it."""

import re
import time
from datetime import timedelta
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.errors import Refused
from accounts.models import Standing, User
from audit.models import Event
from tests.accounts.openid_provider import CLIENT, SECRET, OpenIDProvider
from tests.accounts.test_second_step import code_of, set_up
from tests.people import PASSWORD, sign_in_freshly

pytestmark = pytest.mark.django_db

NAME = "Inspectorate account"


@pytest.fixture(scope="module")
def listening():
    provider = OpenIDProvider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(listening, settings):
    """Return the provider, which is configured and tells the truth."""
    listening.lies, listening.asked, listening.in_userinfo = {}, [], False
    listening.person = {"sub": "1001", "email": "Maya@Example.org", "email_verified": True}
    settings.OPENID_ISSUER, settings.OPENID_NAME = listening.issuer, NAME
    settings.OPENID_CLIENT_ID, settings.OPENID_CLIENT_SECRET = CLIENT, SECRET
    return listening


@pytest.fixture
def invited(administrator):
    """Return somebody who was invited and has no password."""
    return actions.invite_person(email="maya@example.org", name="Maya Green", by=administrator)


def sent_to(browser, **data):
    """Press the button, and return the address at the provider that the browser is sent to."""
    page = browser.post(reverse("accounts:openid"), data)
    assert page.status_code == 200, said(page)
    address = page["Refresh"].removeprefix("0; url=")
    assert address in unescape(page.content.decode())
    return address


def sent_back(address):
    """Ask the provider as a browser would, and return the path that it sends the browser back to."""
    there = urlsplit(address)
    connection = HTTPConnection(there.netloc)
    connection.request("GET", f"{there.path}?{there.query}")
    location = urlsplit(connection.getresponse().getheader("Location"))
    connection.close()
    assert location.netloc == "testserver"
    return f"{location.path}?{location.query}"


def sign_in(browser, **data):
    return browser.get(sent_back(sent_to(browser, **data)))


def is_signed_in(browser, somebody):
    return browser.session.get("_auth_user_id") == str(somebody.pk)


def said(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def refused(response, words):
    assert response.status_code == 403
    assert "You are not signed in" in said(response)
    assert words in said(response)


class TestOff:
    def test_nothing_of_it_is_there(self, client, settings, invited):
        assert NAME not in client.get(reverse("account_login")).content.decode()
        assert client.post(reverse("accounts:openid")).status_code == 404
        assert client.get(reverse("accounts:openid_back")).status_code == 404

    def test_a_part_of_it_is_not_enough(self, client, provider, settings):
        settings.OPENID_CLIENT_SECRET = ""
        assert NAME not in said(client.get(reverse("account_login")))
        assert client.post(reverse("accounts:openid")).status_code == 404


class TestComingIn:
    def test_somebody_invited_does_and_is_connected(self, client, provider, invited):
        assert f"Sign in with {NAME}" in said(client.get(reverse("account_login")))
        assert sign_in(client)["Location"] == "/"
        assert is_signed_in(client, invited)
        account = SocialAccount.objects.get()
        assert (account.user, account.provider, account.uid, account.extra_data) == (
            invited,
            provider.issuer,
            "1001",
            {},
        )
        assert User.objects.get(pk=invited.pk).standing == Standing.ACTIVE

    def test_it_is_in_the_record(self, client, provider, invited):
        sign_in(client)
        told = list(Event.objects.filter(who_email=invited.email).order_by("id").values_list("action", "summary"))
        assert told == [
            ("person.connected", f"Connected their account with {NAME}, at their first sign-in there."),
            ("person.signed_in", f"Signed in with {NAME}."),
        ]

    def test_the_provider_is_asked_for_little_and_proof_is_kept_back(self, client, provider, invited):
        sign_in(client)
        (asked,) = provider.asked
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        assert len(asked["nonce"]) >= 30
        assert "prompt" not in asked

    def test_they_go_on_where_they_wanted_to(self, client, provider, invited):
        assert sign_in(client, next="/roles/")["Location"] == "/roles/"

    @pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/"])
    def test_but_not_elsewhere(self, client, provider, invited, elsewhere):
        assert sign_in(client, next=elsewhere)["Location"] == "/"

    def test_what_the_provider_says_apart_counts_too(self, client, provider, invited):
        provider.in_userinfo = True
        sign_in(client)
        assert is_signed_in(client, invited)

    def test_the_second_time_it_is_known_whose_account_it_is(self, client, provider, invited):
        sign_in(client)
        browser = Client()
        provider.person = {"sub": "1001", "email": "maya.brown@example.org", "email_verified": True}
        sign_in(browser)
        assert is_signed_in(browser, invited)
        assert Event.objects.filter(action="person.connected").count() == 1

    def test_the_password_works_still(self, client, provider, inspector):
        provider.person["email"] = inspector.email
        sign_in(client)
        browser = Client()
        browser.post(reverse("account_login"), {"login": inspector.email, "password": PASSWORD})
        assert is_signed_in(browser, inspector)
        assert Event.objects.filter(summary="Signed in with a password.").exists()


class TestWhoIsRefused:
    def test_somebody_unknown(self, client, provider, invited):
        provider.person["email"] = "nobody@example.org"
        refused(
            sign_in(client), "Nobody is invited here with the email address that Inspectorate account gave: nobody@"
        )
        assert not User.objects.filter(email="nobody@example.org").exists()
        assert not SocialAccount.objects.exists()

    @pytest.mark.parametrize("verified", [False, None, "true", "false", 1])
    def test_an_address_that_was_not_checked(self, client, provider, invited, verified):
        provider.person["email_verified"] = verified
        refused(sign_in(client), "does not say that it has checked your email address")

    def test_a_sentence_begins_with_a_capital_whatever_the_provider_is_called(
        self, client, provider, invited, settings
    ):
        settings.OPENID_NAME = "your organisation's account"
        provider.person["email_verified"] = False
        refused(sign_in(client), "Your organisation's account does not say that it has checked your email address")

    def test_no_address_at_all(self, client, provider, invited):
        provider.person = {"sub": "1001"}
        refused(sign_in(client), "does not say that it has checked your email address")

    @pytest.mark.parametrize("connected", [False, True], ids=["before", "after connecting"])
    def test_a_closed_account(self, client, provider, invited, administrator, connected):
        if connected:
            sign_in(Client())
        actions.close_account(person=invited, by=administrator, reason="Left")
        refused(sign_in(client), "Your account here is closed. Ask your administrator to open it again.")
        assert not is_signed_in(client, invited)

    def test_an_invitation_that_has_ended(self, client, provider, invited, settings):
        settings.PASSWORD_RESET_TIMEOUT = -1
        refused(sign_in(client), "Your invitation has ended.")

    def test_a_second_account_there_with_the_same_address(self, client, provider, invited):
        sign_in(Client())
        provider.person["sub"] = "2002"
        refused(sign_in(client), "Your account here is connected with another account")

    def test_a_demonstration_account_in_production(self, client, provider, inspector, settings):
        User.objects.filter(pk=inspector.pk).update(is_demo=True)
        provider.person["email"] = inspector.email
        settings.PRODUCTION = True
        refused(sign_in(client), "Demonstration accounts do not work here.")

    def test_the_commands_themselves(self, client, provider):
        provider.person["email"] = User.objects.command_line().email
        refused(sign_in(client), "closed")

    def test_another_issuer_with_the_same_number(self, client, provider, invited):
        SocialAccount.objects.create(user=invited, provider="https://another.example", uid="1001")
        refused(sign_in(client), "connected with another account")


class TestWhatIsNotBelieved:
    LIES = {
        "signed with another key": lambda provider: {"key": provider.another_key},
        "a key that is not published": lambda provider: {"kid": "2"},
        "not signed at all": lambda provider: {"algorithm": "none", "key": None},
        "signed with the secret": lambda provider: {"algorithm": "HS256", "key": SECRET * 2},
        "another nonce": lambda provider: {"claims": {"nonce": "of another sign-in"}},
        "no nonce": lambda provider: {"claims": {"nonce": None}},
        "another issuer": lambda provider: {"claims": {"iss": "https://another.example"}},
        "for another client": lambda provider: {"claims": {"aud": "another"}},
        "too old": lambda provider: {"claims": {"exp": int(time.time()) - 120}},
        "nobody": lambda provider: {"claims": {"sub": None}},
        "no keys": lambda provider: {"keys": {"keys": []}},
        "keys that are none": lambda provider: {"keys": ["nonsense"]},
    }

    @pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
    @pytest.mark.parametrize("lie", LIES)
    def test_a_token(self, client, provider, invited, lie):
        provider.lies = self.LIES[lie](provider)
        refused(sign_in(client), f"What {NAME} said could not be trusted")
        assert not SocialAccount.objects.exists()

    def test_userinfo_of_somebody_else(self, client, provider, invited):
        provider.in_userinfo, provider.lies = True, {"userinfo": {"sub": "2002"}}
        refused(sign_in(client), "could not be trusted")

    def test_a_configuration_of_another(self, client, provider):
        provider.lies = {"configuration": {"issuer": "https://another.example"}}
        response = client.post(reverse("accounts:openid"))
        assert response.status_code == 503
        assert "could not be trusted" in said(response)

    def test_an_answer_in_another_browser(self, client, provider, invited):
        refused(Client().get(sent_back(sent_to(client))), "begun in another browser")

    def test_an_answer_twice(self, client, provider, invited):
        path = sent_back(sent_to(client))
        client.get(path)
        browser = Client()
        browser.cookies = client.cookies
        browser.logout()
        refused(browser.get(path), "begun in another browser")

    def test_a_code_of_another_sign_in(self, client, provider, invited):
        mine, theirs = sent_back(sent_to(client)), sent_back(sent_to(Client()))
        mixed = re.sub(r"code=[^&]+", re.search(r"code=[^&]+", theirs)[0], mine)
        refused(client.get(mixed), "could not be trusted")

    def test_giving_up_there_is_no_fault(self, client, provider, invited):
        provider.lies = {"error": "access_denied"}
        refused(sign_in(client), f"You did not sign in at {NAME}. Nothing was done.")

    def test_a_fault_there(self, client, provider, invited):
        provider.lies = {"error": "server_error"}
        refused(sign_in(client), "could not be trusted")

    def test_nobody_there(self, client, settings, provider):
        settings.OPENID_ISSUER = "http://127.0.0.1:9"
        response = client.post(reverse("accounts:openid"))
        assert response.status_code == 503
        assert f"{NAME} cannot be reached at present. Sign in with your password" in said(response)

    def test_what_is_logged_names_nobody(self, client, provider, invited, caplog):
        provider.lies = {"key": provider.another_key}
        sign_in(client)
        assert "A sign-in with OpenID Connect was refused: OAuth2Error." in caplog.text
        assert "maya" not in caplog.text.lower()

    def test_forms_go_nowhere_else(self, client, provider):
        page = client.post(reverse("accounts:openid"))
        assert "form-action 'self'" in page["Content-Security-Policy"]


class TestTheSecondStep:
    @pytest.fixture
    def required(self, settings, provider, inspection, lead):
        settings.SECOND_STEP_ROLES = ["lead_inspector"]
        provider.person["email"] = lead.email
        return settings

    def test_is_asked_for_here(self, client, required, lead):
        secret = set_up(sign_in_freshly(Client(), lead))
        assert sign_in(client)["Location"] == reverse("mfa_authenticate")
        assert not is_signed_in(client, lead)
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)})
        assert is_signed_in(client, lead)
        assert Event.objects.filter(summary=f"Signed in with {NAME} and a code.").exists()

    def test_is_set_up_first_by_whoever_needs_it(self, client, required, lead):
        sign_in(client)
        assert client.get("/")["Location"] == reverse("mfa_index")

    def test_may_be_left_to_the_provider(self, client, required, lead):
        set_up(sign_in_freshly(Client(), lead))
        required.OPENID_HAS_SECOND_STEP = True
        sign_in(client)
        assert is_signed_in(client, lead)
        assert client.get(reverse("ratings:inspections")).status_code == 200

    def test_then_whoever_has_none_here_comes_in_too(self, client, required, lead):
        required.OPENID_HAS_SECOND_STEP = True
        sign_in(client)
        assert client.get(reverse("ratings:inspections")).status_code == 200

    def test_is_asked_for_with_the_password_all_the_same(self, client, required, lead):
        set_up(sign_in_freshly(Client(), lead))
        required.OPENID_HAS_SECOND_STEP = True
        sign_in(Client())
        client.post(reverse("account_login"), {"login": lead.email, "password": PASSWORD})
        assert not is_signed_in(client, lead)


class TestSigningInAgain:
    @pytest.fixture
    def administers(self, client, provider):
        """Return the browser of an administrator without a password, who has signed in at the provider."""
        first = User.objects.create_user("ada@example.org", "Ada Evans", None, role="administrator")
        actions.note_link(person=first, by=first)
        provider.person["email"] = first.email
        sign_in(client)
        assert is_signed_in(client, first)
        return client

    def address(self, somebody):
        return reverse("accounts:person", args=[somebody.public_id])

    def ask(self, browser, somebody):
        """Post what needs a fresh sign-in, and return the address of the page that asks for one, and what it leads to."""
        response = browser.post(self.address(somebody), {"do": "sign_out"})
        page = browser.get(response["Location"], follow=True)
        assert page.request["PATH_INFO"] == reverse("accounts:openid_again")
        assert f"Sign in again with {NAME}" in said(page)
        assert "Use your password" not in said(page)
        return unescape(re.search(r'name="next" value="([^"]+)"', page.content.decode())[1])

    def test_without_a_password(self, administers, provider, inspector):
        next_page = self.ask(administers, inspector)
        response = sign_in(administers, next=next_page)
        assert response["Location"] == next_page
        assert provider.asked[-1]["prompt"] == "login"
        assert provider.asked[-1]["max_age"] == "0"
        done = administers.get(next_page, follow=True)
        assert f"{inspector.name} is signed out everywhere." in said(done)

    @pytest.mark.parametrize("auth_time", [None, 1_700_000_000, "now"], ids=["not said", "long ago", "no number"])
    def test_the_provider_has_to_have_asked(self, administers, provider, inspector, auth_time):
        next_page = self.ask(administers, inspector)
        provider.lies = {"claims": {"auth_time": auth_time}}
        response = sign_in(administers, next=next_page)
        assert response.status_code == 403
        assert "You have not signed in again" in said(response)
        assert "did not say that you have just signed in again" in said(response)
        assert administers.get(next_page)["Location"].startswith(reverse("account_reauthenticate"))

    def test_by_somebody_else(self, administers, provider, inspector):
        next_page = self.ask(administers, inspector)
        provider.person = {"sub": "3003", "email": inspector.email, "email_verified": True}
        response = sign_in(administers, next=next_page)
        assert response.status_code == 403
        assert "You are signed in here as Ada Evans, and signed in at Inspectorate account as somebody else" in said(
            response
        )
        assert not SocialAccount.objects.filter(user=inspector).exists()

    def test_the_second_step_is_asked_for_too(self, administers, provider, inspector):
        next_page = self.ask(administers, inspector)
        sign_in(administers, next=next_page)
        secret = set_up(administers)
        session = administers.session
        session["account_authentication_methods"] = []
        session.save()
        next_page = self.ask(administers, inspector)
        sign_in(administers, next=next_page)
        page = administers.get(next_page, follow=True)
        assert page.request["PATH_INFO"] == reverse("mfa_reauthenticate")
        page = administers.post(
            f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}", {"code": code_of(secret, 1)}
        )
        assert "is signed out everywhere" in said(administers.get(page["Location"], follow=True))

    def test_the_last_administrator_keeps_the_role_while_there_is_a_provider(self, administers, settings):
        ada = User.objects.get(email="ada@example.org")
        with pytest.raises(Refused, match="the last administrator who can sign in"):
            actions.change_role(person=ada, role="", by=ada)


class TestDisconnecting:
    def test_signs_out_and_lets_another_account_connect(self, client, provider, invited, administrator):
        sign_in(client)
        page = sign_in_freshly(Client(), administrator)
        address = reverse("accounts:person", args=[invited.public_id])
        assert f"Connected with {NAME}" in said(page.get(address))
        page.post(address, {"do": "disconnect"})
        assert not is_signed_in(Client(), invited)
        assert client.get(reverse("accounts:account")).status_code == 302
        assert Event.objects.filter(action="person.disconnected", who_email=administrator.email).exists()
        provider.person["sub"] = "2002"
        sign_in(client)
        assert is_signed_in(client, invited)

    def test_whoever_has_no_password_has_time_to_connect_anew_however_long_ago_they_were_invited(
        self, client, provider, invited, administrator
    ):
        sign_in(client)
        User.objects.filter(pk=invited.pk).update(link_sent_at=timezone.now() - timedelta(days=400))
        actions.disconnect_sign_in(person=User.objects.get(pk=invited.pk), by=administrator)
        sign_in(client)
        assert is_signed_in(client, invited)

    def test_of_the_last_administrator_is_refused(self, client, provider, invited):
        sign_in(client)
        User.objects.filter(role="administrator").update(is_active=False)
        User.objects.filter(pk=invited.pk).update(role="administrator")
        with pytest.raises(Refused, match="the last administrator who can sign in"):
            actions.disconnect_sign_in(person=User.objects.get(pk=invited.pk), by=invited)

    def test_after_another_provider_took_the_place_of_theirs(self, client, provider, invited, administrator):
        sign_in(client)
        invited.socialaccount_set.update(provider="https://formerly.example")
        assert not User.objects.get(pk=invited.pk).is_connected
        refused(sign_in(Client()), "connected with another account")
        page = sign_in_freshly(Client(), administrator)
        page.post(reverse("accounts:person", args=[invited.public_id]), {"do": "disconnect"})
        sign_in(client)
        assert is_signed_in(client, invited)

    def test_of_somebody_without_one_is_refused(self, provider, invited, administrator):
        with pytest.raises(Refused, match="has no account elsewhere"):
            actions.disconnect_sign_in(person=invited, by=administrator)

    def test_the_list_of_people_asks_once(self, provider, invited, administrator, django_assert_max_num_queries):
        browser = sign_in_freshly(Client(), administrator)
        with django_assert_max_num_queries(12):
            listed = browser.get(reverse("accounts:people"))
        assert "Invited" in said(listed)


def test_the_account_page_says_whether_one_is_connected(client, provider, invited):
    sign_in(client)
    assert f"Connected with {NAME}" in said(client.get(reverse("accounts:account")))
