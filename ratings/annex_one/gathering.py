"""The figures of Annex 1 out of the database, as at one moment and in a constant number of queries."""

from collections import defaultdict
from datetime import date

from django.db.models import Count
from django.utils import timezone

from cases.adjustments import adjusted_document
from cases.exclusions import label_of
from cases.models import Answer, Case, Draw
from inspections.delivery import methodology
from inspections.models import Evidence, Sequence
from ratings.actions import snapshot
from ratings.annex_one.figures import (
    AnnexOne,
    CountedCase,
    Drawn,
    codes_counted,
    figures_of_draw,
    figures_of_sample,
)
from ratings.policies import hidden_domains, progress_from, what_is_awaited

COLUMNS = (
    "pk",
    "sample",
    "disposal",
    "profile",
    "state",
    "excluded_reason",
    "excluded_as",
    "no_file_because",
    "replaces_id",
    "candidate__disposal_date",
)


def annex_one_name(inspection):
    """Return what the inspection's report calls Annex 1, such as "Annexe 1"."""
    return inspection.worded("{annex} 1" if "annex" in inspection.document.default_terms else "Annex 1")


def gather(inspection, *, everything=False):
    """Return the `AnnexOne` of an inspection as it is now.

    What comes from answers is left out where it is hidden (`ratings.policies`), unless `everything` is asked for. Five
    queries.
    """
    with snapshot():
        sequence = Sequence.objects.values_list("value", flat=True).get(inspection=inspection)
        rows = list(Case.objects.filter(inspection=inspection).values_list(*COLUMNS))
        answers = _answers(inspection)
        draw = Draw.objects.filter(inspection=inspection).first()
        held = Evidence.objects.filter(inspection=inspection)
        evidence = methodology(held, timezone.localdate())
    # The windows and settings that the sample was drawn by, adjusted as they were then, and from the day of fieldwork of then.
    document = adjusted_document(inspection.document, draw.plan["adjusted"] if draw else {})
    drawn = _drawn(document, draw) if draw else None
    fieldwork = date.fromisoformat(draw.plan["fieldwork"]) if draw else inspection.fieldwork_started
    replaced = {replaces for *_, replaces, _ in rows}
    cases = [_case(row, replaced) for row in rows]
    counted = sum(not case.excluded for case in cases)
    progress = _progress(document, rows)
    awaited = {} if everything else _awaited(inspection, progress)
    return AnnexOne(
        inspection=inspection.slug,
        service=inspection.service.name,
        standards=document.code,
        standards_version=document.version,
        heading=annex_one_name(inspection),
        at=timezone.localtime().isoformat(timespec="seconds"),
        sequence=sequence,
        invented_answers=inspection.invented_answers,
        cases=counted,
        submitted=sum(held.finished for held in progress.values()),
        draw=figures_of_draw(document, drawn, counted, worded=inspection.worded) if drawn else None,
        samples=tuple(
            figures_of_sample(
                document,
                sample,
                cases,
                answers[sample.code],
                worded=inspection.worded,
                fieldwork=fieldwork,
                drawn=drawn,
                hidden=awaited.get(sample.code, ""),
            )
            for sample in document.samples
        ),
        delivery=next((inspection.worded(domain.title) for domain in document.domains if not domain.sample), ""),
        methodology=evidence,
        terms={**document.default_terms, **inspection.terms},
    )


def _answers(inspection):
    """Return how many cases that count gave each value, by sample, question and disposal."""
    document = inspection.document
    codes = {code for sample in document.samples for code in codes_counted(document, sample.code)}
    counts = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    grouped = (
        Answer.objects.filter(case__inspection=inspection, case__excluded_reason="", question__in=codes)
        .values_list("case__sample", "question", "case__disposal", "value")
        .annotate(cases=Count("*"))
        .order_by()
    )
    for sample, question, disposal, value, cases in grouped:
        counts[sample][question][disposal][value] = cases
    return counts


def _drawn(document, draw):
    plan = draw.plan
    return Drawn(
        eligible={side["sample"]: side["eligible"] for side in plan["sides"]},
        sampling=document.sampling,
        size=plan["total"],
        by_rule=plan["by_rule"],
    )


def _case(row, replaced):
    pk, sample, disposal, profile, _, excluded, excluded_as, no_file, _, drawn_with = row
    return CountedCase(
        sample=sample,
        disposal=disposal,
        disposal_date=drawn_with or _date(profile.get("disposal_date")),
        profile=profile,
        excluded=label_of(excluded_as, excluded) if excluded else "",
        excluded_as=excluded_as,
        replaced=pk in replaced,
        has_file=not no_file,
    )


def _date(text):
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _progress(document, rows):
    groups = [(sample, state, *excluded, 1) for _, sample, _, _, state, *excluded, _, _, _ in rows]
    return progress_from(document, groups)


def _awaited(inspection, progress):
    """Return by sample the sentence that stands where its figures are hidden."""
    hidden = hidden_domains(inspection, progress)
    return {
        domain.sample: what_is_awaited(inspection, progress[domain.sample])
        for domain in inspection.document.domains
        if domain.code in hidden
    }
