"""What must hold between the parts of a standards document, beyond the shape of each part.

`faults_of` names everything that is wrong at once, each fault with the path where it is to be put right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from string import Formatter

from standards.document import (
    Applicability,
    Band,
    CaseQuestion,
    Document,
    Domain,
    KeyQuestion,
    OverallBand,
    ProfileField,
    Standard,
)

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")
PROMPT_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")  # no dot, so that "2.1.1.a" has one reading
TERM_CODE = re.compile(r"[a-z][a-z0-9_]{0,49}")  # stands in braces, where dots and dashes have a meaning
INTERVIEW_PAGE = "interview"  # a page of every case, whatever its standards
HOUSE_QUESTIONS = ("notebook", "interview_slot", "interview_others")  # asked in every case
CASE_KEYS = (
    "reference",
    "sample",
    "disposal",
    "status",
    "excluded",
    "excluded_as",
    "facts",
    "answers",
    "hidden_answers",
    "notes",
)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a document: where it is, and a sentence saying what to do."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def faults_of(document: Document) -> list[Fault]:
    """Return everything wrong with a document whose shape is right; an empty list if it is valid."""
    return [fault for check in CHECKS for fault in check(document)]


def _listed(document: Document) -> Iterator[Fault]:
    for name in ("bands", "overall_bands", "domains"):
        if not getattr(document, name):
            yield Fault(name, "Give at least one.")
    if document.version < 1:
        yield Fault("version", "Versions count from 1.")


def _texts(document: Document) -> Iterator[Fault]:
    terms = {term.code for term in document.terms}
    for path, text, optional in _strings(document):
        if not text.strip():
            if text or not optional:
                yield Fault(path, "This is empty: write something here.")
        elif path.startswith("terms["):
            if "{" in text or "}" in text:
                yield Fault(path, "A term is filled in as it stands, so it cannot hold braces itself.")
        elif not path.endswith("code"):
            yield from braces(path, text, terms)


def _strings(value: object, path: str = "", optional: bool = False) -> Iterator[tuple[str, str, bool]]:
    """Every text of a document with its path, and whether it may be left empty."""
    if isinstance(value, str):
        yield path, value, optional
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _strings(item, f"{path}[{index}]")
    elif is_dataclass(value):
        for field in fields(value):
            below = f"{path}.{field.name}" if path else field.name
            yield from _strings(getattr(value, field.name), below, optional=field.default == "")


def braces(path: str, text: str, terms: set[str]) -> Iterator[Fault]:
    """What is wrong with the terms that a text names in braces."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        yield Fault(path, "A brace is not closed or not opened: write a term as {term}, and a brace itself twice.")
        return
    for _, name, layout, conversion in parts:
        if name is None:
            continue
        if layout or conversion or name not in terms:
            written = name + (f"!{conversion}" if conversion else "") + (f":{layout}" if layout else "")
            yield Fault(path, f"{{{written}}} is not among the terms; those are {_names(sorted(terms))}.")


def _codes(document: Document) -> Iterator[Fault]:
    """The form of every code, and that none is given twice among its own kind."""
    yield from _form("code", document.code)
    for name, what in (
        ("terms", "A term"), ("bands", "A band"), ("samples", "A sample"), ("applicability", "An applicability rule"),
        ("profile", "A profile field"), ("domains", "A domain"),
    ):  # fmt: skip
        codes = [(f"{name}[{index}].code", item.code) for index, item in enumerate(getattr(document, name))]
        for path, code in codes:
            yield from _form(path, code, TERM_CODE if name == "terms" else CODE)
        yield from _once(codes, what)
    disposals = [
        (f"samples[{s}].disposals[{d}].code", disposal.code)
        for s, sample in enumerate(document.samples)
        for d, disposal in enumerate(sample.disposals)
    ]
    standards = [(f"{path}.code", standard.code) for path, _, standard in _standards(document)]
    for path, code in disposals + standards:
        yield from _form(path, code)
    yield from _once(disposals, "A disposal")
    yield from _once(standards, "A standard")
    for path, code in standards:
        if code == INTERVIEW_PAGE:
            yield Fault(path, f'"{code}" is a page of every case already: use another code.')
    reasons = enumerate(document.not_applicable_reasons)
    yield from _once([(f"not_applicable_reasons[{index}]", reason) for index, reason in reasons], "The reason")
    for index, known in enumerate(document.profile):
        if known.code in CASE_KEYS:
            yield Fault(f"profile[{index}].code", f'"{known.code}" is part of every case already: use another code.')


