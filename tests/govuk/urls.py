"""The addresses that the frame of every page links to, without the rooms behind them."""

from django.http import HttpResponse
from django.urls import include, path


def nothing(request):
    """Answer with nothing: these tests render pages and follow no link."""
    return HttpResponse()


urlpatterns = [
    path("accounts/login/", nothing, name="account_login"),
    path("accounts/logout/", nothing, name="account_logout"),
    path("accounts/reauthenticate/", nothing, name="account_reauthenticate"),
    path("", include(([path("", nothing, name="inspections")], "ratings"))),
]
