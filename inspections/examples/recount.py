"""Counts a bundle again and says where it does not give what the report prints and states."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from standards.document import NO, NOT_APPLICABLE, YES, Document, KeyQuestion, Prompt


def faults(document: Document, inspection: dict[str, Any], bundle: dict[str, Any]) -> list[str]:
    """Return a sentence for every figure of `inspection` (from published.yaml) that the bundle does not give."""
    return [f"{inspection['slug']}: {fault}" for fault in _faults(document, inspection, bundle)]


def share(counted: str) -> tuple[int, int]:
    """Return the two numbers of "16 of 24"."""
    yes, relevant = counted.split(" of ")
    return int(yes), int(relevant)


def fact_behind(document: Document, inspection: dict[str, Any], question: KeyQuestion | Prompt) -> str | None:
    """Return the fact that decides whether the question is asked in this inspection, or None if it always is."""
    rule = inspection.get("applicability", {}).get(question.code, question.applies_when)
    return next(known.fact for known in document.applicability if known.code == rule)


def value_of(answer: Any) -> Any:
    """Return the bare value of an answer, however the bundle says it."""
    return answer["value"] if isinstance(answer, dict) else answer


def _faults(document: Document, inspection: dict[str, Any], bundle: dict[str, Any]) -> Iterator[str]:
    for sample, given in inspection["samples"].items():
        cases = [case for case in bundle["cases"] if case["sample"] == sample]
        references = {case["reference"] for case in cases}
        yield from _differs(f"{sample} cases", len(references), given["cases"])
        yield from _differs(f"{sample} disposals", Counter(case["disposal"] for case in cases), given["disposals"])
        if "offences" in given:
            yield from _differs(f"{sample} offences", Counter(case["offence"] for case in cases), given["offences"])
        if "aged_11_to_13" in given:
            held = sum(11 <= case["age"] <= 13 for case in cases)
            yield from _differs(f"{sample} cases aged 11 to 13", held, given["aged_11_to_13"])
        for fact, wanted in given["facts"].items():
            held = sum(case["facts"][fact] for case in cases)
            yield from _differs(
                f"{sample} cases with {fact}", held, wanted if isinstance(wanted, int) else wanted["cases"]
            )
        for code, wanted in given["key_questions"].items():
            yield from _key_question(document, inspection, document.key_questions[code], cases, wanted)
        for code, wanted in given["prompts"].items():
            yield from _differs(code, _counted(cases, code), wanted["counted"])
        for code, wanted in given.get("case_questions", {}).items():
            yield from _differs(code, Counter(_said(case["answers"].get(code)) for case in cases), wanted)


def _key_question(
    document: Document,
    inspection: dict[str, Any],
    question: KeyQuestion,
    cases: list[dict[str, Any]],
    wanted: dict[str, Any],
) -> Iterator[str]:
    yes, relevant = share(wanted["counted"])
    yield from _differs(question.code, _counted(cases, question.code), wanted["counted"])
    yield from _differs(f"{question.code} per cent", (200 * yes + relevant) // (2 * relevant), wanted["percent"])
    fact = fact_behind(document, inspection, question)
    codes = [question.code, *(f"{question.code}.{prompt.code}" for prompt in question.prompts)]
    for case in cases:
        where = f"{case['reference']} {question.code}"
        answer = case["answers"].get(question.code)
        proposed = fact is None or case["facts"][fact]
        asked = proposed or (isinstance(answer, dict) and "asked_because" in answer)
        answered = [code for code in codes if code in case["answers"]]
        yield from _differs(f"{where}, answered", answered, codes if asked else [])
        reason = answer.get("reason") if isinstance(answer, dict) else None
        if value_of(answer) == NOT_APPLICABLE and reason not in document.not_applicable_reasons:
            yield f"{where} is not applicable without one of the document's reasons."


def _counted(cases: list[dict[str, Any]], code: str) -> str:
    counts = Counter(value_of(case["answers"].get(code)) for case in cases)
    return f"{counts[YES]} of {counts[YES] + counts[NO]}"


def _differs(what: str, got: Any, wanted: Any) -> Iterator[str]:
    if got != wanted:
        yield f"{what}: the bundle gives {_plain(got)}, published.yaml wants {_plain(wanted)}."


def _said(answer: Any) -> Any:
    return ", ".join(answer) if isinstance(answer, list) else answer


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {number}" for key, number in sorted(value.items(), key=str))
    return ", ".join(value) or "nothing" if isinstance(value, list) else str(value)