def _form(path: str, code: str, form: re.Pattern[str] = CODE) -> Iterator[Fault]:
    if code.strip() and not form.fullmatch(code):
        signs = {CODE: "letters, digits, dots, dashes and underscores, beginning with a letter or digit",
                 PROMPT_CODE: "letters, digits, dashes and underscores, beginning with a letter or digit",
                 TERM_CODE: "small letters, digits and underscores, beginning with a letter"}[form]  # fmt: skip
        yield Fault(path, f"A code here has {signs}, 50 at most.")


def _once(codes: Iterable[tuple[str, str]], what: str) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, code in codes:
        if code in first:
            yield Fault(path, f'{what} "{code}" is given already at {first[code]}.')
        else:
            first[code] = path


def _questions(document: Document) -> Iterator[Fault]:
    """Every question of a case by its own code: key questions, prompts, facts and the unrated ones never collide."""
    codes = [(f"{path}.code", question.code) for path, _, _, question in _key_questions(document)]
    codes += [(f"facts[{index}].code", fact.code) for index, fact in enumerate(document.facts)]
    codes += [(f"case_questions[{index}].code", asked.code) for index, asked in enumerate(document.case_questions)]
    for path, code in codes:
        yield from _form(path, code)
        if code in HOUSE_QUESTIONS:
            yield Fault(path, f'"{code}" is asked in every case already: use another code.')
    yield from _once(codes, "A question")
    taken = {code: path for path, code in reversed(codes)}
    for path, _, _, question in _key_questions(document):
        if not question.prompts:
            yield Fault(f"{path}.prompts", "A key question needs at least one prompt.")
        prompts = [(f"{path}.prompts[{index}].code", prompt.code) for index, prompt in enumerate(question.prompts)]
        yield from _once(prompts, "A prompt")
        for below, code in prompts:
            yield from _form(below, code, PROMPT_CODE)
            if f"{question.code}.{code}" in taken:
                other = taken[f"{question.code}.{code}"]
                yield Fault(below, f'This prompt is named "{question.code}.{code}", as is the question at {other}.')


def _standards(document: Document) -> Iterator[tuple[str, Domain, Standard]]:
    for d, domain in enumerate(document.domains):
        for s, standard in enumerate(domain.standards):
            yield f"domains[{d}].standards[{s}]", domain, standard


def _key_questions(document: Document) -> Iterator[tuple[str, Domain, Standard, KeyQuestion]]:
    for path, domain, standard in _standards(document):
        for index, question in enumerate(standard.key_questions):
            yield f"{path}.key_questions[{index}]", domain, standard, question


def _read_in_cases(domain: Domain, standard: Standard) -> bool:
    return domain.sample is not None and standard.method == "percentage"


