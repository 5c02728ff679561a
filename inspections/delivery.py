"""What organisational delivery consists of, and how its evidence is counted. Pure: no database, no HTML.

Which standards are judged, and their key questions, follow from the standards document.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from inspections.models import EvidenceKind, FindingKind, Surveyed

FOR, AGAINST, BOTH = "for", "against", "both"
BEARINGS = {FOR: "For", AGAINST: "Against", BOTH: "Both for and against"}
# What may be arranged ahead, and is counted as often as it was held.
GATHERINGS = (EvidenceKind.MEETING, EvidenceKind.FOCUS_GROUP, EvidenceKind.INTERVIEW, EvidenceKind.OBSERVATION)

LONGEST_TEXT = 100_000
LONGEST_TITLE = 200
MOST = 9_999


@dataclass(frozen=True)
class EvidenceGiven:
    """A piece of evidence as somebody writes it down; the fields are those of `inspections.models.Evidence`."""

    kind: str
    title: str
    date: date | None
    shows: str = ""
    met: list = field(default_factory=list)
    held: int | None = 1
    supplier: str = ""
    as_at: date | None = None
    surveyed: str = ""
    items: int | None = None
    responses: int | None = None
    bears_on: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FindingGiven:
    """A finding as somebody writes it down. `evidence` are the numbers of the evidence it rests on."""

    kind: str
    text: str
    key_questions: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True)
class Subject:
    """Something that the inspectors write a text about. `standard` is the code of its standard, or ""."""

    code: str
    title: str
    standard: str = ""


def judged_standards(document):
    """Return the standards that are rated by judgement, by code in printed order."""
    return {code: held for code, held in document.standards.items() if held.method == "judgement"}


def judged_questions(document):
    """Return the key questions of the standards that are rated by judgement, by code in printed order."""
    return {question.code: question for held in judged_standards(document).values() for question in held.key_questions}


def subjects(inspection):
    """Return what texts are written about, by code: each judged key question, then the other subjects."""
    questions = [
        Subject(question.code, inspection.worded(question.text), standard.code)
        for standard in judged_standards(inspection.document).values()
        for question in standard.key_questions
    ]
    return {subject.code: subject for subject in (*questions, *other_subjects(inspection))}


def other_subjects(inspection):
    """Return the subjects that are no key question: the involvement of children, where the standards speak of them."""
    if "children" not in inspection.document.default_terms:
        return ()
    return (Subject("involvement", inspection.worded("Involvement of {children} and their parents and carers")),)


def settled(given: EvidenceGiven) -> EvidenceGiven:
    """Return evidence without what its kind does not have, such as the supplier of a meeting."""
    parts = dict(vars(given))
    if given.kind != EvidenceKind.DATA_RETURN:
        parts |= {"supplier": "", "as_at": None}
    if given.kind != EvidenceKind.SURVEY:
        parts |= {"surveyed": "", "items": None, "responses": None}
    if given.kind not in GATHERINGS:
        parts |= {"held": 1}
    return EvidenceGiven(**parts)


def evidence_faults(document, given: EvidenceGiven, today: date) -> dict[str, str]:
    """Return what is wrong with a piece of evidence, as a sentence by field. Only gatherings may be arranged ahead."""
    faults = {}
    ahead = given.date is not None and given.date > today
    if given.kind not in EvidenceKind.values:
        faults["kind"] = "Select what kind of evidence this is."
    if not given.title.strip():
        faults["title"] = "Enter a title, such as “Minutes of the board, January to March”."
    elif len(given.title) > LONGEST_TITLE:
        faults["title"] = f"Shorten the title to {LONGEST_TITLE} characters."
    if given.date is None:
        faults["date"] = "Enter the date."
    elif ahead and given.kind not in GATHERINGS:
        faults["date"] = (
            "Enter a date that is not in the future: only meetings, focus groups, interviews and observations are "
            "arranged ahead."
        )
    if not ahead and not given.shows.strip():
        faults["shows"] = "Enter what it shows."
    elif len(given.shows) > LONGEST_TEXT:
        faults["shows"] = _too_long(given.shows)
    faults |= _faults_of_kind(given, today)
    known = judged_questions(document)
    for code, bearing in given.bears_on.items():
        if code not in known or bearing not in BEARINGS:
            faults[f"bears_on_{code}"] = f"{code} is not a key question that evidence is recorded for."
    for many, role in given.met:
        if not 1 <= many <= MOST or not role.strip():
            faults["met"] = "Write one role on each line, with the number of people first, such as “6 case managers”."
    return faults


def _faults_of_kind(given, today):
    faults = {}
    if given.kind == EvidenceKind.DATA_RETURN:
        if not given.supplier.strip():
            faults["supplier"] = "Enter who supplied the data."
        elif len(given.supplier) > LONGEST_TITLE:
            faults["supplier"] = f"Shorten the supplier to {LONGEST_TITLE} characters."
        if given.as_at is None:
            faults["as_at"] = "Enter the date as at which the data stands."
        elif given.as_at > today:
            faults["as_at"] = "Enter a date that is not in the future: data stands as at a day that has been."
    if given.kind == EvidenceKind.SURVEY:
        if given.surveyed not in Surveyed.values:
            faults["surveyed"] = "Select who was surveyed."
        if given.items is None or not 1 <= given.items <= MOST:
            faults["items"] = "Enter how many questions the survey has, as a whole number."
        if given.responses is None or not 0 <= given.responses <= MOST:
            faults["responses"] = "Enter how many people answered it, as a whole number."
    if given.kind in GATHERINGS and (given.held is None or not 1 <= given.held <= MOST):
        faults["held"] = "Enter how many this entry stands for, 1 or more."
    return faults


def finding_faults(document, given: FindingGiven, numbers: Iterable[int]) -> dict[str, str]:
    """Return what is wrong with a finding, as a sentence by field. `numbers` are those of the evidence that stands."""
    faults = {}
    if given.kind not in FindingKind.values:
        faults["kind"] = "Select what kind of finding this is."
    if not given.text.strip():
        faults["text"] = "Enter the finding."
    elif len(given.text) > LONGEST_TEXT:
        faults["text"] = _too_long(given.text)
    if not given.key_questions:
        faults["key_questions"] = "Select the key questions that this finding bears on."
    elif not set(given.key_questions) <= set(judged_questions(document)):
        faults["key_questions"] = "Select key questions of standards that are judged."
    missing = sorted(set(given.evidence) - set(numbers))
    if missing:
        names = ", ".join(f"E{number}" for number in missing)
        faults["evidence"] = f"{names} does not stand as evidence. Select evidence that does."
    return faults


def text_fault(text: str) -> str:
    """Return what is wrong with a text that may be empty, in a sentence; "" where nothing is."""
    return _too_long(text) if len(text) > LONGEST_TEXT else ""


def _too_long(text):
    return f"Shorten this text: it has {len(text):,} characters, and {LONGEST_TEXT:,} is the most that is kept."


def counts_as_evidence(evidence, standard, today: date) -> bool:
    """Return whether a piece of evidence stands, shows something, and bears on a key question of this standard."""
    codes = {question.code for question in standard.key_questions}
    shown = evidence.shows.strip() and evidence.date <= today
    return bool(shown) and not evidence.withdrawn_because and not codes.isdisjoint(evidence.bears_on)


@dataclass(frozen=True)
class Methodology:
    """How evidence was gathered, as Annex 1 of a report counts it.

    `surveyed` are the people who answered surveys, by whom they were sent to: two surveys of the same people count twice.
    `interviewed` and `met` are the roles met in interviews, and in meetings and focus groups, the most often met first.
    """

    meetings: int = 0
    focus_groups: int = 0
    interviews: int = 0
    observations: int = 0
    surveyed: tuple[tuple[str, int], ...] = ()
    interviewed: tuple[str, ...] = ()
    met: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The counts as Annex 1 prints them, in one to four sentences."""
        sentences = [*self._surveys(), *self._interviews(), *self._gatherings()]
        if self.observations:
            sentences.append(f"We undertook {_many(self.observations, 'observation')}.")
        return " ".join(sentences) or "No meeting, focus group, interview, observation or survey is recorded yet."

    def _surveys(self):
        if self.surveyed:
            groups = [f"{count} {Surveyed(group).label.lower()}" for group, count in self.surveyed]
            yield f"We surveyed {in_words(groups)}."

    def _interviews(self):
        if self.interviews:
            roles = f" with {in_words(self.interviewed)}" if self.interviewed else ""
            yield f"We conducted {_many(self.interviews, 'interview')}{roles}."

    def _gatherings(self):
        total = self.meetings + self.focus_groups
        if not total:
            return
        if self.meetings and self.focus_groups:
            what = f"{total} meetings or focus groups"
        else:
            what = _many(total, "meeting" if self.meetings else "focus group")
        roles = f", including with {in_words(self.met)}" if self.met else ""
        yield f"In total, we conducted {what}{roles}."


