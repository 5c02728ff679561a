"""What is asked in every case, whatever the standards: those of the document, a notebook, and who was interviewed.

Pure: no database. The codes are reserved in `standards.checks`. These questions are never rated, never counted, and never
hold a case up.
"""

from django.urls import reverse

from cases.came_from import carried
from cases.pages import Page, answer_in_words
from standards.checks import INTERVIEW_PAGE
from standards.document import Question, Standard


def _text(code, text, guidance):
    return Question(code, "case_question", "text", text, INTERVIEW_PAGE, "", (), "always", guidance)


HOUSE_QUESTIONS = {
    question.code: question
    for question in (
        _text(
            "notebook",
            "Notebook",
            "One for the whole case: whatever you note while you read. The team can read it, and it counts nowhere.",
        ),
        _text("interview_slot", "What else is arranged for the interview?", "Such as where it is, and who joins it."),
        _text("interview_others", "Who else was interviewed?", "Say what they are in the case, not their names."),
    )
}

PAGE = Page(
    Standard(
        INTERVIEW_PAGE,
        "Notebook and interview",
        "What you note while you read, who is interviewed, and what is to be asked there.",
        "judgement",
    ),
    facts=(),
    parts=(),
    unrated=tuple(HOUSE_QUESTIONS.values()),
)


def questions_of(document, sample):
    """Return every question of a case of that sample by code: the document's own, then those of every case."""
    return document.questions(sample) | HOUSE_QUESTIONS


def page_url(case, standard):
    """Return the address of a page of a case."""
    if standard == INTERVIEW_PAGE:
        return reverse("cases:interview", args=[case.public_id])
    return reverse("cases:form", args=[case.public_id, standard])


def name_of(case, question):
    """Return what people call a question of a case: its number, or its words where it has none."""
    return question.code if question.kind == "rated" else f"“{case.inspection.worded(question.text)}”"


def question_url(case, question, came_from=""):
    """Return the address of a question on its page; `came_from` is as in `cases.came_from`."""
    return f"{carried(page_url(case, question.standard), came_from)}#question-{question.code}"


def page_title(case, standard):
    """Return the title of a page of a case, with its number where it has one."""
    if standard == INTERVIEW_PAGE:
        return PAGE.standard.title
    return f"{standard} {case.inspection.worded(case.document.standards[standard].title)}"


def record_of(case, rows):
    """Return the document's own questions about the interview, as links with their answers."""
    return [
        {
            "text": case.inspection.worded(question.text),
            "answer": answer_in_words(case, question, rows[question.code].value),
            "url": question_url(case, question),
        }
        for question in case.questions.values()
        if question.about == "interview"
    ]


def sheet_of(case, rows):
    """Return what is to be asked at interview, in the order of the form: each question with its answer and note so far."""
    return [
        {
            "code": question.code,
            "rated": question.kind == "rated",
            "text": case.inspection.worded(question.text),
            "page": page_title(case, question.standard),
            "answer": answer_in_words(case, question, rows[question.code].value),
            "row": rows[question.code],
            "url": question_url(case, question),
        }
        for question in case.questions.values()
        if rows[question.code].at_interview
    ]
