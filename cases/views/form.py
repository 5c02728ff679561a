"""The form of one standard: shown, saved, and shown again with whatever could not be saved."""

from dataclasses import dataclass, field, replace

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from cases.access import get_case
from cases.actions import record_answer, record_answers
from cases.answers import Confirmation, Given
from cases.came_from import came_from, carried, way_back
from cases.errors import InvalidAnswer, StaleAnswer
from cases.forms import StandardForm
from cases.instrument import PAGE, page_title, page_url, question_url, record_of, sheet_of
from cases.pages import answers_of, open_prompts, pages_of
from cases.posted import (
    CONFLICTS,
    NOTHING_DONE,
    THEIRS,
    Content,
    MalformedForm,
    Unsettled,
    contents_at,
    in_saving_order,
    read_post,
)
from cases.revisions import histories_on
from cases.views.frame import check_takes_answers, frame
from cases.views.queries import queries_at, replied_at, take_replies
from inspections.errors import InspectionLocked, Refused
from standards.document import NO, NOT_APPLICABLE


@dataclass
class Outcome:
    """What came of a posted form: what was saved, with its confirmations, and by question why the rest was refused."""

    answers: int = 0
    notes: int = 0
    awaited: list[str] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)
    nothing_done: bool = False

    def add(self, question, given, base, confirmation):
        """Count one change that was stored."""
        self.confirmations.append(confirmation)
        content = Content.of(given)
        if replace(content, note=base.note, source=base.source, at_interview=base.at_interview) == base:
            self.notes += 1
        else:
            self.answers += 1
        if question.role == "key_question" and content.value == NOT_APPLICABLE and not content.reason:
            self.awaited.append(question.code)

    @property
    def saved(self):
        """What was saved and when, in words; "" when nothing was."""
        counts = [(self.answers, "answer"), (self.notes, "note")]
        words = " and ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
        if not words:
            return ""
        at = timezone.localtime(max(confirmation.saved_at for confirmation in self.confirmations))
        return f"Saved {words} at {at:%H:%M}."

    @property
    def success(self):
        """The message after a form that was saved whole."""
        if not self.saved:
            return "Nothing was changed, so there was nothing to save."
        return " ".join(
            [self.saved, *(f"{code} still needs the reason why it is not applicable." for code in self.awaited)]
        )

    @property
    def summary(self):
        """The sentence over the errors of a form that was not saved whole."""
        if not self.refused:
            return ""
        count = len(self.refused)
        sentence = (
            f"{self.saved or 'Nothing was saved.'} {count} {'answer was' if count == 1 else 'answers were'} not saved."
        )
        if self.nothing_done:
            sentence += " The open prompts were not answered: once this is mended, press that button again."
        return sentence


@require_http_methods(["GET", "HEAD", "POST"])
def form(request, case, standard):
    """Show a page of the case form, or save it."""

    def page_of(case):
        pages = pages_of(case.document, case.sample)
        if standard not in pages:
            raise Http404
        return pages[standard]

    return answer_page(request, case, page_of)


def answer_page(request, case, page_of):
    """Show the page of a case that `page_of` gives, to be filled in or to be read, or save what was posted from it."""
    saving = request.method == "POST"
    case, access = get_case(
        request.user,
        case,
        Permission.ANSWER_CASES if saving else Permission.VIEW_CASES,
        shows=lambda case: f"“{page_title(case, page_of(case).standard.code)}”",
    )
    page = page_of(case)
    if saving:
        return save(request, case, access, page)
    rows = rows_of(case)
    context = page_context(request, case, access, page, rows)
    queries = queries_at(case, access)
    if access.may_answer_cases and not context["closed"]:
        context["form"] = StandardForm(case=case, page=page, rows=rows, user=request.user, queries=queries)
    else:
        context["answers"] = answers_of(case, page, rows, histories_on(case, page, rows), queries)
    return render(request, "cases/form.html", context)


def save(request, case, access, page):
    """Save what was changed and go on, or show the page again with what was not saved."""
    rows = rows_of(case)
    try:
        command, posted = read_post(request.POST, page)
        bases = contents_at(case, posted, rows)
    except MalformedForm as malformed:
        context = page_context(request, case, access, page, rows) | {
            "page_title": "This form cannot be read",
            "sentence": malformed,
        }
        return render(request, "cases/malformed.html", context, status=400)
    replies = take_replies(request, case, access)
    try:
        check_takes_answers(case)
        outcome = save_changes(case, request.user, rows, command, posted, bases)
    except Refused as refusal:
        typed = {code: held for code, held in posted.items() if held.changes(bases[code])}
        return show_again(request, case, access, page, typed=typed, closed=str(refusal), replies=replies)
    outcome.nothing_done = NOTHING_DONE in request.POST
    if outcome.refused or replies:
        typed = {code: posted[code] for code in outcome.refused}
        return show_again(request, case, access, page, typed=typed, outcome=outcome, replies=replies)
    if outcome.nothing_done:
        return answer_no(request, case, page, outcome)
    replied = replied_at(request, case)
    if outcome.saved or not replied:
        messages.add_message(request, messages.SUCCESS if outcome.saved else messages.INFO, outcome.success)
    return redirect(replied or next_url(request, case, page, rows))


