"""The youth offending standards of 2018, as they ship."""

import re

import pytest

from standards.reader import load

YOUTH = load("youth-2018")
PROMPTS = [
    (question, prompt)
    for standard in YOUTH.standards.values()
    for question in standard.key_questions
    for prompt in question.prompts
]


def test_there_are_three_domains_of_four_standards():
    assert [(domain.code, domain.title, domain.sample) for domain in YOUTH.domains] == [
        ("1", "Organisational delivery", None),
        ("2", "Court disposals", "court"),
        ("3", "Out-of-court disposals", "out_of_court"),
    ]
    assert list(YOUTH.standards) == [f"{domain}.{number}" for domain in "123" for number in "1234"]
    assert all(standard.counts_in_total for standard in YOUTH.standards.values())
    assert YOUTH.maximum == 36


def test_organisational_delivery_is_judged_and_the_rest_counted():
    methods = {code: standard.method for code, standard in YOUTH.standards.items()}
    assert {code for code, method in methods.items() if method == "judgement"} == {"1.1", "1.2", "1.3", "1.4"}
    assert {code for code, method in methods.items() if method == "percentage"} == set(methods) - {
        "1.1", "1.2", "1.3", "1.4",
    }  # fmt: skip


def test_there_are_37_key_questions_and_150_prompts():
    per_domain = [sum(len(standard.key_questions) for standard in domain.standards) for domain in YOUTH.domains]
    assert per_domain == [14, 12, 11]
    assert len(YOUTH.key_questions) == 37
    assert len(PROMPTS) == 150


@pytest.mark.parametrize(("sample", "rated", "facts", "unrated"), [("court", 64, 5, 24), ("out_of_court", 55, 4, 21)])
def test_what_a_case_is_asked(sample, rated, facts, unrated):
    questions = YOUTH.questions(sample).values()
    assert sum(question.kind == "rated" for question in questions) == rated
    assert sum(question.role == "fact" for question in questions) == facts
    assert sum(question.role == "case_question" for question in questions) == unrated


@pytest.mark.parametrize(
    ("code", "terms", "words"),
    [
        (
            "1.1",
            {},
            "The governance and leadership of the YOT supports and promotes the delivery of a high-quality, "
            "personalised and responsive service for all children and young people.",
        ),
        (
            "1.4",
            {"children": "children"},
            "Timely and relevant information is available and appropriate facilities are in place to support a "
            "high-quality, personalised and responsive approach for all children.",
        ),
        (
            "2.1",
            {},
            "Assessment is well-informed, analytical and personalised, actively involving the child or young person "
            "and their parents/carers.",
        ),
        (
            "2.3",
            {},
            "High-quality, well-focused, personalised and coordinated services are delivered, engaging and assisting "
            "the child or young person.",
        ),
        (
            "2.4",
            {"child": "child"},
            "Reviewing of progress is well-informed, analytical and personalised, actively involving the child and "
            "their parents/carers.",
        ),
        (
            "3.4",
            {},
            "Joint working with the police supports the delivery of high-quality, personalised and coordinated "
            "services.",
        ),
    ],
)
def test_statements_stand_in_their_published_words(code, terms, words):
    assert YOUTH.worded(YOUTH.standards[code].statement, terms) == words


