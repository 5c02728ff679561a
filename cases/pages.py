"""What stands on which page of a case, how far each has come, and how answers read. Pure: no database, no HTML.

Everything follows from the standards document: one page per standard, its facts first, then each key question after its
prompts, then what is not rated.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from cases.answers import shown_value
from cases.asked import applicability_of, holds
from standards.document import Question, Standard


@dataclass(frozen=True)
class Part:
    """A key question with the prompts that lead up to it."""

    key_question: Question
    prompts: tuple[Question, ...]

    @property
    def questions(self):
        """The questions in the order of the form, the key question last."""
        return (*self.prompts, self.key_question)


@dataclass(frozen=True)
class Page:
    """One page of the case form: what is judged and answered there."""

    standard: Standard
    facts: tuple[Question, ...]
    parts: tuple[Part, ...]
    unrated: tuple[Question, ...]

    @cached_property
    def questions(self):
        """Every question of the page by code, in the order of the form."""
        rated = [question for part in self.parts for question in part.questions]
        return {question.code: question for question in (*self.facts, *rated, *self.unrated)}


@dataclass(frozen=True)
class Progress:
    """How far a page has come: `answered` of the `asked` rated questions, and what else is awaited.

    `started` says whether anything was ever given on it. `reasons` are the key questions that are not applicable and
    await their reason; `facts` those that are not established.
    """

    answered: int
    asked: int
    started: bool
    reasons: tuple[Question, ...] = ()
    facts: tuple[Question, ...] = ()

    @property
    def done(self):
        """Whether nothing is awaited."""
        return self.answered == self.asked and not self.facts


def pages_of(document, sample):
    """Return the pages of a case of that sample by standard, in printed order."""
    by_page = {}
    for question in document.questions(sample).values():
        by_page.setdefault(question.standard, []).append(question)
    return {code: _page(document.standards[code], questions) for code, questions in by_page.items()}


def _page(standard, questions):
    def in_role(role):
        return tuple(question for question in questions if question.role == role)

    parts = tuple(
        Part(held, tuple(prompt for prompt in in_role("prompt") if prompt.key_question == held.code))
        for held in in_role("key_question")
    )
    return Page(standard, in_role("fact"), parts, in_role("case_question"))


def progress_of(case, page, rows):
    """Return the `Progress` of a page. `rows` are the answers of the case by question."""
    rated = [question for part in page.parts for question in part.questions if rows[question.code].asked]
    reasons = tuple(
        question for question in rated if question.role == "key_question" and rows[question.code].reason_awaited
    )
    answered = sum(rows[question.code].value is not None for question in rated) - len(reasons)
    return Progress(
        answered=answered,
        asked=len(rated),
        started=any(rows[code].version for code in page.questions),
        reasons=reasons,
        facts=tuple(fact for fact in page.facts if not established(case, fact, rows[fact.code])),
    )


def established(case, fact, row):
    """Return whether a fact of a case is known: by its answer, or by the disposal alone."""
    return holds(case.document, fact.code, row.value, case.disposal) is not None


def open_prompts(page, rows):
    """Return the prompts of a page that are asked and not answered yet."""
    prompts = [prompt for part in page.parts for prompt in part.prompts]
    return [prompt for prompt in prompts if rows[prompt.code].asked and rows[prompt.code].value is None]


def not_asked(case, part, rows):
    """Return what a page says of a key question that the facts leave out: when it is asked, the fact, what is kept."""
    held = case.document.key_questions[part.key_question.code]
    rule = applicability_of(case.document, case.inspection.applicability, held)
    fact = case.questions[rule.fact]
    return {
        "key_question": part.key_question,
        "not_asked": True,
        "text": case.inspection.worded(part.key_question.text),
        "when": case.inspection.worded(rule.meaning),
        "fact": case.inspection.worded(fact.text),
        "fact_code": fact.code,
        "fact_page": fact.standard,
        "fact_answer": answer_in_words(case, fact, rows[fact.code].value),
        "kept": [
            answered(case, question, rows[question.code])
            for question in part.questions
            if rows[question.code].value is not None or rows[question.code].note
        ],
    }


def gated_by(case, fact):
    """Return the codes of the key questions of a case that depend on a fact."""
    return [
        held.code
        for standard in case.document.domain_of_sample(case.sample).standards
        for held in standard.key_questions
        if applicability_of(case.document, case.inspection.applicability, held).fact == fact.code
    ]


def applies_hint(case, question):
    """Return when a prompt applies, in plain words, where that is narrower than its key question; else ""."""
    if question.role != "prompt" or question.applies_when == "always":
        return ""
    if question.applies_when == case.document.key_questions[question.key_question].applies_when:
        return ""
    rule = next(rule for rule in case.document.applicability if rule.code == question.applies_when)
    return f"Applies {case.inspection.worded(rule.meaning)}."


def answer_in_words(case, question, value):
    """Return a stored value as people read it, in the inspection's own terms."""
    shown = shown_value(question, value)
    return shown if question.kind == "text" else case.inspection.worded(shown)


def answered(case, question, row):
    """Return a question and its answer as a page shows them to who may not change them."""
    return {
        "code": question.code,
        "rated": question.kind == "rated",
        "key": question.role == "key_question",
        "text": case.inspection.worded(question.text),
        "answer": answer_in_words(case, question, row.value),
        "row": row,
    }


def answers_of(case, page, rows, histories, queries):
    """Return a page as plain answers: its facts, its key questions after their prompts, and what is not rated.

    `histories` holds, by question, the HTML that says who gave which answer when; `queries` what is asked about it.
    """

    def shown(questions):
        return [
            answered(case, question, rows[question.code])
            | {"history": histories.get(question.code), "queries": queries.get(question.code, [])}
            for question in questions
        ]

    return {
        "facts": shown(page.facts),
        "parts": [
            {"key_question": part.key_question, "questions": shown(part.questions)}
            if rows[part.key_question.code].asked
            else not_asked(case, part, rows) | {"queries": queries.get(part.key_question.code, [])}
            for part in page.parts
        ],
        "unrated": shown(page.unrated),
    }


def profile_of(case):
    """Return what is known of a case beforehand, as [(label, words)] in the document's order."""
    return [
        (case.inspection.worded(field.label), _profile_words(case, field, case.profile[field.code]))
        for field in case.document.profile
        if case.profile.get(field.code) not in (None, "", [])
    ]


def _profile_words(case, field, value):
    if field.kind == "date":
        return f"{date.fromisoformat(value):%-d %B %Y}"
    labels = {option.code: case.inspection.worded(option.label) for option in field.options}
    values = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(item, str(item)) for item in values)
