"""How sign-in behaves here, and second factors. Their secrets are encrypted: a copy of the database signs nobody in."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.fresh import CODES, FIRST, OPENID, is_fresh, lacking
from accounts.second_factor import is_last_needed


class Adapter(DefaultAccountAdapter):
    """People are added by an administrator; demonstration accounts do not work in production."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right. Check both, and try again.",
        "incorrect_password": "The password is not right. Enter it again.",
        "too_many_login_attempts": "There were too many attempts to sign in. Wait five minutes, then try again.",
        "rate_limited": "There were too many attempts. Wait five minutes, then try again.",
    }

    def is_reauthentication_required(self, *, app):
        """Return whether the person signs in again before they change second factors: not after a fresh sign-in."""
        return not is_fresh(self.request)

    def get_reauthentication_methods(self, user):
        """Return the ways to sign in again that are of use now: what was shown already is not asked for twice."""
        methods = super().get_reauthentication_methods(user)
        if user.is_connected and settings.OPENID_ISSUER:
            own = {"id": OPENID, "description": settings.OPENID_NAME, "url": reverse("accounts:openid_again")}
            methods.insert(1 if user.has_usable_password() else 0, own)
        done = {CODES: {"reauthenticate", OPENID}, FIRST: {"mfa_reauthenticate"}}.get(lacking(self.request), set())
        return [method for method in methods if method["id"] not in done]

    def get_login_stages(self):
        """Return the steps after the first: no second one where the provider has asked for it already."""
        stages = super().get_login_stages()
        records = self.request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{"method": ""}]
        if settings.OPENID_HAS_SECOND_STEP and records[-1]["method"] == OPENID:
            stages.remove("allauth.mfa.stages.AuthenticateStage")
        return stages

    def is_open_for_signup(self, request):
        """Return False: nobody signs themselves up."""
        return False

    def authenticate(self, request, **credentials):
        """Return the person, or None. Demonstration accounts are refused in production with a sentence."""
        user = super().authenticate(request, **credentials)
        if user and user.is_demo and settings.PRODUCTION:
            raise ValidationError("Demonstration accounts do not work here. Ask your administrator for an account.")
        return user


class SecondFactors(DefaultMFAAdapter):
    """How second factors behave here."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is not right, or it was used already. Enter the newest code.",
        "cannot_delete_authenticator": (
            "Your role needs a second step at sign-in. Add another second step before you remove this one."
        ),
    }

    def encrypt(self, text):
        """Return a secret as it is stored."""
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """Return a stored secret. Raises ValueError when it was stored under a SECRET_KEY that is not known any more."""
        try:
            return _keys().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise ValueError(
                "A second factor was stored under another SECRET_KEY. Restore it, or reset them."
            ) from None

    def generate_authenticator_name(self, user, type):
        """Return the name that a new passkey is offered."""
        return "My passkey"

    def can_delete_authenticator(self, authenticator):
        """Return whether a second factor may be removed: not the last one of somebody whose role needs one."""
        return not is_last_needed(authenticator)


def _keys():
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret):
    return urlsafe_b64encode(sha256(b"evenhand second factors\0" + secret.encode()).digest())