def _scale(document: Document) -> Iterator[Fault]:
    """Bands cover 0 to 100 and overall bands every total, without gap or overlap; both rise."""
    yield from _cover("bands", document.bands, 0, 100)
    for index, (below, above) in enumerate(pairwise(document.bands), start=1):
        if above.score <= below.score:
            yield Fault(f"bands[{index}].score", f"Scores rise from band to band: give more than {below.score}.")
    if not document.bands:
        return
    score = {band.code: band.score for band in document.bands}
    counted = sum(standard.counts_in_total for _, _, standard in _standards(document))
    lowest, highest = document.bands[0].score * counted, document.bands[-1].score * counted
    yield from _cover("overall_bands", document.overall_bands, lowest, highest)
    for index, overall in enumerate(document.overall_bands):
        if overall.rating not in score:
            yield Fault(f"overall_bands[{index}].rating", _unknown(overall.rating, "band", score))
    for index, (lower, upper) in enumerate(pairwise(document.overall_bands), start=1):
        if lower.rating in score and upper.rating in score and score[upper.rating] <= score[lower.rating]:
            yield Fault(f"overall_bands[{index}].rating", "Overall bands rise: this rating is no better than the last.")


def _cover(path: str, steps: Sequence[Band | OverallBand], lowest: int, highest: int) -> Iterator[Fault]:
    for index, step in enumerate(steps):
        if step.minimum > step.maximum:
            yield Fault(f"{path}[{index}].maximum", f"The maximum is below the minimum, {step.minimum}.")
    for index, (below, above) in enumerate(pairwise(steps), start=1):
        due = below.maximum + 1
        if above.minimum < due:
            yield Fault(
                f"{path}[{index}].minimum", f"This overlaps the band before, which ends at {due - 1}: give {due}."
            )
        elif above.minimum > due:
            missed = str(due) if above.minimum == due + 1 else f"{due} to {above.minimum - 1}"
            yield Fault(f"{path}[{index}].minimum", f"{missed} would be in no band: give {due}.")
    if steps and steps[0].minimum != lowest:
        yield Fault(f"{path}[0].minimum", f"The first band begins at the lowest there can be: give {lowest}.")
    if steps and steps[-1].maximum != highest:
        yield Fault(
            f"{path}[{len(steps) - 1}].maximum", f"The last band ends at the most there can be: give {highest}."
        )


def _settings(document: Document) -> Iterator[Fault]:
    """Discretion and the size of the sample."""
    discretion, sampling = document.discretion, document.sampling
    if not 0 <= discretion.margin <= 100:
        yield Fault("discretion.margin", "Give percentage points from 0 to 100.")
    if discretion.few_cases is not None and discretion.few_cases < 1:
        yield Fault("discretion.few_cases", "Give a number of cases from 1, or null for never.")
    if not 0 < sampling.confidence < 1:
        yield Fault("sampling.confidence", "Give a share between 0 and 1, such as 0.8.")
    if not 1 <= sampling.margin_of_error <= 100:
        yield Fault("sampling.margin_of_error", "Give percentage points from 1 to 100.")
    if sampling.few_cases < 0:
        yield Fault("sampling.few_cases", "Give a number of cases, or 0 for never.")
    kinds = {field.code: field.kind for field in document.profile}
    known = ["disposal", *(code for code, kind in kinds.items() if kind == "choice")]
    for index, name in enumerate(sampling.stratify_by):
        if name in known:
            continue
        message = _unknown(name, "profile field", known)
        if name in kinds:
            message = f'A sample is matched by fields of the kind "choice": "{name}" is of the kind "{kinds[name]}".'
        yield Fault(f"sampling.stratify_by[{index}]", message)


def _samples(document: Document) -> Iterator[Fault]:
    read_in: dict[str, str] = {}
    for index, domain in enumerate(document.domains):
        if domain.sample is None:
            continue
        path = f"domains[{index}].sample"
        if domain.sample not in {sample.code for sample in document.samples}:
            yield Fault(path, _unknown(domain.sample, "sample", (sample.code for sample in document.samples)))
        elif domain.sample in read_in:
            yield Fault(path, f'The cases of "{domain.sample}" are read already in domain "{read_in[domain.sample]}".')
        else:
            read_in[domain.sample] = domain.code
    for index, sample in enumerate(document.samples):
        path = f"samples[{index}]"
        if sample.code not in read_in:
            yield Fault(path, f'No domain reads these cases: give a domain "sample: {sample.code}".')
        if not sample.disposals:
            yield Fault(f"{path}.disposals", "A sample needs at least one disposal.")
        if not 0 < sample.share <= 1:
            yield Fault(f"{path}.share", "Give a share above 0, 1 at most.")
        if not 0 <= sample.window_months[0] <= sample.window_months[1]:
            yield Fault(f"{path}.window_months", "Give months before fieldwork, the smaller number first.")
    total = sum(sample.share for sample in document.samples)
    if document.samples and not math.isclose(total, 1):
        yield Fault("samples", f"The shares of the samples add up to 1; these add up to {total:g}.")


