"""One's own account, people, and second steps at sign-in, in a real browser."""

import re
import time
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.urls import reverse
from playwright.sync_api import expect

from accounts.actions import invite_person
from accounts.models import User
from tests.accounts.openid_provider import CLIENT, SECRET, OpenIDProvider
from tests.browser.forms import NOISE, SAVED, note, open_form, status, stored
from tests.browser.test_session import end_session, sign_in_dialog, sign_in_here
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in_by_form(page, somebody):
    page.goto(reverse("account_login"))
    page.get_by_label("Email address").fill(somebody.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def heading(page, name):
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def code_of(secret, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up_app(page, look=lambda page: None):
    """Set up an authenticator app from the account page; return its key and the recovery codes."""
    page.goto(reverse("accounts:account"))
    look(page)
    page.get_by_role("link", name="Set up a second step").click()
    heading(page, "Second step at sign-in")
    look(page)
    page.get_by_role("link", name="Set up an authenticator app").click()
    heading(page, "Set up an authenticator app")
    look(page)
    secret = page.locator(".eh-code--key").inner_text()
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    look(page)
    assert page.locator(".eh-code--key").inner_text() == secret
    page.get_by_label("Code", exact=True).fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    heading(page, "Recovery codes")
    look(page)
    return secret, page.locator(".eh-codes li").all_inner_texts()


def sign_out(page):
    page.get_by_role("button", name="Sign out", exact=True).click()
    heading(page, "Sign in")


@pytest.mark.parametrize("device", ["page", "phone"])
def test_the_account_and_an_authenticator_app(request, device, axe, lead, inspection):
    page = request.getfixturevalue(device)

    def look(page):
        axe(page)
        fits(page)

    sign_in_by_form(page, lead)
    secret, codes = set_up_app(page, look)
    assert len(codes) == 10
    page.get_by_role("button", name="I have kept them").click()
    look(page)
    for name in ("roles", "sessions"):
        page.goto(reverse(f"accounts:{name}"))
        look(page)
    page.goto(reverse("account_change_password"))
    look(page)
    sign_out(page)
    look(page)

    sign_in_by_form(page, lead)
    heading(page, "Enter your code")
    look(page)
    page.get_by_label("Code", exact=True).fill("123")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="The code is not right")).to_be_visible()
    look(page)
    page.get_by_label("Code", exact=True).fill(code_of(secret, 1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    heading(page, "Inspections")
    page.goto(reverse("mfa_deactivate_totp"))
    look(page)
    page.get_by_role("button", name="Remove the authenticator app").click()
    heading(page, "Second step at sign-in")
    expect(page.get_by_text("The authenticator app is removed.")).to_be_visible()


def test_without_javascript(plain_page, axe, lead, inspection):
    page = plain_page
    sign_in_by_form(page, lead)
    axe(page)
    _, codes = set_up_app(page)
    sign_out(page)
    sign_in_by_form(page, lead)
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    axe(page)
    page.get_by_label("Code", exact=True).fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    heading(page, "Inspections")


def test_signing_in_without_leaving_the_form_asks_for_the_code(page, watch, axe, lead, case):
    watch.allow(NOISE)
    sign_in_by_form(page, lead)
    secret, _ = set_up_app(page)
    with page.expect_response("**/my/session/"):
        open_form(page, case)
    end_session()
    note(page, "2.1.1").fill("Typed while signed out")
    dialog = sign_in_dialog(page)
    expect(dialog).to_be_visible()
    sign_in_here(page, lead)
    expect(dialog.get_by_label("Code", exact=True)).to_be_focused()
    axe(page)
    dialog.get_by_label("Code", exact=True).fill("000000")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("The code is not right")
    axe(page)
    dialog.get_by_label("Code", exact=True).fill(code_of(secret, 1))
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(status(page)).to_have_text(SAVED)
    expect(note(page, "2.1.1")).to_have_value("Typed while signed out")
    assert stored(case, "2.1.1").note == "Typed while signed out"


def test_what_an_account_needs_is_kept_in_no_browser(page, lead, inspection):
    sign_in_by_form(page, lead)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    set_up_app(page)
    page.goto(reverse("accounts:sessions"))
    page.wait_for_load_state("networkidle")
    kept = [url for url in asked if urlsplit(url).path == reverse("mfa_view_recovery_codes")]
    assert len(kept) == 1  # the page itself, and nothing that keeps it


class TestPasskeys:
    @pytest.fixture
    def with_device(self, new_page, live_server):
        """Return a page at localhost, where passkeys are allowed, whose device has a fingerprint reader."""
        address = live_server.url.replace("127.0.0.1", "localhost")
        page = new_page()
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = session.send("WebAuthn.addVirtualAuthenticator", {"options": device})

        def verified(yes):
            session.send(
                "WebAuthn.setUserVerified", {"authenticatorId": added["authenticatorId"], "isUserVerified": yes}
            )

        page.verified = verified
        goto = page.goto
        page.goto = lambda path: goto(f"{address}{path}" if path.startswith("/") else path)
        return page

    @pytest.fixture
    def with_passkey(self, with_device, axe, lead, inspection):
        """Return the page of the lead, who has added a passkey that signs in alone."""
        page = with_device
        sign_in_by_form(page, lead)
        page.goto(reverse("mfa_add_webauthn"))
        axe(page)
        page.get_by_label("What do you call it?").fill("Work laptop")
        page.get_by_label("Sign in with it alone").check()
        page.get_by_role("button", name="Add a passkey").click()
        heading(page, "Recovery codes")
        return page

    def test_one_signs_in_alone(self, with_passkey, axe):
        page = with_passkey
        sign_out(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        heading(page, "Inspections")
        page.goto(reverse("mfa_list_webauthn"))
        expect(page.get_by_text("Work laptop").first).to_be_visible()
        axe(page)
        page.get_by_role("link", name="Rename Work laptop").click()
        axe(page)
        page.get_by_label("What do you call it?").fill("Old laptop")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Remove Old laptop").click()
        axe(page)
        page.get_by_role("button", name="Remove the passkey").click()
        expect(page.get_by_text("You have no passkeys.")).to_be_visible()

    def test_one_is_the_second_step(self, with_passkey, lead):
        page = with_passkey
        sign_out(page)
        sign_in_by_form(page, lead)
        heading(page, "Enter your code")
        page.get_by_role("button", name="Use a passkey").click()
        heading(page, "Inspections")

    def test_one_signs_in_again(self, with_passkey, axe):
        page = with_passkey
        page.goto(f"{reverse('mfa_reauthenticate_webauthn')}?next=/roles/")
        axe(page)
        page.get_by_role("button", name="Use a passkey").click()
        heading(page, "Roles")

    def test_what_goes_wrong_is_said(self, with_passkey, axe):
        page = with_passkey
        sign_out(page)
        page.verified(False)
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator("[data-passkey-error]")).to_have_text(
            "The passkey was not used, or it took too long. Try again."
        )
        axe(page)


class TestPeople:
    @pytest.mark.parametrize("device", ["page", "phone"])
    def test_inviting_and_closing(
        self, request, device, new_page, watch, axe, administrator, inspection, make_case, inspector
    ):
        watch.allow("status of 400")
        page = request.getfixturevalue(device)
        make_case(inspection, allocated_to=inspector)

        def look(page):
            axe(page)
            fits(page)

        sign_in_by_form(page, administrator)
        page.get_by_role("link", name="People").click()
        heading(page, "People")
        look(page)
        page.get_by_role("button", name="Invite somebody").click()
        look(page)
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.get_by_role("alert")).to_contain_text("There is a problem")
        look(page)
        page.get_by_label("Full name").fill("Maya Green")
        page.get_by_label("Email address").fill("maya@example.org")
        page.get_by_role("button", name="Send the invitation").click()
        heading(page, "Maya Green")
        expect(page.get_by_text("A link to set a password was sent to maya@example.org.")).to_be_visible()
        look(page)

        link = urlsplit(re.search(r"http\S+/accounts/link/\S+", mail.outbox[0].body)[0]).path
        hers = new_page()
        hers.goto(link)
        heading(hers, "Set your password")
        look(hers)
        hers.get_by_label("Password", exact=True).fill("four words nobody guesses")
        hers.get_by_label("The same password again").fill("four other words altogether")
        hers.get_by_role("button", name="Set the password").click()
        expect(hers.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
        look(hers)
        hers.get_by_label("Password", exact=True).fill("four words nobody guesses")
        hers.get_by_label("The same password again").fill("four words nobody guesses")
        hers.get_by_role("button", name="Set the password").click()
        heading(hers, "Sign in")
        hers.goto(link)
        heading(hers, "This link does not work any more")
        look(hers)

        page.goto(reverse("accounts:person", args=[inspector.public_id]))
        expect(page.get_by_text("Cases still allocated (1)")).to_be_visible()
        page.get_by_role("button", name="Close the account").click()
        expect(page.get_by_role("alert").filter(has_text="Say why the account is closed.")).to_be_visible()
        look(page)
        page.get_by_label("Why is the account closed?").fill("Left the inspectorate")
        page.get_by_role("button", name="Close the account").click()
        expect(page.get_by_text("is closed, and they are signed out everywhere.")).to_be_visible()
        look(page)
        assert not User.objects.get(pk=inspector.pk).is_active


@pytest.mark.parametrize("device", ["page", "phone", "plain_page"])
def test_openid_connect(request, device, watch, axe, settings, administrator):
    watch.allow("status of 403")
    page = request.getfixturevalue(device)
    invite_person(email="maya@example.org", name="Maya Green", by=administrator)
    provider = OpenIDProvider()
    settings.OPENID_ISSUER, settings.OPENID_NAME = provider.issuer, "Inspectorate account"
    settings.OPENID_CLIENT_ID, settings.OPENID_CLIENT_SECRET = CLIENT, SECRET
    try:
        provider.person["email"] = "nobody@example.org"
        page.goto(f"{reverse('account_login')}?next=/roles/")
        axe(page)
        fits(page)
        page.get_by_role("button", name="Sign in with Inspectorate account").click()
        heading(page, "You are not signed in")
        axe(page)
        fits(page)
        provider.person["email"] = "maya@example.org"
        page.goto(f"{reverse('account_login')}?next=/roles/")
        page.get_by_role("button", name="Sign in with Inspectorate account").click()
        heading(page, "Roles")
        page.goto(reverse("mfa_activate_totp"))
        heading(page, "Sign in again")
        axe(page)
        fits(page)
        page.get_by_role("button", name="Sign in again with Inspectorate account").click()
        heading(page, "Set up an authenticator app")
        page.goto(reverse("accounts:account"))
        axe(page)
        fits(page)
    finally:
        provider.stop()


def test_what_was_posted_survives_signing_in_again(page, sign_in, axe, administrator, inspector):
    sign_in(page, administrator)  # not freshly
    page.goto(reverse("accounts:person", args=[inspector.public_id]))
    page.get_by_label("Why is the account closed?").fill("“Left”, she said\nand meant it")
    page.get_by_role("button", name="Close the account").click()
    heading(page, "Sign in again")
    axe(page)
    page.get_by_label("Password", exact=True).fill("not-the-password")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("link", name="The password is not right")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("is closed, and they are signed out everywhere.")).to_be_visible()
    assert page.url.endswith(reverse("accounts:person", args=[inspector.public_id]))
