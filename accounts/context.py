"""What templates are given about accounts."""

from django.conf import settings

from accounts.demo import DEMO_ACCOUNTS, PASSWORD
from accounts.models import User
from accounts.openid import is_configured
from accounts.roles import ROLES


def sign_in_page(request):
    """Return for the sign-in page the name of the OpenID Connect provider, and the demonstration accounts that work."""
    match = request.resolver_match
    if not match or match.url_name != "account_login":
        return {}
    return {"openid_name": settings.OPENID_NAME if is_configured() else "", **demo_accounts()}


def demo_accounts():
    """Return the demonstration accounts where they exist and work; else nothing."""
    if settings.PRODUCTION:
        return {}
    existing = set(User.objects.filter(is_demo=True, is_active=True).values_list("email", flat=True))
    return {
        "demo_accounts": [
            {"name": account.name, "email": account.email, "password": PASSWORD, "role": ROLES[account.role].label}
            for account in DEMO_ACCOUNTS
            if account.email in existing
        ]
    }