@pytest.mark.parametrize(
    ("code", "terms", "words"),
    [
        (
            "1.3.1",
            {"service": "YOS"},
            "Is there a sufficiently comprehensive and up-to-date analysis of the profile of children and young "
            "people, to ensure that the YOS can deliver well-targeted services?",
        ),
        (
            "1.4.2",
            {},
            "Does the YOT's delivery environment(s) meet the needs of all children and young people and enable staff "
            "to deliver a quality service?",
        ),
        ("2.1.2", {}, "Does assessment sufficiently analyse how to keep the child or young person safe?"),
        ("2.2.1", {"child": "child"}, "Does planning focus sufficiently on supporting the child's desistance?"),
        (
            "2.3.1",
            {},
            "Does the implementation and delivery of services effectively support the child or young person's "
            "desistance?",
        ),
        ("2.4.3", {}, "Does reviewing focus sufficiently on keeping other people safe?"),
        ("3.3.2", {}, "Does service delivery effectively support the safety of the child or young person?"),
        (
            "3.4.1",
            {},
            "Are the YOT's recommendations sufficiently well-informed, analytical and personalised to the child or "
            "young person, supporting joint decision-making?",
        ),
        (
            "3.4.2",
            {},
            "Does the YOT work effectively with the police in implementing the out-of-court disposal?",
        ),
    ],
)
def test_key_questions_stand_in_their_published_words(code, terms, words):
    assert YOUTH.worded(YOUTH.key_questions[code].text, terms) == words


def test_the_bands():
    assert [(band.code, band.score, band.minimum, band.maximum, band.phrase) for band in YOUTH.bands] == [
        ("inadequate", 0, 0, 49, "Minority"),
        ("requires_improvement", 1, 50, 64, "Too few"),
        ("good", 2, 65, 79, "Reasonable majority"),
        ("outstanding", 3, 80, 100, "Large majority"),
    ]
    assert [(band.rating, band.minimum, band.maximum) for band in YOUTH.overall_bands] == [
        ("inadequate", 0, 6),
        ("requires_improvement", 7, 18),
        ("good", 19, 30),
        ("outstanding", 31, 36),
    ]


def test_only_a_raise_within_five_points_is_open():
    discretion = YOUTH.discretion
    assert (discretion.margin, discretion.directions) == (5, ("raise",))
    assert (discretion.one_case, discretion.few_cases) == (False, None)


def test_the_samples():
    court, out_of_court = YOUTH.samples
    assert (court.code, court.share, court.window_months) == ("court", 0.6, (6, 9))
    assert (out_of_court.code, out_of_court.share, out_of_court.window_months) == ("out_of_court", 0.4, (3, 5))
    assert {disposal.code: disposal.group for disposal in court.disposals} == {
        "referral_order": "community",
        "youth_rehabilitation_order": "community",
        "youth_rehabilitation_order_with_iss": "community",
        "reparation_order": "community",
        "detention_and_training_order_custody": "custodial",
        "detention_and_training_order_licence": "custodial",
        "longer_custody": "custodial",
    }
    assert [disposal.code for disposal in out_of_court.disposals] == [
        "youth_caution",
        "youth_conditional_caution",
        "community_resolution",
        "other_out_of_court",
    ]
    assert (YOUTH.sampling.confidence, YOUTH.sampling.margin_of_error) == (0.8, 5)
    assert YOUTH.sampling.stratify_by == ("sex", "disposal", "harm_classification", "safety_classification")


def test_which_fact_stands_behind_which_rule():
    assert {rule.code: rule.fact for rule in YOUTH.applicability if not rule.prompts_only} == {
        "always": None,
        "safety_wellbeing_factors": "safety_factors",
        "risk_of_harm_factors": "harm_factors",
        "desistance_review_required": "review_required",
        "safety_wellbeing_changes": "safety_changes",
        "risk_of_harm_changes": "harm_changes",
        "yot_recommendation_opportunity": "recommendation_opportunity",
        "ycc_or_police_reporting_required": "police_reporting_required",
    }
    assert {rule.code for rule in YOUTH.applicability if rule.prompts_only} == {
        "victim_identifiable",
        "other_agencies_relevant",
        "structural_barriers_present",
        "non_compliance_occurred",
    }


