"""Addresses of the whole site, room by room."""

from django.urls import include, path

from config import health, offline

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.offline, name="offline"),
    path("accounts/", include("config.account_urls")),
    path("", include("accounts.urls")),
    path("", include("ratings.urls")),
    path("", include("cases.urls")),
]
