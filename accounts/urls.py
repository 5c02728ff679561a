"""Addresses of people, of one's own account, and of what scripts ask about whoever is signed in."""

from django.urls import path

from accounts.views import account, openid, people, scripts

app_name = "accounts"
urlpatterns = [
    path("accounts/openid/", openid.start, name="openid"),
    path("accounts/openid/back/", openid.back, name="openid_back"),
    path("accounts/reauthenticate/openid/", openid.again, name="openid_again"),
    path("my/session/", scripts.session, name="session"),
    path("my/device-key/", scripts.device_key, name="device_key"),
    path("my/account/", account.account, name="account"),
    path("my/sessions/", account.sessions, name="sessions"),
    path("roles/", account.roles, name="roles"),
    path("people/", people.people_list, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<uuid:person>/", people.person, name="person"),
    path("accounts/link/<uuid:person>/<str:token>/", account.set_password, name="link"),
]
