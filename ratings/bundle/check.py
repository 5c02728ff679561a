"""Whether a bundle fits its standards document. Pure: every fault is found before anything is written."""

from collections import Counter
from datetime import date

from cases.answers import Given, check_given, stored_value
from cases.asked import asked_questions
from cases.errors import InvalidAnswer
from cases.instrument import questions_of
from cases.models import CaseState
from inspections.models import ABOUT_QUESTIONS, State
from ratings.bundle.shape import AnswerPart, FactPart, MalformedBundle, below
from standards.checks import Fault, braces
from standards.document import NOT_APPLICABLE


def check_bundle(bundle, document):
    """Return if the bundle fits the document; raise MalformedBundle with every fault if not."""
    faults = list(_inspection_faults(bundle, document))
    if faults:
        # What is asked in each case depends on these settings.
        raise MalformedBundle(faults)
    faults = [
        *_planned_faults(bundle),
        *_judgement_faults(bundle, document),
        *_reference_faults(bundle),
        *(
            fault
            for place, case in enumerate(bundle.cases)
            for fault in _case_faults(f"cases[{place}]", case, bundle, document)
        ),
        *_discretion_faults(bundle, document),
    ]
    if faults:
        raise MalformedBundle(faults)


def _inspection_faults(bundle, document):
    starts, ends = bundle.inspection.fieldwork_started, bundle.inspection.fieldwork_ends
    if starts and ends and ends < starts:
        yield Fault("inspection.fieldwork_ends", "Fieldwork cannot end before it begins.")
    terms = document.default_terms
    for term in bundle.inspection.terms:
        if term not in terms:
            yield Fault(below("inspection.terms", term), f"There is no such term. Use any of {', '.join(terms)}.")
    for code, text in bundle.inspection.wording.items():
        path = below("inspection.wording", code)
        if code not in {*document.standards, *document.key_questions, ABOUT_QUESTIONS}:
            yield Fault(path, f"There is no such standard or key question; of these at large, write {ABOUT_QUESTIONS}.")
        if not text.strip():
            yield Fault(path, "This is empty: write something here, or leave it out.")
        yield from braces(path, text, set(terms))
    rules = {rule.code for rule in document.applicability if not rule.prompts_only}
    for code, rule in bundle.inspection.applicability.items():
        path = below("inspection.applicability", code)
        if code not in document.key_questions:
            yield Fault(path, "There is no such key question.")
        if rule not in rules:
            yield Fault(path, f"There is no such rule. Use one of {', '.join(sorted(rules))}.")


def _planned_faults(bundle):
    if bundle.inspection.state != State.PLANNED:
        return
    for name in ("judgements", "discretion"):
        if getattr(bundle, name):
            yield Fault(name, f"The inspection is planned, so it has no {name} yet. Leave them out.")
    for place, case in enumerate(bundle.cases):
        if case.status != CaseState.ALLOCATED or any(
            getattr(case, name) for name in ("facts", "answers", "hidden_answers", "notes")
        ):
            yield Fault(
                f"cases[{place}]", "The inspection is planned, so its cases have the status allocated and no answers."
            )


def _judgement_faults(bundle, document):
    for code, judgement in bundle.judgements.items():
        path = below("judgements", code)
        if code not in document.standards or document.standards[code].method != "judgement":
            yield Fault(path, "This is not a standard that is rated by judgement.")
        if judgement.rating not in document.bands_by_code:
            yield Fault(f"{path}.rating", f"This is not a rating. Use one of {', '.join(document.bands_by_code)}.")
        if not judgement.rationale.strip():
            yield Fault(f"{path}.rationale", "A judgement needs a rationale.")


def _reference_faults(bundle):
    counts = Counter(case.reference for case in bundle.cases)
    for place, case in enumerate(bundle.cases):
        if not case.reference.strip():
            yield Fault(f"cases[{place}].reference", "A case needs a reference.")
        elif counts[case.reference] > 1:
            yield Fault(
                f"cases[{place}].reference", f"The reference {case.reference} is used {counts[case.reference]} times."
            )


def _case_faults(path, case, bundle, document):
    samples = {sample.code: sample for sample in document.samples}
    if case.sample not in samples:
        yield Fault(f"{path}.sample", f"There is no sample “{case.sample}”. Use one of {', '.join(samples)}.")
        return
    disposals = [disposal.code for disposal in samples[case.sample].disposals]
    if case.disposal not in disposals:
        yield Fault(
            f"{path}.disposal",
            f"“{case.disposal}” is not a disposal of the sample {case.sample}. Use one of {', '.join(disposals)}.",
        )
        return
    if case.excluded is not None and not case.excluded.strip():
        yield Fault(f"{path}.excluded", "Say why the case is excluded.")
    if case.excluded_as is not None and case.excluded is None:
        yield Fault(f"{path}.excluded_as", "Say why the case is excluded, under “excluded”, or leave this out.")
    yield from _profile_faults(path, case, document)
    questions = questions_of(document, case.sample)
    for code in case.facts:
        if code not in questions or questions[code].role != "fact":
            yield Fault(below(f"{path}.facts", code), f"There is no such fact in {samples[case.sample].label} cases.")
    for name in ("answers", "hidden_answers", "notes"):
        for code in getattr(case, name):
            if code not in questions or (questions[code].role == "fact" and name != "notes"):
                yield Fault(
                    below(f"{path}.{name}", code), f"There is no such question in {samples[case.sample].label} cases."
                )
    for code in case.answers.keys() & case.hidden_answers.keys():
        yield Fault(below(f"{path}.hidden_answers", code), "This question is answered under “answers” too. Keep one.")
    if any(parameter.asked_because and not parameter.asked_because.strip() for parameter in _answers(case).values()):
        yield Fault(f"{path}.answers", "A reason for asking must not be blank.")
    yield from _answer_faults(path, case, bundle, document, questions)