def test_when_each_key_question_is_asked():
    proposed = {code: question.applies_when for code, question in YOUTH.key_questions.items()}
    assert {code: rule for code, rule in proposed.items() if rule != "always"} == {
        "2.2.2": "safety_wellbeing_factors",
        "2.2.3": "risk_of_harm_factors",
        "2.3.2": "safety_wellbeing_factors",
        "2.3.3": "risk_of_harm_factors",
        "2.4.1": "desistance_review_required",
        "2.4.2": "safety_wellbeing_changes",
        "2.4.3": "risk_of_harm_changes",
        "3.2.2": "safety_wellbeing_factors",
        "3.2.3": "risk_of_harm_factors",
        "3.3.2": "safety_wellbeing_factors",
        "3.3.3": "risk_of_harm_factors",
        "3.4.1": "yot_recommendation_opportunity",
        "3.4.2": "ycc_or_police_reporting_required",
    }


def test_where_each_fact_is_judged():
    assert {fact.code: fact.asked_on for fact in YOUTH.facts} == {
        "safety_factors": ("2.1", "3.1"),
        "harm_factors": ("2.1", "3.1"),
        "review_required": ("2.4",),
        "safety_changes": ("2.4",),
        "harm_changes": ("2.4",),
        "recommendation_opportunity": ("3.4",),
        "police_reporting_required": ("3.4",),
    }
    assert {fact.code: fact.true_for for fact in YOUTH.facts if fact.true_for} == {
        "police_reporting_required": ("youth_conditional_caution",)
    }


@pytest.mark.parametrize("sample", ["court", "out_of_court"])
def test_a_fact_is_judged_on_or_before_the_page_of_the_questions_it_proposes(sample):
    questions = list(YOUTH.questions(sample).values())
    facts = {rule.code: rule.fact for rule in YOUTH.applicability}
    order = [question.code for question in questions]
    for question in questions:
        fact = facts[question.applies_when] if question.role == "key_question" else None
        assert fact is None or order.index(fact) < order.index(question.code)


def test_every_unrated_question_is_there():
    kinds = {question.code: question.kind for question in YOUTH.case_questions}
    assert {code.split(".")[0] for code in kinds} == {f"SUP{number}" for number in range(1, 12)}
    assert {code for code, kind in kinds.items() if kind == "choices"} == {"SUP5", "SUP7"}
    assert {code for code, kind in kinds.items() if kind == "text"} == {
        "SUP9.why_not",
        "SUP11.narrative",
        "SUP11.good_practice",
        "SUP11.extract",
    }


def test_questions_about_an_alert_and_an_interview():
    about = {asked.code: (asked.about, asked.alert_when) for asked in YOUTH.case_questions if asked.about}
    assert about == {"SUP9": ("interview", ()), "SUP10": ("alert", ("individual_alert",))}
    assert YOUTH.questions("court")["SUP10"].about == "alert"
    assert YOUTH.questions("court")["2.1.1"].about == ""


def test_not_applicable_reasons():
    assert YOUTH.not_applicable_reasons == (
        "not yet due",
        "order or disposal ended early or transferred",
        "delivery had not started",
        "no opportunity to do this",
        "other (say what)",
    )


def test_prompts_are_lettered_from_a_and_each_is_one_question():
    for question in YOUTH.key_questions.values():
        assert "".join(prompt.code for prompt in question.prompts) == "abcdefgh"[: len(question.prompts)]
    for _, prompt in PROMPTS:
        assert prompt.text.count("?") == 1
        assert prompt.text.endswith("?")


def test_words_that_vary_stand_in_braces_everywhere():
    fixed = re.compile(
        r"\b(YOT|YOS|YJS|young pe(rson|ople)|child\b(?! protection| in need)|children\b(?!'s social| in care))"
    )
    texts = [standard.statement for standard in YOUTH.standards.values()]
    texts += [question.text for question in YOUTH.key_questions.values()]
    texts += [prompt.text for _, prompt in PROMPTS]
    texts += [asked.text + " " + asked.guidance for asked in (*YOUTH.facts, *YOUTH.case_questions)]
    for text in texts:
        assert not fixed.search(re.sub(r"\{\w+\}", "", text)), text


def test_the_licence_of_the_published_words_is_acknowledged():
    assert "Crown copyright" in YOUTH.licence
    assert "Open Government Licence v3.0" in YOUTH.licence
