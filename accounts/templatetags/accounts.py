"""What pages of accounts are given."""

import json

from django import template
from django.core.serializers.json import DjangoJSONEncoder

from accounts.roles import TEAM_ROLES

register = template.Library()


@register.filter
def as_json(value):
    """Return a value as JSON, for an attribute that a script reads."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.inclusion_tag("accounts/parts/roles.html")
def team_roles():
    """Show what each role of a team does, for pages on which people are given one."""
    return {"roles": TEAM_ROLES.values()}