def answer_no(request, case, page, outcome):
    """Answer "no" to every open prompt of a page whose work was not done at all. Notes stay, and key questions open.

    `outcome` is what came of the rest of the form, which is saved already.
    """
    saved = f"{outcome.success} " if outcome.saved else ""
    rows = rows_of(case)
    answers = [
        Given(
            question=prompt.code,
            value=NO,
            note=rows[prompt.code].note,
            source=rows[prompt.code].source,
            at_interview=rows[prompt.code].at_interview,
            base=rows[prompt.code].version,
        )
        for prompt in open_prompts(page, rows)
    ]
    if not answers:
        rest = "so there was none to answer No" if saved else "so nothing was changed"
        messages.info(request, f"{saved}Every prompt of this page is answered already, {rest}.")
        return redirect(carried(page_url(case, page.standard.code), came_from(request, case)))
    try:
        record_answers(case=case, by=request.user, answers=answers)
    except Refused as refusal:
        messages.error(request, f"{saved}{refusal}")
    else:
        count = f"{len(answers)} {'prompt' if len(answers) == 1 else 'prompts'}"
        messages.success(
            request, f"{saved}{count} answered No. Each can be changed; the key questions are yours to answer."
        )
    return redirect(carried(page_url(case, page.standard.code), came_from(request, case)))


def save_changes(case, by, rows, command, posted, bases):
    """Store every change that may be stored, each by itself, in one transaction; return the `Outcome`.

    Raises Refused when nothing can be stored, because the inspection is locked.
    """
    outcome, givens = Outcome(), []
    for code, held in posted.items():
        if held.parts.get("settle") == THEIRS:
            continue
        try:
            given = held.given(bases[code], command)
            if given and held.parts.get("settle") == "":
                raise Unsettled("Choose which of the two answers should stand.")
        except InvalidAnswer as refusal:
            outcome.refused[code] = refusal
        else:
            givens += [given] if given else []
    with transaction.atomic():
        for given in in_saving_order(givens, case.questions, rows):
            try:
                confirmation = record_answer(case=case, by=by, given=given)
            except InspectionLocked:
                raise
            except StaleAnswer as stale:
                # Two people who gave the same answer do not disagree.
                if Content.of(stale.current) != Content.of(given):
                    outcome.refused[given.question] = stale
            except Refused as refusal:
                outcome.refused[given.question] = refusal
            else:
                outcome.add(case.questions[given.question], given, bases[given.question], confirmation)
    return outcome


def show_again(request, case, access, page, *, typed, outcome=None, closed="", replies=None):
    """Show the page with everything that was typed and not saved, and why it was not; replies too that were not taken."""
    outcome, rows = outcome or Outcome(), rows_of(case)
    form = StandardForm(
        case=case,
        page=page,
        rows=rows,
        user=request.user,
        typed=typed,
        refused=outcome.refused,
        closed=closed,
        queries=queries_at(case, access, replies),
    )
    context = page_context(request, case, access, page, rows) | {"form": form, "outcome": outcome, "has_errors": True}
    conflict = closed or any(isinstance(refusal, CONFLICTS) for refusal in outcome.refused.values())
    return render(request, "cases/form.html", context, status=409 if conflict else 400)


def rows_of(case):
    """Return the answers of a case by question."""
    return {row.question: row for row in case.answers.select_related("answered_by")}


def next_url(request, case, page, rows):
    """Return where to go after saving: on, or back to the task list; first to questions that this page now asks."""
    if "return" in request.POST:
        return carried(reverse("cases:case", args=[case.public_id]), came_from(request, case))
    hidden = [part.key_question.code for part in page.parts if not rows[part.key_question.code].asked]
    asked = set(case.answers.filter(question__in=hidden, asked=True).values_list("question", flat=True))
    for part in page.parts:
        if part.key_question.code in asked:
            return question_url(case, part.questions[0], came_from(request, case))
    return carried(onward_url(case, page), came_from(request, case))


def onward_url(case, page):
    """Return the address of the page after this one: of "Check and submit" after the last, and from beside them the case."""
    if page == PAGE:
        return reverse("cases:case", args=[case.public_id])
    following = following_page(case, page)
    if following:
        return page_url(case, following.standard.code)
    return reverse("cases:submit", args=[case.public_id])


def following_page(case, page):
    """Return the page after this one, or None."""
    pages = list(pages_of(case.document, case.sample).values())
    return dict(zip([held.standard.code for held in pages], pages[1:], strict=False)).get(page.standard.code)


def page_context(request, case, access, page, rows):
    """Return what the template needs beside the form itself."""
    beside = {}
    if page == PAGE:
        beside = {
            "unrated_heading": "Notes and interviews",
            "record": record_of(case, rows),
            "sheet": sheet_of(case, rows),
            "save_text": "Save",
        }
    following = following_page(case, page)
    code = came_from(request, case)
    case_url = carried(reverse("cases:case", args=[case.public_id]), code)
    return frame(case, access) | {
        "page_title": page_title(case, page.standard.code),
        "nothing_done": case.inspection.worded(page.standard.nothing_done) if open_prompts(page, rows) else "",
        "statement": case.inspection.worded(page.standard.statement),
        "page": page,
        "onward_url": carried(onward_url(case, page), code),
        "page_url": carried(page_url(case, page.standard.code), code),
        "return_url": case_url,
        "save_text": "Save and continue" if following else "Save and check the case",
        "back_url": case_url,
        "back_text": f"Back to case {case.reference}",
        **way_back(case, code),
        **beside,
    }
