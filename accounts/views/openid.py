"""Going to the OpenID Connect provider, coming back, and signing in there again."""

from allauth.account.views import BaseReauthenticateView
from allauth.core import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts import openid

# What a provider that is out of order may make of its answers.
FAULTS = (OAuth2Error, OSError, LookupError, TypeError, ValueError, AttributeError)


@login_not_required
@require_POST
def start(request):
    """Send a browser to the provider, by way of a page: the content security policy lets no form go there itself."""
    if not openid.is_configured():
        raise Http404
    limited = ratelimit.consume_or_429(request, action="login")
    if limited:
        return limited
    provider = get_adapter(request).get_provider(request, settings.OPENID_ISSUER)
    try:
        address = provider.redirect_there(request)["Location"]
    except FAULTS as fault:
        sentence = openid.AWAY if openid.is_away(fault) else openid.NOT_TRUSTED
        return openid.refusal(request, sentence, why=fault, status=503)
    context = {"page_title": f"Going to {settings.OPENID_NAME}", "address": address}
    response = render(request, "accounts/openid_going.html", context)
    response["Refresh"] = f"0; url={address}"
    return response


@login_not_required
@require_GET
def back(request):
    """Take what the provider sends along with somebody who signed in there."""
    if not openid.is_configured():
        raise Http404
    try:
        return OAuth2CallbackView.adapter_view(openid.Protocol(request))(request)
    except FAULTS as fault:
        return openid.refusal(request, openid.NOT_TRUSTED, why=fault)


class SignInAgain(BaseReauthenticateView):
    """Leads to the provider whoever signs in there, to sign in again."""

    form_class = forms.Form
    template_name = "accounts/openid_again.html"

    def get_context_data(self, **kwargs):
        """Return what the page shows."""
        return super().get_context_data(**kwargs) | {"openid_name": settings.OPENID_NAME}


again = require_safe(SignInAgain.as_view())
