"""Organisational delivery as a whole, one judged standard with its rating, and the text about one subject."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from govuk.templatetags.govuk import rating_tag
from inspections.access import get_inspection
from inspections.actions import current_judgements
from inspections.delivery import (
    AGAINST,
    BOTH,
    FOR,
    counts_as_evidence,
    judged_standards,
    methodology,
    other_subjects,
    subjects,
)
from inspections.evidence import current_passages, judge_standard, write_passage
from inspections.forms import PassageForm, RatingForm
from inspections.models import FindingKind
from inspections.policies import check_takes_answers
from inspections.views.frame import attempt, base_of, frame, may, why_closed


@require_safe
def delivery(request, inspection):
    """Show what is judged and how far it has come, the findings, and how the evidence was gathered."""
    inspection, access = get_inspection(request.user, inspection, Permission.VIEW_EVIDENCE)
    evidence = list(inspection.evidence_entries.all())
    findings = list(inspection.finding_entries.filter(withdrawn_because="").prefetch_related("evidence"))
    passages = current_passages(inspection)
    judgements = current_judgements(inspection)
    context = frame(
        inspection,
        access,
        page_title="Organisational delivery",
        part="delivery",
        standards=[
            standard_row(inspection, standard, evidence, passages, judgements)
            for standard in judged_standards(inspection.document).values()
        ],
        findings=[(kind, [held for held in findings if held.kind == kind]) for kind in FindingKind],
        others=[(subject, passages.get(subject.code)) for subject in other_subjects(inspection)],
        methodology=methodology(evidence, timezone.localdate()),
        standing=sum(not held.withdrawn_because for held in evidence),
        may_record=may(access, Permission.RECORD_EVIDENCE, inspection),
        may_judge=may(access, Permission.JUDGE, inspection),
    )
    return render(request, "inspections/delivery.html", context)


def standard_row(inspection, standard, evidence, passages, judgements):
    """Return a judged standard as the overview shows it: its rating, its evidence and how many texts are written."""
    today = timezone.localdate()
    return {
        "standard": standard,
        "title": inspection.worded(standard.title),
        "rating": tag_of(inspection, judgements.get(standard.code)),
        "evidence": sum(counts_as_evidence(held, standard, today) for held in evidence),
        "written": sum(bool(written(passages, question.code)) for question in standard.key_questions),
        "questions": len(standard.key_questions),
    }


def written(passages, subject):
    """Return the text about a subject as it stands, or ""."""
    return passages[subject].text.strip() if subject in passages else ""


def tag_of(inspection, judgement):
    """Return the rating of a judgement as a tag; "Not yet rated" where there is none."""
    if judgement is None:
        return rating_tag("Not yet rated")
    bands = inspection.document.bands_by_code
    return rating_tag(bands[judgement.rating].label, [*bands].index(judgement.rating) + 1, len(bands))


@require_http_methods(["GET", "HEAD", "POST"])
def judged(request, inspection, judged):
    """Show a judged standard: its key questions with what is written and the evidence on them; rate it."""
    rating = request.method == "POST"
    inspection, access = get_inspection(
        request.user, inspection, Permission.JUDGE if rating else Permission.VIEW_EVIDENCE
    )
    standard = judged_standards(inspection.document).get(judged)
    if standard is None:
        raise Http404
    tried = None
    stands = current_judgements(inspection).get(standard.code)
    if rating:
        form = RatingForm(request.POST, inspection=inspection)
        tried = attempt(
            form,
            lambda: judge_standard(
                inspection=inspection,
                standard=standard.code,
                base=base_of(request),
                by=request.user,
                **form.cleaned_data,
            ),
        )
        if tried.ok:
            label = inspection.document.bands_by_code[tried.done.rating].label
            messages.success(request, f"{standard.code} is rated {label}.")
            return redirect("inspections:judged", inspection.public_id, standard.code)
        stands = current_judgements(inspection).get(standard.code)
    else:
        initial = {"rating": stands.rating, "rationale": stands.rationale} if stands else {}
        form = RatingForm(initial=initial, inspection=inspection)
    context = frame(
        inspection,
        access,
        page_title=f"{standard.code} {inspection.worded(standard.title)}",
        part="delivery",
        is_below_part=True,
        back_url=reverse("inspections:delivery", args=[inspection.public_id]),
        back_text="Back to organisational delivery",
        closed=why_closed(inspection, check_takes_answers),
        standard=standard,
        statement=inspection.worded(standard.statement),
        questions=questions_of(inspection, standard),
        rating=tag_of(inspection, stands),
        judgements=judgements_of(inspection, standard),
        may_record=may(access, Permission.RECORD_EVIDENCE, inspection),
        shows_form=may(access, Permission.JUDGE, inspection) or tried,
        may_judge=may(access, Permission.JUDGE, inspection),
        form=form,
        base=stands.sequence if stands else 0,
        stale=bool(tried and tried.stale),
    )
    return render(request, "inspections/judged.html", context, status=tried.status if tried else 200)


def judgements_of(inspection, standard):
    """Return every judgement of a standard, newest first, with its rating in words."""
    bands = inspection.document.bands_by_code
    found = inspection.judgements.filter(standard=standard.code).select_related("by").order_by("-sequence")
    return [{"judgement": held, "label": bands[held.rating].label} for held in found]


def questions_of(inspection, standard):
    """Return the key questions of a standard, each with its text and the evidence for and against."""
    evidence = list(inspection.evidence_entries.filter(withdrawn_because=""))
    passages = current_passages(inspection)
    return [
        {
            "question": question,
            "text": inspection.worded(question.text),
            "passage": passages.get(question.code) if written(passages, question.code) else None,
            "evidence": evidence_on(question.code, evidence),
        }
        for question in standard.key_questions
    ]


def evidence_on(code, evidence):
    """Return the evidence on a key question as [(heading, evidence)], without headings that nothing stands under."""
    sides = (("Evidence for", (FOR, BOTH)), ("Evidence against", (AGAINST, BOTH)))
    found = [(heading, [held for held in evidence if held.bears_on.get(code) in wanted]) for heading, wanted in sides]
    return [(heading, held) for heading, held in found if held]


@require_http_methods(["GET", "HEAD", "POST"])
def passage(request, inspection, subject):
    """Write the text about a key question, or about another subject."""
    inspection, access = get_inspection(request.user, inspection, Permission.JUDGE)
    about = subjects(inspection).get(subject)
    if about is None:
        raise Http404
    label = "Your judgement, in words" if about.standard else "What did you find?"
    back_url = (
        reverse("inspections:judged", args=[inspection.public_id, about.standard])
        if about.standard
        else reverse("inspections:delivery", args=[inspection.public_id])
    )
    stands = current_passages(inspection).get(subject)
    tried = None
    if request.method == "POST":
        form = PassageForm(request.POST, label=label)
        tried = attempt(
            form,
            lambda: (
                write_passage(
                    inspection=inspection,
                    subject=subject,
                    text=form.cleaned_data["text"],
                    base=base_of(request),
                    by=request.user,
                )
                or True
            ),
        )
        if tried.ok:
            messages.success(request, "The text is saved.")
            return redirect(back_url)
        stands = current_passages(inspection).get(subject)
    else:
        form = PassageForm(initial={"text": stands.text if stands else ""}, label=label)
    question = inspection.document.key_questions.get(subject)
    context = frame(
        inspection,
        access,
        page_title=f"Judgement on {subject}" if about.standard else about.title,
        part="delivery",
        is_below_part=True,
        back_url=back_url,
        back_text=f"Back to {about.standard}" if about.standard else "Back to organisational delivery",
        closed=why_closed(inspection, check_takes_answers),
        question=about.title if about.standard else "",
        prompts=[inspection.worded(prompt.text) for prompt in question.prompts] if question else [],
        evidence=evidence_on(subject, list(inspection.evidence_entries.filter(withdrawn_because=""))),
        passages=list(inspection.passages.filter(subject=subject).select_related("by").order_by("-version")),
        form=form,
        base=stands.version if stands else 0,
        stale=stands if tried and tried.stale else None,
        shows_form=may(access, Permission.JUDGE, inspection) or tried,
    )
    return render(request, "inspections/passage.html", context, status=tried.status if tried else 200)
