"""What reviews and further enquiries add to other pages: what is open in a case, and the notice of individual alerts."""

from django import template

from accounts.permissions import Permission
from cases.alerts import open_alerts
from cases.enquiries import waiting_enquiries as waiting_on
from cases.queries import open_queries_of

register = template.Library()


@register.inclusion_tag("cases/parts/alert_notice.html", takes_context=True)
def alert_notice(context):
    """Tell whoever settles alerts that some are open. Nobody else costs a query."""
    inspection, access = context.get("inspection"), context.get("access")
    if not inspection or not access or not access.may(Permission.RESOLVE_ALERTS):
        return {}
    return {"inspection": inspection, "count": open_alerts(inspection).count()}


@register.inclusion_tag("cases/parts/page_queries.html", takes_context=True)
def page_queries(context):
    """Show the open queries about the questions of a page of the form, above it."""
    case, page = context.get("case"), context.get("page")
    if not case or not page:
        return {}
    return {"case": case, "queries": [held for held in open_queries_of(case) if held["standard"] == page.standard.code]}


@register.inclusion_tag("cases/parts/review_link.html")
def review_link(case):
    """Lead to the review of a case, with the number of open queries."""
    return {"case": case, "count": len(open_queries_of(case))}


@register.inclusion_tag("cases/parts/waiting_enquiries.html")
def waiting_enquiries(case):
    """Show the further enquiries on a case that wait for a decision; nothing where there is none."""
    return {"case": case, "waiting": list(waiting_on(case))}
