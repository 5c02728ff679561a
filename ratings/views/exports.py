"""One's own exports: the list, how far each is, and its file."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.replies import json_view, reply
from inspections.errors import Refused
from inspections.views.paging import pagination
from ratings.exporting import files
from ratings.exporting.actions import (
    cancel_export,
    expire_export,
    record_fetch,
    retry_export,
    sweep_exports,
)
from ratings.exporting.kinds import format_label, kind_of
from ratings.exporting.states import Step, can
from ratings.freshness import worker_alive
from ratings.models import Export, ExportState
from ratings.views.live import LIVE

PER_PAGE = 50
COLOURS = {
    ExportState.QUEUED: "govuk-tag--blue",
    ExportState.RUNNING: "govuk-tag--light-blue",
    ExportState.DONE: "govuk-tag--green",
    ExportState.FAILED: "govuk-tag--red",
    ExportState.CANCELLED: "govuk-tag--grey",
    ExportState.EXPIRED: "govuk-tag--grey",
}
DONE = {
    "cancel": (cancel_export, "The export is cancelled."),
    "retry": (retry_export, "The file is made again."),
}


@require_safe
def my_exports(request):
    """List what a person had taken out, newest first."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        sweep_exports()
    shown = Paginator(Export.objects.filter(by=request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": "My exports",
        "navigation": "exports",
        "rows": [_row(export) for export in shown],
        "pagination": pagination(shown),
        "days": settings.EXPORT_DAYS,
    }
    return render(request, "ratings/my_exports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def my_export(request, export):
    """Show how far an export is; or cancel it, or have it made again."""
    export = _own(request, export)
    form = None
    if request.method == "POST":
        form = Form(request.POST)
        form.full_clean()
        action, said = DONE.get(request.POST.get("do"), (None, ""))
        try:
            if action is None:
                raise Refused("Choose one of the buttons on this page. Nothing was changed.")
            action(export=export, by=request.user)
        except Refused as refusal:
            export = _own(request, export.public_id)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("ratings:my_export", export.public_id)
    row = _row(export)
    context = row | {
        "page_title": row["title"],
        "caption": "Export",
        "navigation": "exports",
        "back_url": reverse("ratings:my_exports"),
        "back_text": "My exports",
        "form": form,
        "refusal": _refusal(request.user, export),
        "moves": can(Step.CANCEL, export.state),
        "can_retry": can(Step.RETRY, export.state),
        "before": _before(export),
        "worker_away": can(Step.CANCEL, export.state) and not worker_alive(),
        "seen": _mark(export),
        "live_url": reverse("ratings:my_export_live", args=[export.public_id]),
    }
    return render(request, "ratings/my_export.html", context, status=400 if form else 200)


@require_GET
def my_export_file(request, export):
    """Send the file of an export, to whoever asked for it and may still have it, and record that."""
    export = _own(request, export)
    try:
        if export.state != ExportState.DONE:
            raise Http404
        try:
            file = files.path_of(export).open("rb")
        except FileNotFoundError:
            if not settings.EXPORTS_FOLDER.is_dir():
                messages.error(request, "Files cannot be reached at present. Try again later.")
                return redirect("ratings:my_export", export.public_id)
            expire_export(export=export)
            messages.error(request, "The file is not there any more. Have it made again.")
            return redirect("ratings:my_export", export.public_id)
        try:
            record_fetch(export=export, by=request.user)
        except BaseException:
            file.close()
            raise
    except Refused as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    kind = kind_of(export)
    name = f"{kind.name}-{timezone.localtime(export.ended_at):%Y-%m-%d-%H%M}.{kind.ending(export)}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind.ending(export)])


CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@json_view(LIVE, "GET")
def my_export_live(request, export):
    """Say whether an export has moved on, or with 304 that it is where the asker knows it to be."""
    mark = _mark(_own(request, export))
    tag = quote_etag(mark)
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged:
        return unchanged
    answer = reply(LIVE, sequence=mark, behind=False, worker_away=False, figures="")
    answer["ETag"] = tag
    return answer


def _own(request, public_id):
    """Return an export of the person's own. Raises Http404: those of others are not there for them."""
    return get_object_or_404(Export.objects.filter(by=request.user), public_id=public_id)


def _mark(export):
    return f"{export.attempt}-{export.state}"


def _row(export):
    kind = kind_of(export)
    return {
        "export": export,
        "title": kind.title,
        "words": kind.words(export),
        "format": format_label(export),
        "tag": {"text": export.get_state_display(), "classes": COLOURS[export.state]},
        "progress": _progress(export),
    }


def _progress(export):
    if export.state == ExportState.DONE:
        return f"{export.rows_done:,} rows" if export.rows_done != 1 else "1 row"
    if export.state == ExportState.RUNNING:
        if not export.rows_of:
            return "Counting the rows"
        # More can come in while it is made.
        return f"{export.rows_done:,} of {max(export.rows_of, export.rows_done):,} rows"
    return "None yet" if export.state == ExportState.QUEUED else "None"


def _refusal(person, export):
    try:
        kind_of(export).check(person)
    except Refused as refusal:
        return str(refusal)
    return ""


def _before(export):
    """Return how many exports of anybody are made before one that waits."""
    if export.state != ExportState.QUEUED:
        return 0
    earlier = Export.objects.filter(state=ExportState.QUEUED, queued_at__lt=export.queued_at).count()
    return earlier + Export.objects.filter(state=ExportState.RUNNING).count()