def _domains(document: Document) -> Iterator[Fault]:
    for index, domain in enumerate(document.domains):
        if not domain.standards:
            yield Fault(f"domains[{index}].standards", "A domain needs at least one standard.")
    for path, domain, standard in _standards(document):
        if standard.method != "percentage":
            continue
        if domain.sample is None:
            message = "Percentages are counted from cases: give the domain a sample, or make this a judgement."
            yield Fault(f"{path}.method", message)
        if not standard.key_questions:
            yield Fault(f"{path}.key_questions", "A standard rated by percentages needs at least one key question.")


def _asking(document: Document) -> Iterator[Fault]:
    """Which rule proposes a question, and whether the fact behind it is asked of the same cases."""
    rules = {rule.code: rule for rule in document.applicability}
    facts = {fact.code: fact for fact in document.facts}
    for index, rule in enumerate(document.applicability):
        if rule.fact is not None and rule.fact not in facts:
            yield Fault(f"applicability[{index}].fact", _unknown(rule.fact, "fact", facts))
        if rule.code == "always" and (rule.fact is not None or rule.prompts_only):
            yield Fault(f"applicability[{index}]", '"always" holds in every case: it has no fact and no prompts_only.')
    if "always" not in rules:
        yield Fault("applicability", '"always" must be among these: it holds wherever nothing else is said.')
    rules.setdefault("always", Applicability("always", ""))
    for path, domain, standard, question in _key_questions(document):
        for index, prompt in enumerate(question.prompts):
            if prompt.applies_when not in rules:
                below = f"{path}.prompts[{index}].applies_when"
                yield Fault(below, _unknown(prompt.applies_when, "applicability rule", rules))
        path = f"{path}.applies_when"
        if question.applies_when not in rules:
            yield Fault(path, _unknown(question.applies_when, "applicability rule", rules))
            continue
        rule = rules[question.applies_when]
        if rule.prompts_only:
            yield Fault(path, f'"{rule.code}" is for prompts only: a key question needs a rule of its own, or none.')
        if rule.fact in facts and _read_in_cases(domain, standard):
            pages = {held.code for held in domain.standards if _read_in_cases(domain, held)}
            if pages.isdisjoint(facts[rule.fact].asked_on):
                message = f'The fact "{rule.fact}" is never asked of these cases: add a standard of this domain to it.'
                yield Fault(path, message)


def _pages(document: Document) -> Iterator[Fault]:
    """Where facts and case questions are asked, for which disposals facts hold, and what may be chosen."""
    pages = {standard.code: (domain, standard) for _, domain, standard in _standards(document)}
    read = [code for code, (domain, standard) in pages.items() if _read_in_cases(domain, standard)]
    disposals = [disposal.code for sample in document.samples for disposal in sample.disposals]
    asked = [(f"facts[{index}]", fact.asked_on) for index, fact in enumerate(document.facts)]
    asked += [(f"case_questions[{index}]", question.asked_on) for index, question in enumerate(document.case_questions)]
    for path, codes in asked:
        if not codes:
            yield Fault(f"{path}.asked_on", "Name at least one standard on whose page this is asked.")
        in_domain: dict[str, str] = {}
        for index, code in enumerate(codes):
            below = f"{path}.asked_on[{index}]"
            if code not in pages:
                yield Fault(below, _unknown(code, "standard", read))
            elif code not in read:
                yield Fault(below, f'Standard "{code}" is not read in cases; those that are: {_names(read)}.')
            else:
                first = in_domain.setdefault(pages[code][0].code, code)
                if first != code or code in codes[:index]:
                    yield Fault(below, f'A case is asked this once, and "{first}" of the same domain asks it already.')
    for f, fact in enumerate(document.facts):
        for index, code in enumerate(fact.true_for):
            if code not in disposals:
                yield Fault(f"facts[{f}].true_for[{index}]", _unknown(code, "disposal", disposals))


