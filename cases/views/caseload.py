"""The caseload: what it is, sending a list, checking it before it is imported, and the candidates."""

import uuid
from collections import Counter

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.permissions import Permission
from cases.caseload.actions import (
    confirm_draft,
    discard_draft,
    drafts_of,
    drop_old_drafts,
    keep_draft,
    why_not_confirmed,
)
from cases.caseload.forms import CaseloadForm
from cases.caseload.policies import why_no_import
from cases.caseload.standing import (
    counted,
    difference,
    stratifying,
    unclassified_of,
)
from cases.caseload.template import KINDS, explained, template
from cases.caseload.uploads import check_has_dates, checked_upload, sentence_of_missing, targets_of
from cases.models import Caseload, Draw
from cases.plans import checked_for_others, document_of, outside_windows, windows_of
from inspections.access import get_inspection, record_reading, require
from inspections.errors import Refused
from inspections.views.frame import frame
from inspections.views.paging import pagination

MOST_FAULTS = 200  # that a page shows
ON_A_PAGE = 50
NOTHING_CHANGED = "This list says what the caseload says already. Nothing was changed."


@require_http_methods(["GET", "HEAD", "POST"])
def caseload(request, inspection):
    """Show what the caseload is; check a list that is sent, and keep it as a draft where it has no faults."""
    inspection, access = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    if settings.CELERY_TASK_ALWAYS_EAGER:
        drop_old_drafts()
    why = why_closed(inspection)
    if request.method != "POST" or why:
        return show(request, inspection, access, refusal=why if request.method == "POST" else "")
    form = CaseloadForm(request.POST, request.FILES, inspection=inspection)
    if not form.is_valid():
        return show(request, inspection, access, form)
    if form.must_choose:
        asked = form.with_columns()
        return show(request, inspection, access, asked, doubts=sentence_of_missing(inspection, form.matching))
    try:
        upload = checked_upload(inspection, form.table, form.matching.columns, every_disposal=form.every_disposal)
        if upload.checked.faults:
            count = len(upload.checked.faults)
            form.add_error(
                "file",
                f"There {'is 1 fault' if count == 1 else f'are {count:,} faults'} in this file. Correct "
                f"{'it' if count == 1 else 'them'}, and send the file again. Nothing of it was kept.",
            )
            return show(request, inspection, access, form, upload=upload)
        draft = keep_draft(inspection=inspection, upload=upload, by=request.user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return show(request, inspection, access, form)
    if draft is None:
        messages.info(request, NOTHING_CHANGED)
        return redirect("cases:caseload", inspection.public_id)
    return redirect("cases:caseload_check", inspection.public_id)


def why_closed(inspection):
    """Return why no list may be sent now; "" where one may."""
    why = why_no_import(inspection, inspection.lifecycle.state)
    if why:
        return why
    try:
        check_has_dates(inspection)
    except Refused as refusal:
        return str(refusal)
    return ""


def show(request, inspection, access, form=None, *, doubts=None, upload=None, refusal=""):
    """Render the page. `doubts` say which columns are not known, and `upload` is a list with faults."""
    sending = form or CaseloadForm(inspection=inspection)
    context = frame(
        inspection,
        access,
        page_title="Caseload",
        part="caseload",
        form=refused(refusal) if refusal else sending,
        sending=sending,
        why_closed=why_closed(inspection),
        doubts=doubts,
        faults=faults_of(upload) if upload else None,
    )
    if not sending.targets and upload is None:
        windows = windows_of(document_of(inspection), inspection.fieldwork_started)
        stands = standing(inspection)
        outside = outside_now(inspection, windows).count()
        context |= {
            "windows": [(inspection.document.sample(code).label, *window) for code, window in windows.items()],
            "columns": explained(inspection),
            "draft": drafts_of(inspection, request.user).defer("rows").first(),
            "standing": stands,
            "outside": outside,
            "checked_for_others": bool(
                stands and not context["why_closed"] and checked_for_others(stands["caseload"], windows)
            ),
        }
    return render(request, "cases/caseload.html", context, status=400 if context["form"].errors else 200)


def outside_now(inspection, windows):
    """Return the candidates outside these windows; none once the sample is drawn, which holds by the windows of then."""
    if Draw.objects.filter(inspection=inspection).exists():
        return inspection.candidates.none()
    return outside_windows(inspection, windows)


def refused(sentence):
    """Return a form that says why nothing was done, for the summary at the head of a page."""
    form = forms.Form({})
    form.add_error(None, sentence)
    return form


def standing(inspection):
    """Return the caseload as the page shows it, None where there is none."""
    held = Caseload.objects.select_related("by").filter(inspection=inspection).first()
    if held is None:
        return None
    numbers = inspection.candidates.order_by().values_list("sample", "disposal").annotate(Count("pk"))
    samples = counted(inspection, {(sample, disposal): number for sample, disposal, number in numbers})
    return {
        "caseload": held,
        "total": sum(number for _, number, _ in samples),
        **how_read(inspection, held.told),
        "samples": samples,
    }


def how_read(inspection, told):
    """Return what is told of how a list was read, in words."""
    labels = {held.code: held.label for held in targets_of(inspection)}
    return {
        "read": [(name, labels[code]) for name, code in told["columns"]],
        "not_read": told["not_read"],
        "every_disposal": told["every_disposal"],
        "notes": told["notes"],
        "unclassified": unclassified_of(inspection, told),
    }


def faults_of(upload):
    """Return the faults as the page shows them, the first `MOST_FAULTS` of them, and how many each column has."""
    faults = upload.checked.faults
    columns = Counter(held.column for held in faults).most_common()
    return {
        "shown": faults[:MOST_FAULTS],
        "count": len(faults),
        "left": max(0, len(faults) - MOST_FAULTS),
        "columns": columns if len(columns) > 1 else [],
        "rows": upload.checked.rows,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def caseload_check(request, inspection):
    """Show what a list would bring that was checked; import it or discard it."""
    inspection, access = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    if request.method == "POST":
        return finish(request, inspection, access)
    draft = drafts_of(inspection, request.user).first()
    if draft is None:
        return redirect("cases:caseload", inspection.public_id)
    return show_draft(request, inspection, access, draft)


def finish(request, inspection, access):
    """Import the draft that was shown, or discard it."""
    try:
        public_id = uuid.UUID(request.POST.get("draft", ""))
    except ValueError:
        public_id = uuid.UUID(int=0)  # which no draft has
    if request.POST.get("do") == "discard":
        if discard_draft(inspection=inspection, draft=public_id, by=request.user):
            messages.success(request, "The list was discarded. Nothing was imported.")
        return redirect("cases:caseload", inspection.public_id)
    try:
        done = confirm_draft(inspection=inspection, draft=public_id, base=request.POST.get("base", ""), by=request.user)
    except Refused as refusal:
        draft = drafts_of(inspection, request.user).filter(public_id=public_id).first()
        if draft:
            return show_draft(request, inspection, access, draft, refusal=str(refusal))
        return show(request, inspection, access, refusal=str(refusal))
    if done is None:
        messages.info(request, NOTHING_CHANGED)
    elif done.checksum == request.POST.get("base"):
        messages.success(request, "The list is checked for the windows as they are now. No case in it changed.")
    else:
        count = inspection.candidates.count()
        messages.success(request, f"{count:,} case{' is' if count == 1 else 's are'} imported.")
    return redirect("cases:caseload", inspection.public_id)


def show_draft(request, inspection, access, draft, *, refusal=""):
    """Render what a list would bring."""
    stands = Caseload.objects.filter(inspection=inspection).first()
    same = stands is not None and stands.checksum == draft.checksum
    samples = counted(inspection, Counter((row[2], row[3]) for row in draft.rows))
    context = frame(
        inspection,
        access,
        page_title="Check the list",
        part="caseload",
        is_below_part=True,
        back_url=reverse("cases:caseload", args=[inspection.public_id]),
        back_text="Caseload",
        form=refused(refusal) if refusal else None,
        draft=draft,
        total=len(draft.rows),
        import_words="Use the list for these windows" if same else f"Import these {len(draft.rows):,} cases",
        same=same,
        set_aside=draft.told["rows"] - len(draft.rows),
        samples=samples,
        base=stands.checksum if stands else "",
        difference=difference(inspection, draft.rows) if stands else None,
        why_closed=why_closed(inspection) or why_not_confirmed(inspection, draft),
        **how_read(inspection, draft.told),
    )
    return render(request, "cases/caseload_check.html", context, status=400 if refusal else 200)


@require_GET
def caseload_template(request, inspection, kind):
    """Send an empty list with the names of the columns."""
    inspection, _ = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    if kind not in KINDS:
        raise Http404
    disposition = f'attachment; filename="{inspection.slug}-caseload.{kind}"'
    return HttpResponse(
        template(inspection, kind), content_type=KINDS[kind], headers={"Content-Disposition": disposition}
    )


@require_safe
def candidates(request, inspection):
    """Show the candidates, or with `?outside` those outside the windows of fieldwork as it is planned now."""
    inspection, access = get_inspection(request.user, inspection, Permission.PLAN_SAMPLE)
    require(access, Permission.VIEW_CASES)
    record_reading(request.user, access, inspection, "the list of candidates")
    outside = outside_now(inspection, windows_of(document_of(inspection), inspection.fieldwork_started))
    only_outside = "outside" in request.GET
    found = outside if only_outside else inspection.candidates.all()
    shown = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    beyond = set(outside.filter(pk__in=[held.pk for held in shown]).values_list("pk", flat=True))
    fields = stratifying(inspection)
    labels = {
        (sample.code, held.code): inspection.worded(held.label)
        for sample in inspection.document.samples
        for held in sample.disposals
    }
    context = frame(
        inspection,
        access,
        page_title="Candidates",
        part="caseload",
        is_below_part=True,
        back_url=reverse("cases:caseload", args=[inspection.public_id]),
        back_text="Caseload",
        only_outside=only_outside,
        count=shown.paginator.count,
        fields=[label for _, label, _ in fields],
        rows=[
            {
                "candidate": held,
                "sample": inspection.document.sample(held.sample).label,
                "disposal": labels[held.sample, held.disposal],
                "outside": held.pk in beyond,
                "profile": [
                    (label, options.get(value, value) if (value := held.profile.get(code, "")) else "Not classified")
                    for code, label, options in fields
                ],
            }
            for held in shown
        ],
        pagination=pagination(shown, {"outside": "yes"} if only_outside else {}),
    )
    return render(request, "cases/candidates.html", context)
