"""Addresses of the whole site, room by room."""

from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("config.account_urls")),
    path("", include("accounts.urls")),
    path("", include("ratings.urls")),
    path("", include("cases.urls")),
]
