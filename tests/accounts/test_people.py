"""People, as administrators look after them."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.errors import Refused
from accounts.models import Session, Standing, User
from audit.models import Event
from tests.people import PASSWORD, person, sign_in_freshly

pytestmark = pytest.mark.django_db

CHOSEN = "four words nobody guesses"


@pytest.fixture
def admin(client, administrator):
    return sign_in_freshly(client, administrator)


@pytest.fixture
def invited(admin):
    """Return somebody who was invited on the page, and has not followed the link."""
    given = {"name": "Maya Green", "email": "Maya@Example.org", "role": "none"}
    response = admin.post(reverse("accounts:invite"), given)
    somebody = User.objects.get(email="maya@example.org")
    assert response["Location"] == page_of(somebody)
    return somebody


def page_of(somebody):
    return reverse("accounts:person", args=[somebody.public_id])


def link_in(message):
    return re.search(r"http://testserver(/accounts/link/\S+)", message.body)[1]


def follow(link, password=CHOSEN):
    """Follow a link as another browser does, and set a password; return the last response."""
    browser = Client()
    form = browser.get(link, follow=True)
    if not form.context["validlink"]:
        return form
    return browser.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def signs_in(somebody, password):
    browser = Client()
    browser.post(reverse("account_login"), {"login": somebody.email, "password": password})
    return "_auth_user_id" in browser.session


def said(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


class TestInviting:
    def test_they_are_sent_a_link_and_set_a_password_with_it(self, invited):
        assert invited.standing == Standing.INVITED
        assert not signs_in(invited, "")
        assert mail.outbox[0].to == ["maya@example.org"]
        assert follow(link_in(mail.outbox[0]))["Location"] == reverse("account_login")
        assert signs_in(invited, CHOSEN)
        assert User.objects.get(pk=invited.pk).standing == Standing.ACTIVE

    def test_the_link_works_once(self, invited):
        link = link_in(mail.outbox[0])
        follow(link)
        assert "This link does not work any more" in said(follow(link, "another four words still"))
        assert signs_in(invited, CHOSEN)

    def test_the_signed_part_does_not_stay_in_the_address(self, client, invited):
        link = link_in(mail.outbox[0])
        response = client.get(link)
        assert response["Location"] == reverse("accounts:link", args=[invited.public_id, "set-password"])

    def test_a_newer_link_ends_it(self, admin, invited):
        admin.post(page_of(invited), {"do": "link"})
        first, second = map(link_in, mail.outbox)
        assert not follow(first).context["validlink"]
        assert follow(second).status_code == 302

    def test_it_ends_by_time(self, admin, invited, settings):
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert not follow(link_in(mail.outbox[0])).context["validlink"]
        assert "Invitation ended" in said(admin.get(page_of(invited)))

    @pytest.mark.parametrize("changed", ["person", "token"])
    def test_a_link_of_somebody_else_or_a_forged_one_is_refused(self, invited, stranger, changed):
        *_, public_id, token, _ = link_in(mail.outbox[0]).split("/")
        given = [stranger.public_id, token] if changed == "person" else [public_id, token[:-1] + "x"]
        response = Client().get(reverse("accounts:link", args=given))
        assert not response.context["validlink"]

    def test_a_weak_password_is_refused(self, invited):
        response = follow(link_in(mail.outbox[0]), "short")
        assert response.status_code == 200
        assert not signs_in(invited, "short")

    def test_the_address_is_taken(self, admin, invited):
        given = {"name": "Maya Two", "email": "MAYA@example.org", "role": "manager"}
        response = admin.post(reverse("accounts:invite"), given)
        assert response.status_code == 400
        assert "There is already a person with the address maya@example.org." in said(response)
        assert 'value="Maya Two"' in response.content.decode()
        assert User.objects.filter(name__startswith="Maya").count() == 1

    def test_a_mail_that_cannot_be_sent_is_told(self, admin, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
        given = {"name": "Maya Green", "email": "maya@example.org", "role": "none"}
        response = admin.post(reverse("accounts:invite"), given, follow=True)
        assert "could not be sent" in said(response)

    def test_it_is_recorded_without_the_link(self, invited):
        events = Event.objects.filter(detail__person="maya@example.org").order_by("pk")
        assert [event.action for event in events] == ["person.added", "person.link_sent"]
        token = link_in(mail.outbox[0]).split("/")[-2]
        assert not any(token in str(event.detail) + event.summary for event in events)


class TestClosing:
    def test_they_are_signed_out_everywhere_at_once(self, admin, inspector):
        browsers = [Client(), Client()]
        for browser in browsers:
            browser.post(reverse("account_login"), {"login": inspector.email, "password": PASSWORD})
            assert browser.get(reverse("accounts:account")).status_code == 200
        response = admin.post(page_of(inspector), {"do": "close", "reason": "Left the inspectorate"}, follow=True)
        assert "is closed, and they are signed out everywhere" in said(response)
        assert not Session.objects.filter(person=inspector).exists()
        for browser in browsers:
            assert browser.get(reverse("accounts:account")).status_code == 302
        assert not signs_in(inspector, PASSWORD)
        event = Event.objects.get(action="person.closed")
        assert event.reason == "Left the inspectorate"

    def test_a_link_that_was_sent_ends_with_it(self, admin, invited):
        admin.post(page_of(invited), {"do": "close", "reason": "A mistake"})
        assert not follow(link_in(mail.outbox[0])).context["validlink"]

    @pytest.mark.parametrize("reason", ["", "  \r\n "])
    def test_it_needs_a_reason(self, admin, inspector, reason):
        response = admin.post(page_of(inspector), {"do": "close", "reason": reason})
        assert response.status_code == 400
        assert "Say why the account is closed." in said(response)
        assert User.objects.get(pk=inspector.pk).is_active

    def test_the_cases_and_roles_that_they_hold_are_listed(self, admin, make_case, inspection, inspector):
        make_case(inspection, allocated_to=inspector)
        text = said(admin.get(page_of(inspector)))
        assert "Cases still allocated (1)" in text
        assert f"Case C01 {inspection.service.name}. Allocated" in text
        assert f"{inspection.service.name} Inspector. Reads case files" in text

    def test_opening_it_again_gives_everything_back(self, admin, inspector):
        actions.close_account(person=inspector, by=inspector, reason="For a while")
        admin.post(page_of(inspector), {"do": "reopen"})
        assert signs_in(inspector, PASSWORD)


class TestTheLastAdministrator:
    @pytest.mark.parametrize("given", [{"do": "close", "reason": "Enough"}, {"do": "role", "role": "manager"}])
    def test_stays(self, admin, administrator, given):
        response = admin.post(page_of(administrator), given)
        assert response.status_code == 400
        assert "Ada Evans is the last administrator who can sign in" in said(response)
        administrator.refresh_from_db()
        assert (administrator.is_active, administrator.role) == (True, "administrator")

    @pytest.mark.parametrize("other", [{"is_active": False}, {"password": "!"}])
    def test_one_who_cannot_sign_in_is_no_other(self, administrator, other):
        User.objects.filter(pk=person("Bo Other", role="administrator").pk).update(**other)
        with pytest.raises(Refused, match="last administrator"):
            actions.change_role(person=administrator, role="", by=administrator)

    def test_with_another_one_may_go(self, admin, administrator):
        person("Bo Other", role="administrator")
        admin.post(page_of(administrator), {"do": "role", "role": "none"})
        administrator.refresh_from_db()
        assert administrator.role == ""
        assert admin.get(reverse("accounts:people")).status_code == 403


class TestRoles:
    def test_is_changed_and_recorded(self, admin, inspector):
        admin.post(page_of(inspector), {"do": "role", "role": "manager"})
        inspector.refresh_from_db()
        assert inspector.role == "manager"
        assert Event.objects.get(action="person.role_changed").summary == (
            "Changed the role that Ines Archer has everywhere from none to manager."
        )

    @pytest.mark.parametrize("role", ["lead_inspector", "nonsense", ""])
    def test_one_that_does_not_hold_everywhere_is_refused(self, admin, inspector, role):
        assert admin.post(page_of(inspector), {"do": "role", "role": role}).status_code == 400
        with pytest.raises(Refused):
            actions.change_role(person=inspector, role=role or "nonsense", by=inspector)

    def test_it_wants_a_fresh_sign_in(self, signed_in, administrator, inspector):
        response = signed_in(administrator).post(page_of(inspector), {"do": "role", "role": "administrator"})
        assert response["Location"].startswith(reverse("account_reauthenticate"))
        inspector.refresh_from_db()
        assert inspector.role == ""


class TestTheList:
    def test_finds_by_name_and_address(self, admin, inspector, lead):
        text = said(admin.get(reverse("accounts:people"), {"q": "leah"}))
        assert "1 person with “leah”" in text
        assert "Ines Archer" not in text

    def test_takes_as_many_queries_however_many_there_are(self, admin, django_assert_max_num_queries):
        for number in range(20):
            person(f"Nobody {number}")
        with django_assert_max_num_queries(5):
            admin.get(reverse("accounts:people"))

    def test_does_not_show_the_actor_of_commands(self, admin):
        actor = User.objects.command_line()
        assert "Evenhand command line" not in said(admin.get(reverse("accounts:people")))
        assert admin.get(page_of(actor)).status_code == 404


class TestSessions:
    def browse(self, somebody, agent=""):
        browser = Client(headers={"User-Agent": agent})
        browser.post(reverse("account_login"), {"login": somebody.email, "password": PASSWORD})
        return browser

    def test_are_listed_with_what_they_are_on(self, inspector):
        self.browse(inspector, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
        text = said(self.browse(inspector).get(reverse("accounts:sessions")))
        assert "Firefox on Windows" in text
        assert text.count("This one") == 1

    def test_signing_out_everywhere_else(self, inspector):
        here, there = self.browse(inspector), self.browse(inspector)
        here.post(reverse("accounts:sessions"), {"do": "others"})
        address = reverse("accounts:account")
        assert [here.get(address).status_code, there.get(address).status_code] == [200, 302]

    def test_signing_out_everywhere(self, inspector, lead):
        here, there, other = self.browse(inspector), self.browse(inspector), self.browse(lead)
        here.post(reverse("accounts:sessions"), {"do": "everywhere"})
        address = reverse("accounts:account")
        assert [browser.get(address).status_code for browser in (here, there, other)] == [302, 302, 200]

    def test_changing_the_password_ends_the_others(self, inspector):
        here, there = self.browse(inspector), self.browse(inspector)
        given = {"oldpassword": PASSWORD, "password1": CHOSEN, "password2": CHOSEN}
        here.post(reverse("account_change_password"), given)
        address = reverse("accounts:account")
        assert [here.get(address).status_code, there.get(address).status_code] == [200, 302]
