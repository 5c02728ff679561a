"""What everybody may read, without signing in: percentages and ratings of what is published, and no way further in.

The pages know nobody: they are rendered without the request, so that they are the same for all and any cache may keep them.
"""

from datetime import datetime
from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Max, Q
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from govuk.templatetags.govuk import rating_tag
from inspections.lifecycle import Step
from inspections.models import Inspection, State
from ratings.annex import newest_frozen, read_frozen
from ratings.exports.printed import NOT_RATED, printed_tables

PER_PAGE = 100


def _published():
    """Return what is published, archived ones left out, each with when it was published last."""
    return (
        Inspection.objects.filter(lifecycle__state=State.PUBLISHED, archived_at=None)
        .select_related("service", "standards", "lifecycle", "result")
        .defer("standards__content", "result__tallies", "result__standards")
        .annotate(published_at=Max("lifecycle_steps__at", filter=Q(lifecycle_steps__step=Step.PUBLISH)))
    )


@login_not_required
@require_safe
def published_list(request):
    """List what is published, newest first."""
    shown = Paginator(_published().order_by("-published_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"inspection": inspection, "overall": _overall(inspection)} for inspection in shown]
    return _answer(request, "published/list.html", {"page_title": "Published ratings", "rows": rows, "shown": shown})


def _overall(inspection):
    bands = inspection.document.bands_by_code
    rating = inspection.result.overall
    return rating_tag(bands[rating].label, [*bands].index(rating) + 1, len(bands)) if rating else rating_tag(NOT_RATED)


@login_not_required
@require_safe
def published(request, public_id):
    """Show the percentages and ratings of one inspection as they were agreed. 404 unless it is published."""
    inspection = _published().filter(public_id=public_id).first()
    if inspection is None:
        raise Http404
    annex = read_frozen(newest_frozen(inspection))
    count = len(annex.labels)
    steps = {code: step for step, code in enumerate(annex.labels, 1)}
    tables = printed_tables(annex)
    context = {
        "page_title": f"{annex.service}: ratings",
        "annex": annex,
        "score": "" if annex.score is None else f"{annex.score}/{annex.maximum}",
        "overall": rating_tag(annex.labels.get(annex.overall, NOT_RATED), steps.get(annex.overall), count),
        "published_at": inspection.published_at,
        "agreed_at": datetime.fromisoformat(annex.locked.at),
        "tables": [
            {
                "table": table,
                "standards": [(held, rating_tag(held.rating, held.step, count)) for held in table.standards],
            }
            for table in tables
        ],
    }
    return _answer(request, "published/inspection.html", context)


def _answer(request, template, context):
    """Return a page that is the same for everybody. Caches keep it, and ask each time whether it still stands."""
    response = HttpResponse(render_to_string(template, context))
    etag = quote_etag(sha256(response.content).hexdigest())
    response["Cache-Control"] = "public, no-cache"
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
