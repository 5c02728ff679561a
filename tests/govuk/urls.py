"""The addresses that the frame of every page and the sign-in pages link to, without the other rooms."""

from django.http import HttpResponse
from django.urls import include, path


def nothing(request):
    """Answer with nothing: these tests render pages and follow no link."""
    return HttpResponse()


urlpatterns = [
    path("accounts/", include("config.account_urls")),
    path("", include("accounts.urls")),
    path("", include(([path("", nothing, name="inspections")], "ratings"))),
]
