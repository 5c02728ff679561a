"""What held answers add to other pages."""

from django import template

from accounts.permissions import Permission
from cases.held import waiting

register = template.Library()


@register.inclusion_tag("cases/parts/held_count.html", takes_context=True)
def held_count(context):
    """Tell whoever decides about held answers how many wait. Nobody else costs a query."""
    inspection, access = context.get("inspection"), context.get("access")
    if not inspection or not access or not access.may(Permission.DECIDE_HELD):
        return {}
    return {"inspection": inspection, "count": waiting(inspection).count()}
