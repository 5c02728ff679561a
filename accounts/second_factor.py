"""A second step at sign-in: who needs one, and that they set it up before anything else."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse

from accounts.holdings import roles_of
from accounts.replies import reply

NEEDED = "Your role needs a second step at sign-in. Open Evenhand and set it up first."

# What somebody who must still set up their second step may open: its set-up, and the way out.
OPEN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "accounts:openid",
        "accounts:openid_again",
        "accounts:openid_back",
        "accounts:session",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "offline",
        "service_worker",
    }
)


def factors_of(person):
    """Return the second factors of a person; recovery codes are none by themselves."""
    return Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES)


def is_needed(person):
    """Return whether one of the person's roles needs a second step."""
    wanted = set(settings.SECOND_STEP_ROLES)
    return bool(wanted) and bool(wanted & roles_of(person))


def is_last_needed(authenticator):
    """Return whether a person whose role needs a second step has no other than this one."""
    person = authenticator.user
    return is_needed(person) and not factors_of(person).exclude(pk=authenticator.pk).exists()


class SecondStepFirst:
    """Leads those whose role needs a second step, and who have none, to its set-up before anything else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the response; which page is asked for is only known to `process_view`."""
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Return None to go on, else the way to the set-up; a script is told in JSON.

        Of a page that is open to all it is not asked who is there: what the public reads depends on no cookie.
        """
        if not getattr(view, "login_required", True) and not hasattr(view, "answers_with"):
            return None
        if not settings.SECOND_STEP_ROLES or not request.user.is_authenticated:
            return None
        if request.resolver_match.view_name in OPEN or _signed_in_with_more(request):
            return None
        if not is_needed(request.user) or factors_of(request.user).exists():
            return None
        name = getattr(view, "answers_with", None)
        if name:
            return reply(name, "forbidden", 403, sentence=NEEDED)
        return HttpResponseRedirect(reverse("mfa_index"))


def _signed_in_with_more(request):
    records = get_authentication_records(request, request.user)
    enough = {"mfa", "socialaccount"} if settings.OPENID_HAS_SECOND_STEP else {"mfa"}
    return any(record["method"] in enough for record in records)
