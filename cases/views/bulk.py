"""Answers from a file: sending a table, what it would change, and importing it. Nothing is kept in between."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission
from cases.access import own_cases
from cases.bulk.actions import ChangedMeanwhile, Faulty, Replaces, dry_run, import_answers, why_no_import
from cases.bulk.checking import LABELS
from cases.bulk.forms import ConfirmForm, FileForm
from cases.bulk.reading import packed, unpacked
from cases.bulk.template import KINDS, template
from cases.instrument import name_of, question_url
from cases.models import Case
from cases.policies import FINISHED
from inspections.access import get_inspection
from inspections.errors import Refused
from inspections.views.frame import frame

MOST_SHOWN = 200  # faults, and answers that would be replaced
MOST_SENT = 9 * 1024 * 1024  # characters that the page sends back, which is less than a form may hold
LONGEST = 300  # characters of a text
NOTHING_NEW = "Every answer of this file stands already. Nothing was changed."
TOO_LONG = (
    "There is more in this file than a page can carry. Divide it into two files, with half of the cases in each. "
    "Nothing was changed."
)


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request, inspection):
    """Ask for a table of answers; check one that is sent; import one that was checked."""
    inspection, access = get_inspection(request.user, inspection, Permission.ANSWER_CASES, for_own_cases=True)
    why = why_no_import(inspection)
    if request.method != "POST" or why:
        return show(request, inspection, access, refusal=why if request.method == "POST" else "")
    if request.POST.get("do") == "import":
        return confirm(request, inspection, access)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, inspection, access, form)
    if len(packed(form.table)) > MOST_SENT:
        form.add_error("file", TOO_LONG)
        return show(request, inspection, access, form)
    return look(request, inspection, access, form.table)


def look(request, inspection, access, table, *, confirming=None, refusal="", since=()):
    """Show what a table would change, or what is wrong with it. `confirming` is a form that was refused, with what it said."""
    checked, seen = dry_run(inspection=inspection, table=table, by=request.user, own=access.role.own_cases_only)
    if checked.faults:
        return show_faults(request, inspection, access, checked)
    if not checked.changes:
        messages.info(request, NOTHING_NEW)
        return redirect("cases:bulk", inspection.public_id)
    form = ConfirmForm(confirming, replaced=checked.changed, left_out=len(checked.left_out))
    if refusal:
        form.full_clean()
        asks = "replace" in form.fields and not since
        form.add_error(("because" if form.cleaned_data.get("replace") else "replace") if asks else None, refusal)
    answers = sum(len(held.given) for held in checked.changes)
    context = frame(
        inspection,
        access,
        page_title="Check the answers",
        part="cases",
        is_below_part=True,
        back_url=reverse("cases:bulk", args=[inspection.public_id]),
        back_text="Answers from a file",
        form=form,
        checked=checked,
        table=packed(table),
        seen=seen,
        answers=answers,
        import_words=f"Import these {answers:,} answers",
        replaced=[replaced_row(held) for held in checked.replaced[:MOST_SHOWN]],
        left=max(0, len(checked.replaced) - MOST_SHOWN),
        turned=[turned_row(held) for held in checked.turned[:MOST_SHOWN]],
        turned_left=max(0, len(checked.turned) - MOST_SHOWN),
        rows=[changes_row(held, checked) for held in checked.changes],
        since=[since_row(held, inspection) for held in since[:MOST_SHOWN]],
        since_left=max(0, len(since) - MOST_SHOWN),
    )
    status = 409 if since else 400 if form.errors else 200
    return render(request, "cases/bulk_check.html", context, status=status)


def confirm(request, inspection, access):
    """Import the table that was looked at, or show it again with why it was not imported."""
    try:
        table = unpacked(request.POST.get("table", ""))
    except Refused as refusal:
        return show(request, inspection, access, refusal=str(refusal))
    posted = request.POST.get("seen", "")
    seen = int(posted) if posted.isascii() and posted.isdecimal() and len(posted) < 19 else 0
    form = ConfirmForm(request.POST, replaced=1)
    if not form.is_valid() and form.cleaned_data["replace"]:
        return look(request, inspection, access, table, confirming=request.POST)
    try:
        checked = import_answers(
            inspection=inspection,
            table=table,
            by=request.user,
            own=access.role.own_cases_only,
            replace_because=form.because,
            seen=seen,
        )
    except Faulty as refusal:
        return show_faults(request, inspection, access, refusal.checked)
    except ChangedMeanwhile as refusal:
        return look(
            request, inspection, access, table, confirming=request.POST, refusal=str(refusal), since=refusal.since
        )
    except Replaces as refusal:
        said = str(refusal)
        if form.cleaned_data["replace"]:
            said = "Say why they are left out." if refusal.checked.left_out else "Say why they are replaced."
        return look(request, inspection, access, table, confirming=request.POST, refusal=said)
    except Refused as refusal:
        return show(request, inspection, access, refusal=str(refusal))
    if not checked.changes:
        messages.info(request, NOTHING_NEW)
        return redirect("cases:bulk", inspection.public_id)
    count = sum(len(held.given) for held in checked.changes)
    done = f"{count:,} answer{' was' if count == 1 else 's were'} imported in {checked.cases:,} "
    done += "case." if checked.cases == 1 else "cases."
    if any(held.case.state not in FINISHED for held in checked.changes):
        done += " Submit each case once it is complete."
    messages.success(request, done)
    return redirect("cases:list", inspection.public_id)


def show_faults(request, inspection, access, checked):
    """Show what is wrong with a table, and ask for another."""
    count = len(checked.faults)
    form = FileForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(
        "file",
        f"There {'is 1 fault' if count == 1 else f'are {count:,} faults'} in this file. Correct "
        f"{'it' if count == 1 else 'them'}, and send the file again. Nothing was imported.",
    )
    return show(request, inspection, access, form, checked=checked)


def show(request, inspection, access, form=None, *, checked=None, refusal=""):
    """Render the page that asks for a file. `checked` is a table with faults."""
    summary = form or FileForm()
    if refusal:
        summary = forms.Form({})
        summary.add_error(None, refusal)
    faults = None
    if checked:
        faults = {
            "shown": checked.faults[:MOST_SHOWN],
            "count": len(checked.faults),
            "left": max(0, len(checked.faults) - MOST_SHOWN),
            "rows": checked.rows,
        }
    context = frame(
        inspection,
        access,
        page_title="Answers from a file",
        part="cases",
        is_below_part=True,
        back_url=reverse("cases:list", args=[inspection.public_id]),
        back_text="Cases",
        form=summary,
        sending=form or FileForm(),
        why_closed=why_no_import(inspection),
        faults=faults,
        own=access.role.own_cases_only,
        may_take_out=access.may(Permission.EXPORT_CASES),
    )
    return render(request, "cases/bulk.html", context, status=400 if summary.errors else 200)


def replaced_row(held):
    """Return an answer that would be replaced as the page shows it."""
    question = held.case.questions[held.question]
    return {
        "case": held.case,
        "url": question_url(held.case, question),
        "question": name_of(held.case, question),
        "part": "" if held.part == "value" else LABELS[held.part],
        "stands": shortened(held.stands),
        "then": shortened(held.given),
        "by": held.by,
        "at": held.at,
    }


def turned_row(held):
    """Return an answer that would be asked no more, or again, as the page shows it."""
    questions = held.case.questions
    return {
        "case": held.case,
        "url": question_url(held.case, questions[held.question]),
        "question": held.question,
        "stands": shortened(held.stands),
        "then": "Asked again" if held.asked else "No longer asked",
        "because": name_of(held.case, questions[held.because]),
        "by": held.by,
        "at": held.at,
    }


def changes_row(held, checked):
    """Return what a row changes in its case, in numbers."""
    replaced = len({one.question for one in checked.replaced if one.case.pk == held.case.pk})
    return {"case": held.case, "new": len(held.given) - replaced, "replaced": replaced}


def since_row(revision, inspection):
    """Return what somebody changed after the dry run."""
    revision.case.inspection = inspection
    question = revision.case.questions[revision.question]
    return {
        "case": revision.case,
        "url": question_url(revision.case, question),
        "question": name_of(revision.case, question),
        "by": revision.by.name,
        "at": revision.at,
    }


def shortened(text):
    """Return a text as a cell of a table can hold it."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@require_GET
def bulk_template(request, inspection, kind):
    """Send the table to be filled in, with the cases that are the person's to answer."""
    inspection, access = get_inspection(request.user, inspection, Permission.ANSWER_CASES, for_own_cases=True)
    if kind not in KINDS:
        raise Http404
    cases = Case.objects.filter(inspection=inspection, excluded_reason="").order_by("sample", "reference", "pk")
    if access.role.own_cases_only:
        cases = cases.filter(pk__in=own_cases(request.user).values("pk"))
    disposition = f'attachment; filename="{inspection.slug}-answers-to-fill-in.{kind}"'
    return HttpResponse(
        template(inspection, cases, kind), content_type=KINDS[kind], headers={"Content-Disposition": disposition}
    )