def _profile_faults(path, case, document):
    fields = {field.code: field for field in document.profile}
    for code, value in case.profile.items():
        where = below(path, code)
        if code not in fields:
            yield Fault(where, "This key is not known. Remove it.")
        elif not _fits(fields[code], value):
            field = fields[code]
            wanted = {
                "number": "a whole number",
                "date": "a date such as 2019-02-04",
                "text": "text",
                "choice": f"one of {', '.join(option.code for option in field.options)}",
                "choices": f"a list of any of {', '.join(option.code for option in field.options)}",
            }
            yield Fault(where, f"This takes {wanted[field.kind]}.")


def _fits(field, value):
    codes = {option.code for option in field.options}
    if value is None:
        return True
    if field.kind == "number":
        return isinstance(value, int) and not isinstance(value, bool)
    if field.kind == "choices":
        return isinstance(value, list) and all(isinstance(held, str) and held in codes for held in value)
    if not isinstance(value, str):
        return False
    if field.kind == "choice":
        return value in codes
    if field.kind == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    return True


def _answers(case):
    """Return every answer of a case as an `AnswerPart`, by question."""
    return {
        code: held if isinstance(held, AnswerPart) else AnswerPart(value=held) for code, held in case.answers.items()
    }


def facts_of(case):
    """Return every fact of a case as a `FactPart`, by code."""
    return {code: held if isinstance(held, FactPart) else FactPart(value=held) for code, held in case.facts.items()}


def asked_in(case, bundle, document):
    """Return the codes of the rated questions that a case of the bundle is asked."""
    return asked_questions(
        document,
        bundle.inspection.applicability,
        case.sample,
        {code: None if held.value is None else str(held.value).lower() for code, held in facts_of(case).items()},
        {code: answer.asked_because for code, answer in _answers(case).items() if answer.asked_because},
        case.disposal,
    )


def _answer_faults(path, case, bundle, document, questions):
    for code, fact in facts_of(case).items():
        question = questions.get(code)
        if question is not None and question.role == "fact":
            try:
                check_given(question, fact_given_of(question, fact))
            except InvalidAnswer as error:
                yield Fault(below(f"{path}.facts", code), str(error))
    asked = asked_in(case, bundle, document)
    for name, answers in (("answers", _answers(case)), ("hidden_answers", case.hidden_answers)):
        for code, answer in answers.items():
            question = questions.get(code)
            if question is None or question.role == "fact":
                continue
            where = below(f"{path}.{name}", code)
            try:
                given = given_of(question, answer)
                check_given(question, given)
            except InvalidAnswer as error:
                yield Fault(where, str(error))
                continue
            needs_reason = (
                question.role == "key_question" and given.value == NOT_APPLICABLE and not answer.reason.strip()
            )
            if needs_reason and not answer.reason_awaited:
                yield Fault(where, "A key question that is not applicable needs a reason.")
            if question.kind == "rated" and name == "answers" and given.value is not None and code not in asked:
                yield Fault(
                    where,
                    "This question is not asked in this case, because of its facts. Give “asked_because” with key question "
                    f"{question.key_question}, or leave the answer out.",
                )
            if name == "hidden_answers" and (question.kind != "rated" or code in asked):
                yield Fault(where, "This question is asked, so its answer belongs under “answers”.")


def given_of(question, answer, note=""):
    """Return the `Given` of an answer in a bundle, in stored form. Raises InvalidAnswer."""
    return Given(
        question=question.code,
        value=stored_value(question, answer.value),
        reason=answer.reason.strip(),
        note=note,
        asked_because=answer.asked_because.strip(),
        source=answer.source,
        at_interview=answer.at_interview,
    )


def fact_given_of(question, fact):
    """Return the `Given` of a fact in a bundle, in stored form. Raises InvalidAnswer."""
    return Given(
        question=question.code,
        value=stored_value(question, fact.value),
        source=fact.source,
        at_interview=fact.at_interview,
    )


def _discretion_faults(bundle, document):
    counts = Counter(held.standard for held in bundle.discretion)
    for place, held in enumerate(bundle.discretion):
        path = f"discretion[{place}]"
        if held.standard not in document.standards:
            yield Fault(f"{path}.standard", f"There is no standard {held.standard}.")
        elif counts[held.standard] > 1:
            yield Fault(
                f"{path}.standard", f"Standard {held.standard} has {counts[held.standard]} decisions. Keep one."
            )
        if held.to not in document.bands_by_code:
            yield Fault(f"{path}.to", f"This is not a rating. Use one of {', '.join(document.bands_by_code)}.")
        if held.decided_at is not None and held.decided_at.tzinfo is None:
            yield Fault(f"{path}.decided_at", "Give the moment with its offset, such as 2019-03-01T10:00:00+00:00.")
