"""How sign-in behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError


class Adapter(DefaultAccountAdapter):
    """People are added by an administrator; demonstration accounts do not work in production."""

    def is_open_for_signup(self, request):
        """Return False: nobody signs themselves up."""
        return False

    def authenticate(self, request, **credentials):
        """Return the person, or None. Demonstration accounts are refused in production with a sentence."""
        user = super().authenticate(request, **credentials)
        if user and user.is_demo and settings.PRODUCTION:
            raise ValidationError("Demonstration accounts do not work here. Ask your administrator for an account.")
        return user