def methodology(entries, today: date) -> Methodology:
    """Return the `Methodology` of pieces of evidence. Withdrawn ones, and those after `today`, do not count."""
    counted = [held for held in entries if not held.withdrawn_because and held.date <= today]
    held_of = Counter()
    surveyed, interviewed, met = Counter(), Counter(), Counter()
    for held in counted:
        held_of[held.kind] += held.held
        if held.kind == EvidenceKind.SURVEY:
            surveyed[held.surveyed] += held.responses
        roles = {EvidenceKind.INTERVIEW: interviewed, EvidenceKind.MEETING: met, EvidenceKind.FOCUS_GROUP: met}
        for many, role in held.met if held.kind in roles else ():
            roles[EvidenceKind(held.kind)][role] += many
    return Methodology(
        meetings=held_of[EvidenceKind.MEETING],
        focus_groups=held_of[EvidenceKind.FOCUS_GROUP],
        interviews=held_of[EvidenceKind.INTERVIEW],
        observations=held_of[EvidenceKind.OBSERVATION],
        surveyed=tuple((group, surveyed[group]) for group in Surveyed.values if group in surveyed),
        interviewed=tuple(role for role, _ in interviewed.most_common()),
        met=tuple(role for role, _ in met.most_common()),
    )


def in_words(pieces) -> str:
    """Return pieces as a list in a sentence: "a, b and c"."""
    *first, last = pieces
    return f"{', '.join(first)} and {last}" if first else last


def _many(count, noun):
    return f"{count} {noun}{'' if count == 1 else 's'}"
