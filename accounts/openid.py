"""Sign-in with an OpenID Connect provider, where `OPENID_ISSUER` names one (docs/decisions/openid-connect.md).

The provider says who somebody is; who may come in is said here. Its word is taken for one sign-in that was begun in this
browser: signed with its key, meant for this installation, and with the number that was sent along.
"""

import logging
import secrets
import time

import jwt
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts import actions
from accounts.errors import Refused
from accounts.models import Standing, User

logger = logging.getLogger(__name__)

# Keys whose public half the provider publishes; never a shared secret, and never no signature.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
LEEWAY = 60  # seconds by which the provider's clock may differ

UNKNOWN = (
    "Nobody is invited here with the email address that {name} gave: {email}. Ask your administrator for an invitation "
    "to that address, or sign in at {name} with the one that was invited."
)
UNVERIFIED = (
    "{name} does not say that it has checked your email address, so it cannot be known that it is yours. Confirm the "
    "address there, or sign in with your password."
)
CLOSED = "Your account here is closed. Ask your administrator to open it again."
ENDED = (
    "Your invitation has ended. Ask your administrator to send it again, then sign in with {name} within three days."
)
CONNECTED = (
    "Your account here is connected with another account at {name}. Sign in there with that one, or ask your administrator "
    "to disconnect it."
)
DEMONSTRATION = "Demonstration accounts do not work here. Ask your administrator for an account."
SOMEBODY_ELSE = "You are signed in here as {person}, and signed in at {name} as somebody else. Sign out here first."
NOT_AGAIN = (
    "{name} did not say that you have just signed in again, so nothing was done. Try again, or ask your administrator."
)
CANCELLED = "You did not sign in at {name}. Nothing was done."
NOT_BEGUN = "This sign-in was begun in another browser, or more than ten minutes ago. Begin it again."
NOT_TRUSTED = "What {name} said could not be trusted, so you are not signed in. Try again, or tell your administrator."
AWAY = "{name} cannot be reached at present. Sign in with your password, or try again in a few minutes."


def is_configured():
    """Return whether a provider is named, with everything that it takes."""
    return bool(settings.OPENID_ISSUER and settings.OPENID_CLIENT_ID and settings.OPENID_CLIENT_SECRET)


class Provider(OpenIDConnectProvider):
    """The provider, known by its issuer: what it says of its people holds for no other."""

    pkce_enabled_default = True

    def get_oauth2_adapter(self, request):
        """Return what speaks with the provider."""
        return Protocol(request)

    def redirect_there(self, request):
        """Return the redirect to the provider; whoever is signed in here has to show there once more that it is them."""
        asked = {"nonce": secrets.token_urlsafe(24), "asked_at": time.time()}
        params = {"nonce": asked["nonce"]}
        if request.user.is_authenticated:
            params |= {"prompt": "login", "max_age": "0"}
        next_url = get_next_redirect_url(request)
        return self.redirect(request, AuthProcess.LOGIN, next_url, auth_params=params, **asked)

    def extract_uid(self, data):
        """Return by what the provider knows a person."""
        return data["sub"]

    def extract_extra_data(self, data):
        """Return nothing: no more is kept than whose account it is."""
        return {}


