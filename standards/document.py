"""What a standards document says, as frozen values.

A document is data: the domains, standards, key questions and prompts of one published edition, with its
bands, its rules of professional discretion, its sample and its words. Nothing here knows about youth
justice, twelve standards or four bands. `standards.reader` builds these values from YAML or JSON and
refuses anything malformed, so whoever holds a `Document` may rely on it.

Texts may carry terms in braces ("the {child}'s safety"); `Document.worded` fills them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

YES, NO, NOT_APPLICABLE = "yes", "no", "not_applicable"
RATED_ANSWERS = (YES, NO, NOT_APPLICABLE)
FACT_ANSWERS = ("true", "false")

Method = Literal["percentage", "judgement"]
Direction = Literal["raise", "lower"]
Role = Literal["key_question", "prompt", "fact", "case_question"]
Kind = Literal["rated", "fact", "choice", "choices", "text"]


@dataclass(frozen=True)
class Option:
    """One value that may be chosen: the code that is stored and the label that is shown."""

    code: str
    label: str


@dataclass(frozen=True)
class Term:
    """A word that varies between inspections, such as what the service is called."""

    code: str
    default: str
    meaning: str = ""


@dataclass(frozen=True)
class Band:
    """One step of the rating scale. `minimum` and `maximum` are whole percentages, both inclusive."""

    code: str
    label: str
    score: int
    minimum: int
    maximum: int
    phrase: str = ""


@dataclass(frozen=True)
class OverallBand:
    """The total scores, both ends inclusive, that give the overall rating `rating` (a band's code)."""

    rating: str
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Discretion:
    """When the lead inspector may move a standard's rating (rules page, "Professional discretion").

    `margin` is in percentage points, inclusive, measured on the rounded percentage. `one_case` also opens
    the gate where a single case would change the band; `few_cases` where a key question has that many
    relevant cases or fewer (None: never).
    """

    margin: int
    directions: tuple[Direction, ...] = ("raise",)
    one_case: bool = False
    few_cases: int | None = None


@dataclass(frozen=True)
class Disposal:
    """An outcome that puts a case into a sample. `group` is how reports count it ("community", "custodial")."""

    code: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Sample:
    """A kind of case that is drawn and rated together.

    `label` is read before "cases" ("out-of-court cases"). `share` is its part of the whole sample, 0-1.
    `window_months` counts back from fieldwork, both ends inclusive.
    """

    code: str
    label: str
    disposals: tuple[Disposal, ...]
    share: float
    window_months: tuple[int, int]


@dataclass(frozen=True)
class Sampling:
    """How large a sample must be: `confidence` 0-1, `margin_of_error` in percentage points.

    A percentage that rests on `few_cases` relevant cases or fewer is marked where its firmness is shown (0: never).
    """

    confidence: float
    margin_of_error: int
    stratify_by: tuple[str, ...] = ()
    few_cases: int = 5


@dataclass(frozen=True)
class Fact:
    """A true-or-false judgement of the inspector about a case, which proposes what is asked.

    `asked_on` names the standards whose page asks it. For the disposals in `true_for` the fact holds
    until the inspector says otherwise.
    """

    code: str
    text: str
    asked_on: tuple[str, ...]
    true_for: tuple[str, ...] = ()
    guidance: str = ""


@dataclass(frozen=True)
class OddPair:
    """Two facts that sit oddly together in one case: `if_true` holds and `if_false` does not. `sentence` points it out."""

    if_true: str
    if_false: str
    sentence: str


@dataclass(frozen=True)
class Applicability:
    """A named rule for when something is asked. `fact` None means always, or (for prompts) a hint only.

    `meaning` is read after "asked" ("where there are factors related to ...").
    """

    code: str
    meaning: str
    fact: str | None = None
    prompts_only: bool = False


@dataclass(frozen=True)
class Prompt:
    """A lettered question under a key question. Its `applies_when` only hints when "not applicable" fits."""

    code: str
    text: str
    applies_when: str = "always"
    guidance: str = ""


@dataclass(frozen=True)
class KeyQuestion:
    """A question whose share of "yes" is banded. `applies_when` proposes in which cases it is asked."""

    code: str
    text: str
    prompts: tuple[Prompt, ...] = ()
    applies_when: str = "always"
    guidance: str = ""


@dataclass(frozen=True)
class Standard:
    """A rated standard: by the percentages of its key questions, or by the inspectors' judgement.

    `nothing_done` says in words that the work of this standard was not done at all in a case ("No plan was made"), where
    that can be: its prompts may then be answered "no" together.
    """

    code: str
    title: str
    statement: str
    method: Method
    key_questions: tuple[KeyQuestion, ...] = ()
    counts_in_total: bool = True
    nothing_done: str = ""


@dataclass(frozen=True)
class Domain:
    """A group of standards. `sample` names the cases that it reads; None where no cases are read."""

    code: str
    title: str
    standards: tuple[Standard, ...]
    sample: str | None = None


@dataclass(frozen=True)
class CaseQuestion:
    """A question about a case that is not rated and moves no figure.

    `about` marks one that more than its answer hangs on: "interview" asks whether there was one; "alert" raises an
    individual alert when one of the options `alert_when` is chosen.
    """

    code: str
    text: str
    kind: Literal["choice", "choices", "text"]
    asked_on: tuple[str, ...]
    options: tuple[Option, ...] = ()
    guidance: str = ""
    about: Literal["", "alert", "interview"] = ""
    alert_when: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProfileField:
    """Something known about a case beforehand, from the service's list of cases."""

    code: str
    label: str
    kind: Literal["choice", "choices", "number", "date", "text"]
    options: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Question:
    """Anything that is answered on a case form, in one shape.

    `standard` is the page it stands on, `key_question` the key question it belongs to (its own code for a
    key question, "" for facts and case questions), `options` the values that may be stored, `about` as in `CaseQuestion`.
    """

    code: str
    role: Role
    kind: Kind
    text: str
    standard: str
    key_question: str
    options: tuple[Option, ...]
    applies_when: str
    guidance: str = ""
    about: str = ""


RATED_OPTIONS = (Option(YES, "Yes"), Option(NO, "No"), Option(NOT_APPLICABLE, "Not applicable"))
FACT_OPTIONS = (Option("true", "Yes"), Option("false", "No"))


@dataclass(frozen=True)
class Document:
    """One edition of the standards, whole and valid."""

    format: Literal["evenhand-standards/1"]
    code: str
    version: int
    title: str
    licence: str
    terms: tuple[Term, ...]
    bands: tuple[Band, ...]
    overall_bands: tuple[OverallBand, ...]
    discretion: Discretion
    samples: tuple[Sample, ...]
    sampling: Sampling
    applicability: tuple[Applicability, ...]
    facts: tuple[Fact, ...]
    not_applicable_reasons: tuple[str, ...]
    profile: tuple[ProfileField, ...]
    case_questions: tuple[CaseQuestion, ...]
    domains: tuple[Domain, ...]
    odd_pairs: tuple[OddPair, ...] = ()

    @cached_property
    def standards(self) -> dict[str, Standard]:
        """Every standard by its code, in printed order."""
        return {standard.code: standard for domain in self.domains for standard in domain.standards}

    @cached_property
    def key_questions(self) -> dict[str, KeyQuestion]:
        """Every key question by its code, in printed order."""
        return {question.code: question for standard in self.standards.values() for question in standard.key_questions}

    @cached_property
    def bands_by_code(self) -> dict[str, Band]:
        """The rating scale by code, lowest first."""
        return {band.code: band for band in self.bands}

    @cached_property
    def maximum(self) -> int:
        """The highest total score there can be: the top band for every standard that counts."""
        return self.bands[-1].score * sum(standard.counts_in_total for standard in self.standards.values())

    @cached_property
    def default_terms(self) -> dict[str, str]:
        """The document's own words, by term."""
        return {term.code: term.default for term in self.terms}

    def worded(self, text: str, terms: dict[str, str]) -> str:
        """Return `text` with its terms filled in: the inspection's own where given, else the document's."""
        return text.format_map({**self.default_terms, **terms})

    def sample(self, code: str) -> Sample:
        """Return the sample of that code. Raises KeyError."""
        return {sample.code: sample for sample in self.samples}[code]

    def disposal(self, code: str) -> Disposal:
        """Return the disposal of that code, of whichever sample. Raises KeyError."""
        return {disposal.code: disposal for sample in self.samples for disposal in sample.disposals}[code]

    def domain_of_sample(self, sample: str) -> Domain:
        """Return the domain that reads the cases of that sample. Raises KeyError."""
        return {domain.sample: domain for domain in self.domains if domain.sample}[sample]

    def domain_of_standard(self, standard: str) -> Domain:
        """Return the domain that holds that standard. Raises KeyError."""
        return {held.code: domain for domain in self.domains for held in domain.standards}[standard]

    def questions(self, sample: str) -> dict[str, Question]:
        """Return every question of a case of that sample by code, in the order of the form. Raises KeyError."""
        return self._questions[sample]

    @cached_property
    def _questions(self) -> dict[str, dict[str, Question]]:
        return {
            domain.sample: {question.code: question for question in self._domain_questions(domain)}
            for domain in self.domains
            if domain.sample
        }

    def _domain_questions(self, domain: Domain) -> list[Question]:
        questions: dict[str, Question] = {}
        for standard in domain.standards:
            if standard.method != "percentage":
                continue
            for fact in self.facts:
                if standard.code in fact.asked_on and fact.code not in questions:
                    questions[fact.code] = Question(
                        fact.code, "fact", "fact", fact.text, standard.code, "", FACT_OPTIONS, "always", fact.guidance
                    )
            for held in standard.key_questions:
                for prompt in held.prompts:
                    code = f"{held.code}.{prompt.code}"
                    questions[code] = Question(
                        code,
                        "prompt",
                        "rated",
                        prompt.text,
                        standard.code,
                        held.code,
                        RATED_OPTIONS,
                        prompt.applies_when,
                        prompt.guidance,
                    )
                questions[held.code] = Question(
                    held.code,
                    "key_question",
                    "rated",
                    held.text,
                    standard.code,
                    held.code,
                    RATED_OPTIONS,
                    held.applies_when,
                    held.guidance,
                )
            for asked in self.case_questions:
                if standard.code in asked.asked_on and asked.code not in questions:
                    questions[asked.code] = Question(
                        asked.code,
                        "case_question",
                        asked.kind,
                        asked.text,
                        standard.code,
                        "",
                        asked.options,
                        "always",
                        asked.guidance,
                        asked.about,
                    )
        return list(questions.values())