def _options(document: Document) -> Iterator[Fault]:
    """What may be chosen: options where the kind is a choice, and only there."""
    lists: tuple[tuple[str, Sequence[CaseQuestion | ProfileField]], ...] = (
        ("case_questions", document.case_questions),
        ("profile", document.profile),
    )
    for name, items in lists:
        for index, item in enumerate(items):
            path = f"{name}[{index}].options"
            if item.kind in ("choice", "choices") and not item.options:
                yield Fault(path, f'A question of kind "{item.kind}" needs options to choose from.')
            if item.kind not in ("choice", "choices") and item.options:
                yield Fault(path, f'Kind "{item.kind}" has no options: remove them, or make it "choice" or "choices".')
            codes = [(f"{path}[{number}].code", option.code) for number, option in enumerate(item.options)]
            for below, code in codes:
                yield from _form(below, code)
            yield from _once(codes, "An option")


def _alerts(document: Document) -> Iterator[Fault]:
    """Which answers raise an individual alert: options of a single choice, where the question is about alerts."""
    for index, question in enumerate(document.case_questions):
        path = f"case_questions[{index}]"
        if question.about != "alert":
            if question.alert_when:
                yield Fault(
                    f"{path}.alert_when", 'Only a question with "about: alert" raises alerts: say so, or remove this.'
                )
            continue
        if question.kind != "choice":
            yield Fault(f"{path}.about", 'Only a question of kind "choice" can raise an alert.')
            continue
        if not question.alert_when:
            yield Fault(f"{path}.alert_when", "Name at least one option that raises an alert.")
        options = [option.code for option in question.options]
        codes = [(f"{path}.alert_when[{number}]", code) for number, code in enumerate(question.alert_when)]
        for below, code in codes:
            if code not in options:
                yield Fault(below, _unknown(code, "option", options))
        yield from _once(codes, "The option")


def _odd_pairs(document: Document) -> Iterator[Fault]:
    """Which facts sit oddly together: two different ones of the document."""
    facts = [fact.code for fact in document.facts]
    for index, pair in enumerate(document.odd_pairs):
        for name, code in (("if_true", pair.if_true), ("if_false", pair.if_false)):
            if code not in facts:
                yield Fault(f"odd_pairs[{index}].{name}", _unknown(code, "fact", facts))
        if pair.if_true == pair.if_false:
            yield Fault(f"odd_pairs[{index}].if_false", "A pair takes two different facts.")


def _nothing_done(document: Document) -> Iterator[Fault]:
    for path, domain, standard in _standards(document):
        if standard.nothing_done and not _read_in_cases(domain, standard):
            message = "Only a standard that is read in cases has prompts to answer: remove this."
            yield Fault(f"{path}.nothing_done", message)


def _unknown(code: str, what: str, known: Iterable[str]) -> str:
    return f'There is no {what} "{code}"; there are: {_names(known)}.'


def _names(codes: Iterable[str]) -> str:
    return ", ".join(codes) or "none"


CHECKS = (
    _listed,
    _texts,
    _codes,
    _questions,
    _scale,
    _settings,
    _samples,
    _domains,
    _asking,
    _pages,
    _options,
    _alerts,
    _odd_pairs,
    _nothing_done,
)
