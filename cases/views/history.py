"""Who changed what on a case, newest first."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from cases.access import get_case
from cases.exclusions import Step
from cases.instrument import page_title
from cases.models import AnswerRevision, CaseRevision, CaseState, ExclusionStep, Source
from cases.pages import answer_in_words
from cases.views.frame import frame

ON_A_PAGE = 50
LONG = 600  # characters of a note, beyond which it is folded away
# Steps of an exclusion that leave the case in the sample, and so are no revision of it.
ASIDE = (Step.PROPOSED, Step.DECLINED)


@require_safe
def history(request, case):
    """Show every revision of the answers of a case and of the case itself; `?question=` narrows it to one."""
    case, access = get_case(request.user, case, Permission.VIEW_CASES, shows="the history")
    code = request.GET.get("question", "")
    if code and code not in case.questions:
        raise Http404
    page = Paginator(revisions_of(case, code), ON_A_PAGE).get_page(request.GET.get("page"))
    context = frame(case, access) | {
        "page_title": "Who changed what",
        "entries": entries_of(case, page.object_list),
        "count": page.paginator.count,
        "questions": questions_by_page(case),
        "chosen": code,
        "pagination": pagination(page, code),
        "back_url": reverse("cases:case", args=[case.public_id]),
        "back_text": f"Back to case {case.reference}",
    }
    return render(request, "cases/history.html", context)


def revisions_of(case, code):
    """Return the revisions as [(sequence, model, primary key)], newest first; only those of one question when given.

    What was proposed about the case and came to nothing yet, or was declined, is among them.
    """
    answers = AnswerRevision.objects.filter(case=case)
    if code:
        answers = answers.filter(question=code)
    found = [(sequence, AnswerRevision, pk) for sequence, pk in answers.values_list("sequence", "pk")]
    if not code:
        revisions = CaseRevision.objects.filter(case=case)
        found += [(sequence, CaseRevision, pk) for sequence, pk in revisions.values_list("sequence", "pk")]
        steps = ExclusionStep.objects.filter(case=case, step__in=ASIDE)
        # Each came after what is at its sequence, the newer of two last.
        found += [(sequence, ExclusionStep, -pk) for sequence, pk in steps.values_list("sequence", "pk")]
    order = (ExclusionStep, CaseRevision, AnswerRevision)
    return sorted(found, key=lambda item: (-item[0], order.index(item[1]), item[2]))


def entries_of(case, items):
    """Return these revisions as what the page shows, in their order."""
    shown = answer_entries(case, [pk for _, model, pk in items if model is AnswerRevision])
    if any(model is not AnswerRevision for _, model, _ in items):
        shown |= case_entries(case)
    return [shown[model, pk] for _, model, pk in items]


def answer_entries(case, keys):
    """Return revisions of answers by (model, primary key), each with what it changed."""
    revisions = list(AnswerRevision.objects.filter(pk__in=keys).select_related("by"))
    before = Q()
    for revision in revisions:
        if revision.version > 1:
            before |= Q(question=revision.question, version=revision.version - 1)
    earlier = {}
    if before:
        earlier = {(held.question, held.version + 1): held for held in AnswerRevision.objects.filter(before, case=case)}
    return {
        (AnswerRevision, revision.pk): answer_entry(case, revision, earlier.get((revision.question, revision.version)))
        for revision in revisions
    }


def answer_entry(case, revision, earlier):
    """Return one revision of an answer as the page shows it."""
    question = case.questions[revision.question]
    text = case.inspection.worded(question.text)
    name = question.code if question.kind == "rated" else f"“{text}”"
    was, now = earlier.value if earlier else None, revision.value
    texts = []
    if question.kind == "text":
        what = f"{name} written" if was is None else f"{name} rewritten"
        if now is None:
            what = f"{name} emptied"
        elif now == was:
            what = f"{name}: note changed"
        else:
            texts.append(("", now))
    elif now == was:
        what = f"{name} left at “{answer_in_words(case, question, now)}”"
    elif was is None:
        what = f"{name} answered “{answer_in_words(case, question, now)}”"
    elif now is None:
        what = f"{name} cleared, from “{answer_in_words(case, question, was)}”"
    else:
        what = (
            f"{name} changed from “{answer_in_words(case, question, was)}” to “{answer_in_words(case, question, now)}”"
        )
    if revision.source != (earlier.source if earlier else ""):
        texts.append(("Evidence from", Source(revision.source).label if revision.source else "not said"))
    if revision.at_interview != bool(earlier and earlier.at_interview):
        texts.append(
            ("To be asked at interview" if revision.at_interview else "No longer to be asked at interview", "")
        )
    for label, field in (("Reason", "reason"), ("Asked because", "asked_because"), ("Note", "note")):
        old, new = getattr(earlier, field, ""), getattr(revision, field)
        if new != old:
            texts.append((label, new) if new else (f"{label} removed", ""))
    if revision.change_reason:
        texts.append(("Why it was changed", revision.change_reason))
    return {
        "what": what,
        "question": text if question.kind == "rated" else "",
        "by": revision.by,
        "at": revision.at,
        "texts": [
            {"label": label, "text": held, "folded": f"{len(held):,} characters" if len(held) > LONG else ""}
            for label, held in texts
        ],
    }


def case_entries(case):
    """Return the revisions of the case itself by (model, primary key), each with what it changed, and what was proposed."""
    steps = list(ExclusionStep.objects.filter(case=case).select_related("by"))
    moving = {step.sequence: step for step in steps if step.step not in ASIDE}
    shown = {(ExclusionStep, -step.pk): step_entry(step) for step in steps if step.step in ASIDE}
    earlier = None
    for revision in CaseRevision.objects.filter(case=case).select_related("by").order_by("sequence"):
        shown[CaseRevision, revision.pk] = case_entry(case, revision, earlier, moving.get(revision.sequence))
        earlier = revision
    return shown


def step_entry(step):
    """Return a step of an exclusion that left the case in the sample, as the page shows it."""
    proposed = step.step == Step.PROPOSED
    return {
        "what": step.told,
        "by": step.by,
        "at": step.at,
        "texts": [{"label": step.reason_label if proposed else "Why", "text": step.words}],
    }


def case_entry(case, revision, earlier, step=None):
    """Return one revision of the case itself as the page shows it, with the words of the `step` that it came with."""
    state = CaseState(revision.state).label
    changes, texts = [], []
    if earlier is None:
        changes.append(f"Case added to the sample, {state.lower()}")
    elif revision.state != earlier.state:
        changes.append(f"Case changed from “{CaseState(earlier.state).label}” to “{state}”")
    if revision.excluded_reason != (earlier.excluded_reason if earlier else ""):
        changes.append("Case excluded" if revision.excluded_reason else "Case restored to the sample")
        texts.append({"label": "Reason", "text": revision.excluded_reason})
        if step and step.step != Step.EXCLUDED:
            texts.append({"label": "Why" if step.step == Step.RESTORED else "Words beside it", "text": step.words})
    if earlier and (revision.disposal, revision.sample) != (earlier.disposal, earlier.sample):
        label = case.inspection.worded(case.document.disposal(revision.disposal).label)
        changes.append(f"Disposal changed to “{label}”")
    if earlier and revision.profile != earlier.profile:
        changes.append("Case details changed")
    return {
        "what": ". ".join(changes) or f"Case left as “{state}”",
        "by": revision.by,
        "at": revision.at,
        "texts": [held for held in texts if held["text"]],
    }


def questions_by_page(case):
    """Return the questions of a case to choose from, as [(title of the page, [(code, words)])]."""
    pages = {}
    for question in case.questions.values():
        words = case.inspection.worded(question.text)
        pages.setdefault(question.standard, []).append(
            (question.code, f"{question.code} {words}" if question.kind == "rated" else words)
        )
    return [(page_title(case, code), options) for code, options in pages.items()]


def pagination(page, code):
    """Return the pagination component's parameters, or None for a single page."""
    if page.paginator.num_pages == 1:
        return None

    def url(number):
        return f"?question={code}&page={number}" if code else f"?page={number}"

    items = [
        {"ellipsis": True}
        if number == page.paginator.ELLIPSIS
        else {"number": number, "href": url(number), "current": number == page.number}
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    return {
        "items": items,
        "landmarkLabel": "Pages of the history",
        "previous": {"href": url(page.previous_page_number())} if page.has_previous() else None,
        "next": {"href": url(page.next_page_number())} if page.has_next() else None,
    }
