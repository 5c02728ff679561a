"""One's own account: the roles, where one is signed in, and setting a password with a link."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from accounts import actions
from accounts.access import people
from accounts.holdings import holdings_of
from accounts.links import TOKENS
from accounts.models import Session
from accounts.openid import is_configured
from accounts.roles import ROLES
from accounts.second_factor import factors_of, is_needed


@require_safe
def account(request):
    """Show one's own name, roles and what they allow, and lead to what can be changed."""
    context = {
        "page_title": "Your account",
        "navigation": "account",
        "role": ROLES.get(request.user.role),
        "holdings": holdings_of(request.user).items(),
        "sessions": Session.objects.filter(person=request.user).count(),
        "openid_name": settings.OPENID_NAME if is_configured() else "",
        "has_factor": factors_of(request.user).exists(),
        "needs_factor": is_needed(request.user),
    }
    return render(request, "accounts/account.html", context)


@require_safe
def roles(request):
    """Show every role with its description and what it allows."""
    context = {
        "page_title": "Roles",
        "back_url": reverse("accounts:account"),
        "back_text": "Your account",
        "roles": [
            {"role": role, "permissions": sorted(permission.value for permission in role.permissions)}
            for role in ROLES.values()
        ],
        "mine": request.user.role,
    }
    return render(request, "accounts/roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request):
    """Show where one is signed in; sign out everywhere else, or everywhere."""
    here = request.session.session_key
    if request.method == "POST":
        if request.POST.get("do") == "everywhere":
            actions.end_sessions(person=request.user, by=request.user)
            request.session.flush()
            return redirect("account_login")
        count = actions.end_sessions(person=request.user, by=request.user, but=here)
        messages.success(request, f"You are signed out of {count} other browser{'' if count == 1 else 's'}.")
        return redirect("accounts:sessions")
    shown = Session.objects.filter(person=request.user).order_by("-signed_in_at", "-expire_date")
    context = {
        "page_title": "Where you are signed in",
        "back_url": reverse("accounts:account"),
        "back_text": "Your account",
        "rows": [{"session": held, "here": held.session_key == here} for held in shown],
    }
    return render(request, "accounts/sessions.html", context)


@method_decorator(login_not_required, name="dispatch")
class SetPassword(PasswordResetConfirmView):
    """Takes the link that somebody was sent, and then the password that they choose."""

    token_generator = TOKENS
    template_name = "accounts/set_password.html"
    success_url = reverse_lazy("account_login")
    title = "Set your password"

    def dispatch(self, *args, **kwargs):
        """Return the page; the link's signed part is taken out of the address at once."""
        return super().dispatch(*args, uidb64=kwargs.pop("person"), **kwargs)

    def get_user(self, uidb64):
        """Return the person of the link, or None."""
        return people().filter(public_id=uidb64).first()

    def form_valid(self, form):
        """Set the password, and lead to sign-in."""
        actions.set_password(person=self.user, password=form.cleaned_data["new_password1"])
        messages.success(self.request, "Your password is set. Sign in with it.")
        return redirect(self.success_url)


set_password = SetPassword.as_view()
