"""Addresses of the whole site, room by room. Health probes are answered before it (`config.middleware.Probes`)."""

from django.urls import include, path

from config import offline

urlpatterns = [
    path("sw.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.offline, name="offline"),
    path("accounts/", include("config.account_urls")),
    path("", include("accounts.urls")),
    path("", include("ratings.urls")),
    path("", include("inspections.urls")),
    path("", include("cases.urls")),
]
