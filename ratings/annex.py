"""The Annex: one frozen value that the page shows and every export renders."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from operator import attrgetter

from django.utils import timezone
from pydantic import TypeAdapter

from inspections.models import ABOUT_QUESTIONS
from inspections.policies import is_locked
from ratings.models import DiscretionDecision
from ratings.scoring import Tally, band_of, percentage
from standards.document import Band, OverallBand

FORMAT = "evenhand-annex/1"
FROZEN_FORMAT = "evenhand-frozen-annex/1"


class DamagedAnnex(Exception):
    """A frozen Annex is not what was frozen. The text is a sentence."""


@dataclass(frozen=True)
class AnnexKeyQuestion:
    """A key question with its counts in cases. `percent` is whole, 0-100; it and `band` are None without a relevant case."""

    code: str
    text: str
    yes: int
    no: int
    not_applicable: int
    not_asked: int
    unanswered: int
    percent: int | None
    band: str | None


@dataclass(frozen=True)
class AnnexDiscretion:
    """A use of professional discretion as it is printed. `from_` is the calculated rating; `decided_at` is ISO with offset."""

    from_: str
    to: str
    key_question: str
    percent: int
    reason: str
    decided_by: str
    ratified_by: str
    decided_at: str


@dataclass(frozen=True)
class AnnexStandard:
    """A standard with the rating that is published and the one that was calculated; ratings are codes of bands.

    `lapsed` is True where a discretion was used and the figures have moved away from it since.
    """

    code: str
    title: str
    statement: str
    rating: str | None
    calculated: str | None
    discretion: AnnexDiscretion | None
    key_questions: tuple[AnnexKeyQuestion, ...]
    judged_questions: tuple[tuple[str, str], ...]
    lapsed: bool

    @property
    def judged(self):
        """Whether the rating was given by judgement, without figures."""
        return not self.key_questions


@dataclass(frozen=True)
class AnnexDomain:
    """A table of Annex 2. `sample` is the kind of cases it reads, or None, and `sample_label` its name; `cases` are those
    counted.
    """

    code: str
    title: str
    sample: str | None
    sample_label: str
    cases: int
    standards: tuple[AnnexStandard, ...]


@dataclass(frozen=True)
class Lock:
    """When the ratings were locked, by whom, and the checksum of the frozen text. `at` is ISO with offset."""

    at: str
    by: str
    checksum: str


@dataclass(frozen=True)
class Annex:
    """Annex 2 of one inspection as at a sequence, worded in the inspection's own terms.

    Frozen ones are read back for as long as they are kept: what is added here, or to a part, has a default.

    `bands`, lowest first, and `overall_bands` say what the ratings mean, and `labels` names them by code. `service_word` is
    what the report calls the service, such as "YOT", and `about_questions` says what its key questions are about, after
    "about different aspects of quality"; both may be empty.
    """

    inspection: str
    service: str
    standards: str
    score: int | None
    maximum: int
    overall: str | None
    sequence: int
    computed_at: str
    invented_answers: bool
    heading: str
    bands: tuple[Band, ...]
    overall_bands: tuple[OverallBand, ...]
    licence: str
    locked: Lock | None
    domains: tuple[AnnexDomain, ...]
    standards_version: int | None = None
    service_word: str = ""
    about_questions: str = ""

    @cached_property
    def labels(self):
        """The words for the ratings by code, lowest first."""
        return {band.code: band.label for band in self.bands}

    @property
    def overall_scale(self):
        """The total scores, both ends inclusive, that give each overall rating in words."""
        return [(held.minimum, held.maximum, self.labels[held.rating]) for held in self.overall_bands]

    @property
    def samples(self):
        """The cases that the ratings rest on, in words: "30 court cases and 20 out-of-court cases"."""
        counted = [f"{domain.cases} {domain.sample_label} cases" for domain in self.domains if domain.sample]
        return " and ".join(filter(None, [", ".join(counted[:-1]), *counted[-1:]]))


_WHOLE = TypeAdapter(Annex)


def annex_name(inspection):
    """Return what the inspection's report calls Annex 2, such as "Annexe 2"."""
    return inspection.worded("{annex} 2" if "annex" in inspection.document.default_terms else "Annex 2")


def build_annex(inspection, result):
    """Return the Annex of an inspection: from its stored `Result`, or the frozen one while its ratings are locked.

    A result from before the lock gives the Annex as it was then. One small query. Raises DamagedAnnex.
    """
    if is_locked(inspection.lifecycle.state):
        frozen = newest_frozen(inspection, at=result.sequence)
        if frozen:
            return read_frozen(frozen)
    return fresh_annex(inspection, result)


def fresh_annex(inspection, result):
    """Return the Annex of an inspection as its stored `Result` gives it, whether locked or not. One small query."""
    document = inspection.document
    decisions = {
        held.standard: held for held in sorted(_decisions(inspection, result), key=attrgetter("sequence", "pk"))
    }
    terms = {**document.default_terms, **inspection.terms}

    def worded(text, code=None):
        return inspection.wording.get(code, text).format_map(terms)

    return Annex(
        inspection=inspection.slug,
        service=inspection.service.name,
        standards=document.code,
        score=result.score,
        maximum=document.maximum,
        overall=result.overall or None,
        sequence=result.sequence,
        computed_at=_iso(result.computed_at),
        invented_answers=inspection.invented_answers,
        heading=annex_name(inspection),
        bands=document.bands,
        overall_bands=document.overall_bands,
        licence=document.licence,
        locked=None,
        domains=tuple(_domain(document, worded, domain, result, decisions) for domain in document.domains),
        standards_version=document.version,
        service_word=terms.get("service", ""),
        about_questions=worded("", ABOUT_QUESTIONS),
    )


