"""What "Check these answers" points out. Pure: answers in, sentences out; nothing is corrected, and nothing is held up."""

from cases.asked import holds
from cases.instrument import name_of
from cases.pages import pages_of
from standards.document import NO, YES


def points_of(case, rows):
    """Return what is worth a second look as [(question code, sentence)], in the order of the form, then odd facts.

    `rows` are the answers of the case by question. What is not asked is left out.
    """
    points = []
    for page in pages_of(case.document, case.sample).values():
        for part in page.parts:
            if rows[part.key_question.code].asked:
                points += _of_key_question(part, rows)
        points += [
            (code, f"{name_of(case, question)} is still to be asked at interview.")
            for code, question in page.questions.items()
            if rows[code].at_interview and rows[code].asked
        ]
    return points + _odd_pairs(case, rows)


def _of_key_question(part, rows):
    code = part.key_question.code
    row = rows[code]
    answers = {rows[prompt.code].value for prompt in part.prompts if rows[prompt.code].value in (YES, NO, None)}
    if answers == {NO} and row.value == YES:
        yield code, f"{code} is answered Yes, and every prompt that applies No."
    if answers == {YES} and row.value == NO:
        yield code, f"{code} is answered No, and every prompt that applies Yes."
    if row.reason_awaited:
        yield code, f"{code} is not applicable, and the reason is still to come."
    if row.value is not None and not row.note.strip():
        yield code, f"{code} has no evidence note."


def _odd_pairs(case, rows):
    def fact(code):
        return holds(case.document, code, rows[code].value, case.disposal)

    return [
        (pair.if_true, case.inspection.worded(pair.sentence))
        for pair in case.document.odd_pairs
        if {pair.if_true, pair.if_false} <= rows.keys() and fact(pair.if_true) is True and fact(pair.if_false) is False
    ]
