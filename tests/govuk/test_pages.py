"""The frame of every page, the sign-in pages and the error pages. None of these tests may use a database."""

from types import SimpleNamespace

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.views import defaults

from tests.govuk.markup import assert_sound

pytestmark = pytest.mark.urls("tests.govuk.urls")

PERSON = SimpleNamespace(is_authenticated=True, name="Siân Ŵyn-Parry", email="sian@example.org", role_label="Manager")
ERROR_PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]


class LoginForm(forms.Form):
    login = forms.EmailField(label="Email")
    password = forms.CharField(widget=forms.PasswordInput)


def page(template="base.html", **context):
    return assert_sound(render_to_string(template, {"csrf_token": "token", **context}))


def title(markup):
    position = next(
        index for index, event in enumerate(markup.events) if isinstance(event, tuple) and event[0] == "title"
    )
    return markup.events[position + 1]


def test_the_frame():
    markup = page(page_title="Ratings", caption="Example", user=PERSON, back_url="/back")
    assert markup.one("html")["lang"] == "en"
    assert title(markup) == "Ratings – Evenhand"
    assert len(markup.all("h1")) == 1
    assert markup.one("main")["id"] == "main-content"
    assert markup.all("a")[0]["href"] == "#main-content"
    assert "Siân Ŵyn-Parry" in markup.text
    assert "Manager" in markup.text
    assert "Open Government Licence" in markup.text
    assert markup.one("a", class_="govuk-back-link")["href"] == "/back"


def test_signing_out_is_a_post():
    markup = page(user=PERSON)
    assert markup.one("form", class_="eh-header__sign-out")["method"] == "post"
    assert markup.one("input", name="csrfmiddlewaretoken")


def test_signed_out_there_is_no_navigation():
    markup = page(page_title="x")
    assert not markup.all("nav")
    assert not markup.all("form")


@pytest.mark.parametrize(
    ("path", "context", "expected"),
    [("/", {}, "page"), ("/x", {"navigation": "inspections"}, "true"), ("/x", {}, None)],
)
def test_the_navigation_says_where_we_are(path, context, expected):
    markup = page(user=PERSON, request=RequestFactory().get(path), **context)
    assert markup.one("a", class_="govuk-service-navigation__link").get("aria-current") == expected


def test_the_role_in_this_inspection_comes_first():
    assert "Lead inspector" in page(user=PERSON, person_role="Lead inspector").text


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"form": LoginForm({"login": "a@example.org", "password": "x"})}, "x – Evenhand"),
        ({"has_errors": True}, "Error: x – Evenhand"),
        ({"form": LoginForm()}, "x – Evenhand"),
    ],
)
def test_the_title_says_when_there_is_an_error(context, expected):
    assert title(page(page_title="x", **context)) == expected


def test_sign_in_page():
    markup = page("account/login.html", form=LoginForm())
    assert title(markup) == "Sign in – Evenhand"
    assert "Ask your administrator" in markup.text
    assert "trying" not in markup.text
    assert markup.one("input", name="login")["autocomplete"] == "username"


def test_sign_in_page_with_errors_links_to_its_inputs():
    markup = page("account/login.html", form=LoginForm({}))
    assert title(markup).startswith("Error: ")
    assert [link["href"] for link in markup.all("a") if link["href"].startswith("#id")] == ["#id_login", "#id_password"]


def test_demonstration_accounts_are_shown_with_a_warning():
    account = {"name": "Ada", "email": "ada@example.org", "password": "pass-word", "role": "Inspector"}
    markup = page("account/login.html", form=LoginForm(), demo_accounts=[account])
    for text in (*account.values(), "for trying only"):
        assert text in markup.text


@pytest.mark.parametrize(
    "template", ["account/logout.html", "account/reauthenticate.html", "account/account_inactive.html"]
)
def test_other_account_pages(template):
    markup = page(template, user=PERSON, form=LoginForm())
    assert len(markup.all("h1")) == 1
    assert title(markup) != "– Evenhand"


@pytest.mark.parametrize("template", ERROR_PAGES)
def test_error_pages_need_neither_request_nor_context(template):
    markup = assert_sound(render_to_string(template))
    assert len(markup.all("h1")) == 1
    assert title(markup) != "– Evenhand"
    assert markup.all("a", href="/")


@pytest.mark.parametrize("template", ERROR_PAGES)
def test_error_pages_do_not_ask_who_is_signed_in(template):
    class Nobody:
        def __getattr__(self, name):
            raise AssertionError("an error page asked for the person")

    render_to_string(template, {"user": Nobody(), "exception": "a case reference"}, request=None)


def test_error_pages_show_nothing_of_the_exception():
    request = RequestFactory().get("/cases/secret-reference")
    request.user = request.session = None
    for response in (
        defaults.page_not_found(request, Exception("secret-reference")),
        defaults.bad_request(request, Exception("secret-reference")),
        defaults.server_error(request),
    ):
        assert b"secret-reference" not in response.content