# Worded once: putting it together would take as long as asking the database.
_DECISIONS = DiscretionDecision.objects.exclude(event=DiscretionDecision.Event.REASONED).only(
    "standard",
    "event",
    "from_rating",
    "to_rating",
    "key_question",
    "percent",
    "reason",
    "decided_by",
    "ratified_by",
    "decided_at",
    "sequence",
)


def _decisions(inspection, result):
    return _DECISIONS.filter(inspection=inspection, sequence__lte=result.sequence)


def _domain(document, worded, domain, result, decisions):
    standards = tuple(
        _standard(document, worded, standard, result, decisions.get(standard.code)) for standard in domain.standards
    )
    counted = next((Tally(*_counts(question)).cases for held in standards for question in held.key_questions), 0)
    label = document.sample(domain.sample).label if domain.sample else ""
    return AnnexDomain(domain.code, worded(domain.title), domain.sample, label, counted, standards)


def _counts(question):
    return question.yes, question.no, question.not_applicable, question.not_asked, question.unanswered


def _standard(document, worded, standard, result, decision):
    calculated, rating, discretion = result.standards[standard.code]
    judged = standard.method == "judgement"
    return AnnexStandard(
        code=standard.code,
        title=worded(standard.title),
        statement=worded(standard.statement, standard.code),
        rating=rating,
        calculated=calculated,
        discretion=_discretion(decision) if discretion == "applied" else None,
        key_questions=()
        if judged
        else tuple(_question(document, worded, held, result) for held in standard.key_questions),
        judged_questions=tuple((held.code, worded(held.text, held.code)) for held in standard.key_questions)
        if judged
        else (),
        lapsed=decision is not None and decision.event == DiscretionDecision.Event.LAPSED,
    )


def _question(document, worded, held, result):
    tally = Tally(*result.tallies[held.code])
    percent = percentage(tally.yes, tally.relevant)
    return AnnexKeyQuestion(
        held.code,
        worded(held.text, held.code),
        tally.yes,
        tally.no,
        tally.not_applicable,
        tally.not_asked,
        tally.unanswered,
        percent,
        None if percent is None else band_of(document, percent),
    )


def _discretion(decision):
    return AnnexDiscretion(
        decision.from_rating,
        decision.to_rating,
        decision.key_question,
        decision.percent,
        decision.reason,
        decision.decided_by,
        decision.ratified_by,
        _iso(decision.decided_at),
    )


def _iso(moment):
    return timezone.localtime(moment).isoformat(timespec="seconds")


def discretion_note(annex, standard):
    """Return the note that Annex 2 prints on a standard whose rating was moved by discretion, from the record alone."""
    used = standard.discretion
    return (
        f"{standard.code} {standard.title}: professional discretion was used. The calculated rating is "
        f"{annex.labels[used.from_]}, with key question {used.key_question} at {used.percent}% when this was decided; "
        f"the rating given is {annex.labels[used.to]}. Reason: {used.reason}"
    )


def as_data(annex):
    """Return the Annex as plain dicts and lists, in the form that docs/formats.md describes."""
    data = {"format": FORMAT}
    for name in ("inspection", "service", "standards", "score", "maximum", "overall", "sequence"):
        data[name] = getattr(annex, name)
    data["locked"] = asdict(annex.locked) if annex.locked else None
    if annex.invented_answers:
        data["invented_answers"] = True
    data["domains"] = [
        {
            "code": domain.code,
            "title": domain.title,
            "standards": [
                {
                    "code": held.code,
                    "title": held.title,
                    "statement": held.statement,
                    "rating": held.rating,
                    "calculated": held.calculated,
                    "discretion": _discretion_data(held.discretion),
                    "key_questions": [asdict(question) for question in held.key_questions],
                }
                for held in domain.standards
            ],
        }
        for domain in annex.domains
    ]
    return data


def _discretion_data(discretion):
    if discretion is None:
        return None
    data = asdict(discretion)
    return {"from": data.pop("from_"), **data}


def as_json(annex):
    """Return the Annex as JSON text."""
    return json.dumps(as_data(annex), ensure_ascii=False, indent=1) + "\n"


def freeze(annex):
    """Return the JSON text that an Annex is frozen as: all of it, so that `read_frozen` gives the same value."""
    data = {"format": FROZEN_FORMAT, **_WHOLE.dump_python(annex, mode="json")}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def newest_frozen(inspection, *, at=None):
    """Return the newest `FrozenAnnex` of an inspection with who locked it, or None; with `at`, as at that sequence."""
    frozen = inspection.frozen_annexes.select_related("by").order_by("-id")
    return (frozen if at is None else frozen.filter(sequence__lte=at)).first()


def check_frozen(frozen):
    """Raise DamagedAnnex when the text of a `FrozenAnnex` was changed."""
    if checksum(frozen.content) != frozen.checksum:
        raise DamagedAnnex(
            f"The Annex that was frozen at {_iso(frozen.at)} does not match its checksum {frozen.checksum}: its text was "
            "changed in the database. Restore it from a backup."
        )


def read_frozen(frozen):
    """Return the `Annex` that a `FrozenAnnex` holds, with its `Lock`. Raises DamagedAnnex when its text was changed."""
    check_frozen(frozen)
    return replace(_WHOLE.validate_json(frozen.content), locked=Lock(_iso(frozen.at), frozen.by.name, frozen.checksum))


def checksum(content):
    """Return the SHA-256 of an Annex's JSON text, as hexadecimal digits."""
    return hashlib.sha256(content.encode()).hexdigest()
