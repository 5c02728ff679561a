"""Which questions of a case are asked. Pure: facts and reasons in, codes out.

Source: the rules page, "Which questions are asked". The facts propose; a fact not yet established leaves its
questions asked, so that nothing drops out by omission; a reason to ask overrules the facts. Only the key question
decides: its prompts are asked when it is.
"""


def holds(document, fact_code, value, disposal):
    """Return whether a fact is true, false or (None) not established. `value` is the answer given, or None."""
    if value is not None:
        return value == "true"
    fact = next(fact for fact in document.facts if fact.code == fact_code)
    return True if disposal in fact.true_for else None


def applicability_of(document, overrides, key_question):
    """Return the rule that proposes a key question, the inspection's override first."""
    code = overrides.get(key_question.code, key_question.applies_when)
    return next(rule for rule in document.applicability if rule.code == code)


def proposed(document, overrides, key_question, facts, disposal):
    """Return whether the facts propose a key question. `facts` maps fact codes to the answers given."""
    rule = applicability_of(document, overrides, key_question)
    if rule.fact is None:
        return True
    return holds(document, rule.fact, facts.get(rule.fact), disposal) is not False


def asked_questions(document, overrides, sample, facts, asked_because, disposal):
    """Return the codes of the rated questions that are asked: key questions and the prompts of each.

    `asked_because` maps key questions to the inspector's reason for asking in spite of the facts.
    """
    asked = set()
    for standard in document.domain_of_sample(sample).standards:
        for held in standard.key_questions:
            if asked_because.get(held.code) or proposed(document, overrides, held, facts, disposal):
                asked.add(held.code)
                asked.update(f"{held.code}.{prompt.code}" for prompt in held.prompts)
    return asked
