"""Invents the cases of one sample, so that they add up to what the report prints and states.

Chance decides only what no report says, and always in the same way: `luck` depends on names alone.
"""

import random
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from inspections.examples.recount import fact_behind, share
from standards.document import NO, NOT_APPLICABLE, YES, Document, KeyQuestion, Prompt, Question

# The service's classification of a case: which fact it classifies, and which question asks whether it was right.
CLASSIFICATIONS = {"harm_classification": ("harm_factors", "SUP1"), "safety_classification": ("safety_factors", "SUP2")}
LEVELS = ["low", "medium", "high", "very_high"]


class DoesNotFit(Exception):
    """What published.yaml says of a sample does not add up. The message is a sentence."""


def luck(*names: str) -> float:
    """Return a number from 0 up to 1 that depends on these names alone."""
    return random.Random("/".join(names)).random()  # noqa: S311  # invented answers, nothing secret


class InventedSample:
    """The invented cases of one sample of one inspection, as published.yaml describes it."""

    def __init__(self, document: Document, published: dict[str, Any], inspection: dict[str, Any], code: str) -> None:
        self.document = document
        self.inspection = inspection
        self.code = code
        self.given = inspection["samples"][code]
        self.usual_hints = published["hints"]
        self.possible_notes = published["notes"]
        self.questions = document.questions(code)
        self.references = [f"{code[0].upper()}{number:02}" for number in range(1, self.given["cases"] + 1)]

    def cases(self) -> list[dict[str, Any]]:
        """Return the cases as the bundle holds them, in order of reference."""
        answers = self._answers()
        cases = []
        for reference in self.references:
            case = {
                "reference": reference,
                "sample": self.code,
                "disposal": self.disposals[reference],
                **self._profile(reference),
                "status": "submitted",
                "facts": {fact: reference in holders for fact, holders in self.facts.items()},
                "answers": {code: given[reference] for code, given in answers.items() if reference in given},
            }
            if reference in self.notes:
                case["notes"] = self.notes[reference]
            cases.append(case)
        return cases

    # What is known of a case beforehand

    @cached_property
    def disposals(self) -> dict[str, str]:
        """The disposal of each case."""
        return self._dealt("disposal", self.given["disposals"])

    @cached_property
    def _sexes(self) -> dict[str, str]:
        girls = self._percent_of_cases(self.inspection["caseload"]["female"])
        return self._dealt("sex", {"female": girls, "male": len(self.references) - girls})

    @cached_property
    def _ages(self) -> dict[str, int]:
        younger = self._percent_of_cases(self.inspection["caseload"]["under_15"])
        youngest = self.given.get("aged_11_to_13")
        ages = {}
        for place, reference in enumerate(self._in_order("age")):
            years = int(3 * self._luck(reference, "years"))
            if place >= younger:
                ages[reference] = 15 + years
            elif youngest is None:
                ages[reference] = 12 + years
            else:
                ages[reference] = 11 + years if place < youngest else 14
        return ages

    def _profile(self, reference: str) -> dict[str, Any]:
        profile: dict[str, Any] = {
            "disposal_date": self._disposal_date(reference),
            "age": self._ages[reference],
            "sex": self._sexes[reference],
        }
        if "offences" in self.given:
            profile["offence"] = self._dealt("offence", self.given["offences"])[reference]
        for field, (fact, question) in CLASSIFICATIONS.items():
            profile[field] = self._classification(reference, fact, question)
        profile["victim"] = YES if reference in self._hinted("victim_identifiable") else NO
        return profile

    def _disposal_date(self, reference: str) -> str:
        """A weekday in the sample's window before fieldwork."""
        fieldwork = date.fromisoformat(self.inspection["fieldwork_started"])
        nearest, furthest = self.document.sample(self.code).window_months
        first, last = _months_before(fieldwork, furthest), _months_before(fieldwork, nearest)
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        weekdays = [day for day in days if day.weekday() < 5]
        return weekdays[int(len(weekdays) * self._luck(reference, "disposal_date"))].isoformat()

    def _classification(self, reference: str, fact: str, question: str) -> str:
        """What the service made of the case: the inspector's own level, moved by how far they disagreed."""
        view = "agree"
        if question in self.case_questions:
            view = self.case_questions[question][reference]
        if view == "not_classified":
            return view
        chance = self._luck(reference, f"{fact} level")
        level = (reference in self.facts[fact]) * (1 + (chance > 0.7) + (chance > 0.96))
        level += {"agree": 0, "too_low": -1, "too_high": 1}[view]
        return LEVELS[min(max(level, 0), len(LEVELS) - 1)]

    # What the inspector says of it

    @cached_property
    def facts(self) -> dict[str, set[str]]:
        """The cases in which each fact holds."""
        facts: dict[str, set[str]] = {}
        for fact in self.document.facts:
            if fact.code not in self.questions:
                continue
            given = self.given["facts"][fact.code]
            wanted = given if isinstance(given, dict) else {"cases": given}
            able = set(facts[wanted["among"]] if "among" in wanted else self.references) - set(wanted.get("not", ()))
            ordered = [reference for reference in self._in_order(fact.code) if reference in able]
            ordered.sort(key=lambda reference: self.disposals[reference] not in fact.true_for)
            facts[fact.code] = set(ordered[: wanted["cases"]])
        return facts

    @cached_property
    def key_answers(self) -> dict[str, dict[str, str]]:
        """The answers to each key question, in the cases in which it is asked."""
        return {
            question.code: self._key_answers(self.document.key_questions[question.code])
            for question in self.questions.values()
            if question.role == "key_question"
        }

    def _key_answers(self, question: KeyQuestion) -> dict[str, str]:
        given = self.given["key_questions"][question.code]
        fact = fact_behind(self.document, self.inspection, question)
        asked = set(self.references if fact is None else self.facts[fact]) | set(given.get("asked_because", ()))
        without = set(given.get("not_applicable", ()))
        yes = self._best(asked - without, question.code, share(given["counted"])[0])
        return {
            reference: NOT_APPLICABLE if reference in without else YES if reference in yes else NO
            for reference in sorted(asked)
        }

    @cached_property
    def case_questions(self) -> dict[str, dict[str, str]]:
        """The answers to the unrated questions of which the report gives figures."""
        return {code: self._dealt(code, counts) for code, counts in self.given.get("case_questions", {}).items()}

    @cached_property
    def notes(self) -> dict[str, dict[str, str]]:
        """A few short notes by case and key question, for either answer alike."""
        notes: dict[str, dict[str, str]] = {}
        for code, by_answer in self.possible_notes.items():
            for answer, note in by_answer.items():
                if luck(self.inspection["slug"], "note", code, answer) > 0.4:
                    continue
                answers = self.key_answers.get(code, {})
                fitting = [
                    reference for reference in self._in_order(f"note {code}") if answers.get(reference) == answer
                ]
                if fitting:
                    notes.setdefault(fitting[0], {})[code] = note
        return notes

    def _answers(self) -> dict[str, dict[str, Any]]:
        """Every answer by question, in the order of the case form, and by case."""
        answers: dict[str, dict[str, Any]] = {}
        for question in self.questions.values():
            if question.role == "key_question":
                answers[question.code] = self._said(question)
            elif question.role == "prompt":
                answers[question.code] = self._prompt_answers(question)
            elif question.code in self.case_questions:
                dealt = self.case_questions[question.code]
                several = question.kind == "choices"
                answers[question.code] = {case: [value] if several else value for case, value in dealt.items()}
        return answers

    def _said(self, question: Question) -> dict[str, Any]:
        """The answers to a key question as a bundle says them: with a reason where the format wants one."""
        given = self.given["key_questions"][question.code]
        said: dict[str, Any] = dict(self.key_answers[question.code])
        for reference, reason in given.get("not_applicable", {}).items():
            said[reference] = {"value": said[reference], "reason": reason}
        for reference, reason in given.get("asked_because", {}).items():
            said[reference] = {"value": said[reference], "asked_because": reason}
        return said

    def _prompt_answers(self, question: Question) -> dict[str, str]:
        held = self.document.key_questions[question.key_question]
        prompt = next(prompt for prompt in held.prompts if question.code == f"{held.code}.{prompt.code}")
        answered = self.key_answers[held.code]
        judged = {reference for reference, value in answered.items() if value != NOT_APPLICABLE}
        suited = self._suited(held, prompt, judged)
        if question.code in self.given["prompts"]:
            yes, relevant = share(self.given["prompts"][question.code]["counted"])
        else:
            relevant = len(suited)
            yes = self._usual_yes(question, relevant)
        # One order for each hint, so that the prompts of a case agree on whether there was a victim.
        ordered = sorted(
            judged, key=lambda reference: (reference not in suited, self._luck(reference, prompt.applies_when))
        )
        among = set(ordered[:relevant])
        said_yes = self._best(among, question.code, yes)
        return {
            reference: YES if reference in said_yes else NO if reference in among else NOT_APPLICABLE
            for reference in answered
        }

    def _suited(self, held: KeyQuestion, prompt: Prompt, judged: set[str]) -> set[str]:
        """The cases among `judged` for which the prompt is relevant by its own hint."""
        if prompt.applies_when in self.usual_hints:
            return judged & self._hinted(prompt.applies_when)
        fact = fact_behind(self.document, {}, prompt)
        return judged if fact is None or prompt.applies_when == held.applies_when else judged & self.facts[fact]

    def _hinted(self, hint: str) -> set[str]:
        """The cases to which a hint applies: as many as the report states, or the usual share."""
        usual = self._percent_of_cases(self.usual_hints[hint])
        return set(self._in_order(hint)[: self.given.get("hints", {}).get(hint, usual)])

    def _usual_yes(self, question: Question, relevant: int) -> int:
        """About the share of the key question, up to twelve points above or below."""
        percent = self.given["key_questions"][question.key_question]["percent"]
        percent += int(25 * luck(self.inspection["slug"], question.code)) - 12
        return min(relevant, max(0, (2 * percent * relevant + 100) // 200))

    # Chance

    def _best(self, references: set[str], code: str, number: int) -> set[str]:
        return set(sorted(references, key=lambda reference: -self._standing(reference, code))[:number])

    def _standing(self, reference: str, code: str) -> float:
        """How good the work is on one question: the case as a whole, its theme, the key question, and chance.

        Key questions that end alike share a theme (keeping other people safe). A prompt leans on its key
        question and is never settled by it.
        """
        key_question = self.questions[code].key_question
        standing = self._luck(reference, "case") + 0.7 * self._luck(reference, f"theme {key_question[-1]}")
        standing += 0.9 * self._luck(reference, key_question)
        if code == key_question:
            return standing
        leaning = 0.4 * (self.key_answers[key_question][reference] == YES)
        return 0.5 * standing + leaning + 1.5 * self._luck(reference, code)

    def _dealt(self, name: str, counts: dict[str, int]) -> dict[str, str]:
        """Deal out over the cases what was counted."""
        values = [value for value, number in counts.items() for _ in range(number)]
        if len(values) != len(self.references):
            raise DoesNotFit(
                f"{self.inspection['slug']}: {self.code} {name} adds up to {len(values)} of {len(self.references)} cases."
            )
        return dict(zip(self._in_order(name), values, strict=True))

    def _in_order(self, name: str) -> list[str]:
        """The cases in an order of their own for each name."""
        return sorted(self.references, key=lambda reference: self._luck(reference, name))

    def _percent_of_cases(self, percent: int) -> int:
        return (2 * percent * len(self.references) + 100) // 200

    def _luck(self, reference: str, name: str) -> float:
        return luck(self.inspection["slug"], reference, name)


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    return day.replace(year=month // 12, month=month % 12 + 1)
