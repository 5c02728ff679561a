"""Addresses that belong to whoever is signed in."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("my/session/", views.session, name="session"),
    path("my/device-key/", views.device_key, name="device_key"),
]