class Protocol(OpenIDConnectOAuth2Adapter):
    """What is asked of the provider, and what of its answers is believed."""

    expires_in_key = ""  # its tokens are not kept

    def __init__(self, request):
        super().__init__(request, settings.OPENID_ISSUER)

    def get_callback_url(self, request, app):
        """Return the whole address that the provider sends people back to."""
        return build_absolute_uri(request, reverse("accounts:openid_back"))

    @property
    def openid_config(self):
        """What the provider publishes of itself. Raises OAuth2Error where it is another's."""
        config = super().openid_config
        if config["issuer"] != settings.OPENID_ISSUER:
            raise OAuth2Error("another issuer")
        return config

    @property
    def basic_auth(self):
        """Whether the secret goes into a header, as it does where the provider says nothing."""
        methods = self.openid_config.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_post" not in methods

    def complete_login(self, request, app, token, **kwargs):
        """Return who the provider says it is, not yet let in. Raises OAuth2Error for what cannot be trusted."""
        try:
            claims = self._checked(kwargs["response"]["id_token"], app)
        except (jwt.PyJWTError, KeyError) as fault:
            raise OAuth2Error("id_token") from fault
        if "email" not in claims:
            told = self._fetch_user_info(token.token)
            if told["sub"] != claims["sub"]:
                raise OAuth2Error("userinfo of somebody else")
            claims |= {name: told.get(name) for name in ("email", "email_verified")}
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        return login

    def _checked(self, id_token, app):
        """Return the claims of a token with a good signature, for this installation and not too old."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = [key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if key.public_key_use in (None, "sig")]
        wanted = jwt.get_unverified_header(id_token).get("kid")
        key = next((key for key in keys if wanted in (None, key.key_id)), None)
        if key is None:
            raise OAuth2Error("no such key")
        return jwt.decode(
            id_token,
            key=key,
            algorithms=ALGORITHMS,
            audience=app.client_id,
            issuer=settings.OPENID_ISSUER,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )


class Adapter(DefaultSocialAccountAdapter):
    """Who of those whom the provider knows may come in."""

    def get_provider(self, request, provider, client_id=None):
        """Return the provider that is configured. Raises SocialApp.DoesNotExist where none is."""
        if not is_configured():
            raise SocialApp.DoesNotExist
        issuer = settings.OPENID_ISSUER
        app = SocialApp(
            provider=Provider.id,
            provider_id=issuer,
            name=settings.OPENID_NAME,
            client_id=settings.OPENID_CLIENT_ID,
            secret=settings.OPENID_CLIENT_SECRET,
            settings={"server_url": f"{issuer.rstrip('/')}/.well-known/openid-configuration"},
        )
        return Provider(request, app=app)

    def is_open_for_signup(self, request, sociallogin):
        """Return False: nobody signs themselves up."""
        return False

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        """Refuse a sign-in that the provider ended, that was not begun here, or that cannot be trusted."""
        if error == AuthError.CANCELLED:
            sentence = CANCELLED
        elif exception is not None or "state" in (extra_context or {}):
            sentence = AWAY if is_away(exception) else NOT_TRUSTED
        else:
            sentence = NOT_BEGUN
        raise ImmediateHttpResponse(refusal(request, sentence, why=exception))

    def pre_social_login(self, request, sociallogin):
        """Let in whom the provider named, or refuse with a sentence; whoever is signed in goes on where they were."""
        claims, asked = sociallogin.claims, sociallogin.state
        if not secrets.compare_digest(str(claims["nonce"]), asked["nonce"]):
            raise ImmediateHttpResponse(refusal(request, NOT_TRUSTED, why="nonce"))
        known = sociallogin.user if sociallogin.is_existing else None
        try:
            person = known or person_of(claims)
            check_may_come_in(person)
            if request.user.is_authenticated:
                check_is_again(request.user, person, claims, asked["asked_at"])
            if not known:
                connect(person, sociallogin)
        except Refused as refused:
            raise ImmediateHttpResponse(refusal(request, str(refused))) from None
        sociallogin.user = person
        if request.user.is_authenticated:
            account = sociallogin.account
            record_authentication(
                request, person, "socialaccount", provider=account.provider, uid=account.uid, reauthenticated=True
            )
            raise ImmediateHttpResponse(HttpResponseRedirect(sociallogin.get_redirect_url(request) or "/"))


def person_of(claims):
    """Return who was invited with the email address that the provider has checked. Raises Refused."""
    if claims.get("email_verified") is not True or not claims.get("email"):
        raise Refused(UNVERIFIED)
    person = User.objects.filter(email=claims["email"].lower()).first()
    if person is None:
        raise Refused(UNKNOWN.replace("{email}", claims["email"]))
    if person.socialaccount_set.exists():  # at another provider too: addresses are given to successors
        raise Refused(CONNECTED)
    return person


def check_may_come_in(person):
    """Raise Refused for a closed account, for an invitation that has ended, and for demonstration accounts."""
    if not person.is_active:
        raise Refused(CLOSED)
    if person.standing == Standing.EXPIRED:
        raise Refused(ENDED)
    if person.is_demo and settings.PRODUCTION:
        raise Refused(DEMONSTRATION)


def check_is_again(user, person, claims, asked_at):
    """Raise Refused unless it is the same person, who has signed in at the provider since they were asked to."""
    if person != user:
        raise Refused(SOMEBODY_ELSE.replace("{person}", user.name))
    signed_in_at = claims.get("auth_time")
    if not isinstance(signed_in_at, int | float) or signed_in_at < asked_at - LEEWAY:
        raise Refused(NOT_AGAIN)


def connect(person, sociallogin):
    """Keep that somebody at the provider is a person here."""
    sociallogin.account = actions.connect_sign_in(person=person, account=sociallogin.account)


def is_away(exception):
    """Return whether the provider could not be reached at all, or is in trouble itself."""
    answer = getattr(exception, "response", None)
    return isinstance(exception, OSError) and (answer is None or answer.status_code >= 500)


def refusal(request, sentence, why=None, status=403):
    """Return the page that says why somebody is not signed in. What is logged names nobody."""
    name = why if isinstance(why, str) else type(why).__name__ if why else "who they are"
    logger.warning("A sign-in with OpenID Connect was refused: %s.", name)
    sentence = sentence.replace("{name}", settings.OPENID_NAME)
    context = {
        "sentence": sentence[0].upper() + sentence[1:],
        "page_title": "You are not signed in" if not request.user.is_authenticated else "You have not signed in again",
    }
    return render(request, "accounts/openid_refused.html", context, status=status)
