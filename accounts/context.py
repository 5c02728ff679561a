"""What templates are given about accounts."""

from django.conf import settings

from accounts.demo import DEMO_ACCOUNTS, PASSWORD
from accounts.models import User
from accounts.roles import ROLES


def demo_accounts(request):
    """Return the demonstration accounts for the sign-in page, where they exist and work; else nothing."""
    match = request.resolver_match
    if settings.PRODUCTION or not match or match.url_name != "account_login":
        return {}
    existing = set(User.objects.filter(is_demo=True, is_active=True).values_list("email", flat=True))
    return {
        "demo_accounts": [
            {"name": account.name, "email": account.email, "password": PASSWORD, "role": ROLES[account.role].label}
            for account in DEMO_ACCOUNTS
            if account.email in existing
        ]
    }
