"""What scripts ask about the session, and the key of a person's browsers."""

from base64 import b64decode
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions import device_key
from accounts.models import Session, User

pytestmark = pytest.mark.django_db

SESSION, KEY = "/my/session/", "/my/device-key/"
TWELVE_HOURS = 12 * 60 * 60


def ends_in(client, minutes):
    """Let the client's session end in so many minutes."""
    ends = timezone.now() + timedelta(minutes=minutes)
    Session.objects.filter(pk=client.session.session_key).update(expire_date=ends)


class TestSession:
    def test_it_says_who_is_signed_in_and_for_how_long(self, signed_in, inspector):
        client = signed_in(inspector)
        ends_in(client, 5)

        response = client.get(SESSION)

        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        body = response.json()
        assert body.keys() == {"format", "person", "name", "seconds_left", "csrf"}
        assert (body["format"], body["name"]) == ("evenhand-session/1", inspector.name)
        assert UUID(body["person"]) == inspector.public_id
        assert 290 <= body["seconds_left"] <= 300

    def test_asking_extends_nothing(self, signed_in, inspector):
        client = signed_in(inspector)
        ends_in(client, 5)
        before = Session.objects.get().expire_date
        client.get(SESSION)
        assert Session.objects.get().expire_date == before

    def test_staying_makes_it_as_long_as_a_new_one(self, signed_in, inspector):
        client = signed_in(inspector)
        ends_in(client, 5)

        response = client.post(SESSION)

        assert response.json()["seconds_left"] == TWELVE_HOURS
        assert response.cookies["sessionid"]["max-age"] == TWELVE_HOURS
        assert client.get(SESSION).json()["seconds_left"] >= TWELVE_HOURS - 10

    def test_a_session_that_ended_is_signed_out(self, signed_in, inspector):
        client = signed_in(inspector)
        ends_in(client, -1)
        for response in (client.get(SESSION), client.post(SESSION), client.post(KEY)):
            assert response.status_code == 401
            assert response.json()["state"] == "signed_out"

    def test_somebody_who_was_made_inactive_is_signed_out(self, signed_in, inspector):
        client = signed_in(inspector)
        User.objects.filter(pk=inspector.pk).update(is_active=False)
        assert client.get(SESSION).status_code == 401

    def test_its_token_lets_a_script_post(self, inspector):
        client = Client(enforce_csrf_checks=True)
        client.force_login(inspector)
        token = client.get(SESSION).json()["csrf"]
        assert client.post(SESSION, headers={"X-CSRFToken": token}).status_code == 200

    @pytest.mark.parametrize("address", [SESSION, KEY])
    def test_without_the_token_nothing_is_done(self, inspector, address):
        client = Client(enforce_csrf_checks=True)
        client.force_login(inspector)
        response = client.post(address)
        assert response.status_code == 403
        assert (response.json()["state"], response.json()["rule"]) == ("forbidden", "csrf")

    @pytest.mark.parametrize("address", [SESSION, KEY])
    def test_signed_out_comes_before_a_missing_token(self, db, address):
        response = Client(enforce_csrf_checks=True).post(address)
        assert response.status_code == 401
        assert response.json()["state"] == "signed_out"

    def test_a_form_without_the_token_gets_the_page(self, db):
        response = Client(enforce_csrf_checks=True).post("/accounts/login/")
        assert response.status_code == 403
        assert "Your form was not sent" in response.content.decode()

    @pytest.mark.parametrize(("method", "address"), [("put", SESSION), ("get", KEY), ("delete", KEY)])
    def test_other_methods_are_refused(self, signed_in, inspector, method, address):
        response = getattr(signed_in(inspector), method)(address)
        assert response.status_code == 405
        assert response.json()["state"] == "wrong_method"
        assert "POST" in response["Allow"]


class TestDeviceKey:
    def test_it_is_32_bytes_made_once(self, signed_in, inspector):
        client = signed_in(inspector)
        first, second = client.post(KEY), client.post(KEY)
        assert first.json() == second.json()
        assert first.json().keys() == {"format", "person", "key"}
        assert first.json()["format"] == "evenhand-device-key/1"
        assert UUID(first.json()["person"]) == inspector.public_id
        assert len(b64decode(first.json()["key"])) == 32
        assert first["Cache-Control"] == "no-store"

    def test_each_person_has_their_own(self, inspector, lead):
        assert device_key(user=inspector) != device_key(user=lead)

    def test_it_outlives_the_session(self, inspector):
        keys = set()
        for _ in range(2):
            client = Client()
            client.force_login(inspector)
            keys.add(client.post(KEY).json()["key"])
        assert len(keys) == 1
