"""What was changed in an inspection between two moments: each change in words, and what it came to in the ratings."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from operator import attrgetter

from django.db.models import Q, Value
from django.urls import reverse

from accounts.models import User
from cases.models import AnswerRevision, CaseRevision
from cases.views.history import answer_entry, case_entry
from ratings.annex import AnnexKeyQuestion, AnnexStandard
from ratings.models import DiscretionDecision
from ratings.moments import REVISIONS

KINDS = {model.__name__: model for model in REVISIONS}


@dataclass(frozen=True)
class Change:
    """One change in words. `where` is what it was about and `url` where that can be seen; `texts` are notes and reasons."""

    sequence: int
    what: str
    question: str
    where: str
    url: str
    by: User
    at: datetime
    texts: list[dict[str, str]]


def changes_between(inspection, after, upto):
    """Return the revisions with after < sequence <= upto, the newest first, as a query set of (sequence, pk, kind)."""
    first, *others = [
        model.objects.filter(**{path: inspection}, sequence__gt=after, sequence__lte=upto)
        .order_by()
        .values_list("sequence", "pk", Value(model.__name__))
        for model, path in REVISIONS.items()
    ]
    return first.union(*others, all=True).order_by("-sequence", "-pk")


def described(inspection, found, hidden):
    """Return these revisions as `Change`s in their order. A constant number of queries.

    `found` are rows of `changes_between`. What is said of ratings in the domains whose codes are `hidden` is left out.
    """
    keys = {kind: [pk for _, pk, of in found if of == kind] for kind in KINDS}
    said = _answers(inspection, keys["AnswerRevision"]) | _cases(inspection, keys["CaseRevision"])
    said |= _settings(inspection, keys["InspectionRevision"]) | _judgements(inspection, keys["Judgement"])
    said |= _discretion(inspection, keys["DiscretionDecision"], hidden)
    return [said[kind, pk] for _, pk, kind in found]


def _answers(inspection, keys):
    revisions = list(AnswerRevision.objects.filter(pk__in=keys).select_related("by", "case"))
    before = Q(pk=None)
    for revision in revisions:
        if revision.version > 1:
            before |= Q(case=revision.case_id, question=revision.question, version=revision.version - 1)
    earlier = {(held.case_id, held.question, held.version + 1): held for held in AnswerRevision.objects.filter(before)}
    changes = {}
    for revision in revisions:
        revision.case.inspection = inspection
        entry = answer_entry(
            revision.case, revision, earlier.get((revision.case_id, revision.question, revision.version))
        )
        url = f"{reverse('cases:history', args=[revision.case.public_id])}?question={revision.question}"
        changes["AnswerRevision", revision.pk] = _change(revision, entry, f"Case {revision.case.reference}", url)
    return changes


def _cases(inspection, keys):
    cases = CaseRevision.objects.filter(pk__in=keys).values("case")
    every = CaseRevision.objects.filter(case__in=cases).select_related("by", "case").order_by("case", "sequence")
    changes = {}
    for before, revision in pairwise([None, *every]):
        if revision.pk not in keys:
            continue
        revision.case.inspection = inspection
        entry = case_entry(revision.case, revision, before if before and before.case_id == revision.case_id else None)
        url = reverse("cases:history", args=[revision.case.public_id])
        changes["CaseRevision", revision.pk] = _change(revision, entry, f"Case {revision.case.reference}", url)
    return changes


def _change(revision, entry, where, url):
    return Change(
        revision.sequence,
        entry["what"],
        entry.get("question", ""),
        where,
        url,
        revision.by,
        revision.at,
        entry["texts"],
    )


def _plain(inspection, revision, what, texts, page="ratings:inspection", where="Ratings"):
    url = f"{reverse(page, args=[inspection.public_id])}?at={revision.sequence}"
    texts = [{"label": label, "text": text} for label, text in texts if text]
    return Change(revision.sequence, what, "", where, url, revision.by, revision.at, texts)


def _settings(inspection, keys):
    if not keys:
        return {}
    every = inspection.revisions.select_related("by").order_by("sequence")
    return {
        ("InspectionRevision", revision.pk): _plain(inspection, revision, *_setting(inspection, before, revision))
        for before, revision in pairwise([None, *every])
        if revision.pk in keys
    }


def _setting(inspection, before, revision):
    """Return what a revision of the settings changed, and the values, each from what to what."""
    if before is None:
        return "Inspection created", []
    meanings = {term.code: term.meaning or term.code for term in inspection.document.terms}
    texts = [
        (f"Words: {meanings.get(code, code)}", f"from “{old}” to “{new}”")
        for code, old, new in _different(
            inspection.document.default_terms | before.terms, inspection.document.default_terms | revision.terms
        )
    ]
    texts += [
        (f"What Annex 2 prints at {code}", f"from “{old}” to “{new}”")
        for code, old, new in _different(before.wording, revision.wording)
    ]
    defaults = {code: held.applies_when for code, held in inspection.document.key_questions.items()}
    texts += [
        (f"When {code} is asked", f"from “{old}” to “{new}”")
        for code, old, new in _different(defaults | before.applicability, defaults | revision.applicability)
    ]
    if before.figures_open != revision.figures_open:
        opened = "open from the start" if revision.figures_open else "hidden until every case is submitted"
        texts.append(("Figures", opened))
    return "Settings of the inspection changed", texts


def _different(old, new):
    return [(code, old.get(code, ""), new[code]) for code in new if old.get(code, "") != new[code]]


def _judgements(inspection, keys):
    if not keys:
        return {}
    labels = {code: band.label for code, band in inspection.document.bands_by_code.items()}
    changes, newest = {}, {}
    for judgement in inspection.judgements.select_related("by").order_by("sequence"):
        before = newest.get(judgement.standard)
        newest[judgement.standard] = judgement
        if judgement.pk in keys:
            now = labels[judgement.rating]
            what = f"{judgement.standard} rated “{now}” by judgement"
            if before and before.rating != judgement.rating:
                what = f"{judgement.standard} changed from “{labels[before.rating]}” to “{now}” by judgement"
            texts = [("Rationale", judgement.rationale)]
            changes["Judgement", judgement.pk] = _plain(inspection, judgement, what, texts)
    return changes


def _discretion(inspection, keys, hidden):
    labels = {code: band.label for code, band in inspection.document.bands_by_code.items()}
    changes = {}
    for held in DiscretionDecision.objects.filter(pk__in=keys).select_related("by"):
        what, texts = f"Professional discretion on {held.standard}: {held.get_event_display().lower()}", []
        if inspection.document.domain_of_standard(held.standard).code not in hidden:
            moved = f"from “{labels[held.from_rating]}” to “{labels[held.to_rating]}”"
            basis = f"{held.key_question} at {held.percent}%, {held.yes} of {held.relevant}"
            people = f"{held.decided_by}, ratified by {held.ratified_by}" if held.ratified_by else held.decided_by
            texts = [
                ("The move", f"{moved}, with {basis}"),
                ("Reason", held.reason),
                ("Rests on", held.evidence),
                ("Decided by", people),
                ("Remark", held.remark),
            ]
        changes["DiscretionDecision", held.pk] = _plain(
            inspection, held, what, texts, "ratings:annex", f"Standard {held.standard}"
        )
    return changes


@dataclass(frozen=True)
class Moved:
    """A standard or key question that is not the same at two moments, as both were."""

    before: AnnexStandard | AnnexKeyQuestion
    after: AnnexStandard | AnnexKeyQuestion


def ratings_moved(before, after, hidden):
    """Return each standard whose rating, calculated or decided, differs between two Annexes, hidden domains left out."""
    of = attrgetter("calculated", "rating", "discretion", "lapsed")
    return [
        Moved(old, new)
        for old, new in _pairs(before, after, hidden, lambda domain: domain.standards)
        if of(old) != of(new)
    ]


def figures_moved(before, after, hidden):
    """Return each key question whose percentage or counts differ between two Annexes, hidden domains left out."""
    of = attrgetter("yes", "no", "not_applicable", "not_asked", "unanswered")
    pairs = _pairs(
        before, after, hidden, lambda domain: [asked for held in domain.standards for asked in held.key_questions]
    )
    return [Moved(old, new) for old, new in pairs if of(old) != of(new)]


def _pairs(before, after, hidden, parts):
    """Yield each part of the domains that are not hidden, as it is in both Annexes."""
    for old, new in zip(before.domains, after.domains, strict=True):
        if new.code not in hidden:
            yield from zip(parts(old), parts(new), strict=True)
