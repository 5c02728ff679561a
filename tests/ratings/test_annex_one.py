"""The figures of Annex 1 and their sentences, from cases and counts alone."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.sampling import margin_of_error
from inspections.delivery import Methodology
from ratings.annex_one.counted import counts_of
from ratings.annex_one.data import as_data, as_json, as_text
from ratings.annex_one.figures import (
    AnnexOne,
    CountedCase,
    Drawn,
    codes_counted,
    figures_of_draw,
    figures_of_sample,
)
from ratings.annex_one.sentences import sections
from standards import reader

YOUTH = reader.load("youth-2018")
TERMS = {**YOUTH.default_terms, "child": "child", "children": "children", "service": "YJS"}
FIELDWORK = date(2019, 11, 4)
IN_WINDOW = {"court": date(2019, 3, 1), "out_of_court": date(2019, 7, 1)}


def worded(text):
    return YOUTH.worded(text, TERMS)


def case(sample="court", disposal="referral_order", **given):
    return CountedCase(sample, disposal, **{"disposal_date": IN_WINDOW[sample], **given})


def annex_one(cases=(), answers=None, *, drawn=None, hidden=None, document=YOUTH, fieldwork=FIELDWORK, **given):
    """Return an `AnnexOne` of these cases, with the counts of `answers` by sample, question, disposal and value."""
    counted = sum(not held.excluded for held in cases)
    usual = {
        "inspection": "testshire-2019",
        "service": "Testshire",
        "standards": document.code,
        "standards_version": 1,
        "heading": "Annex 1",
        "at": "2019-11-22T10:00:00+00:00",
        "sequence": 7,
        "invented_answers": False,
        "cases": counted,
        "submitted": counted,
        "draw": figures_of_draw(document, drawn, counted, worded=worded) if drawn else None,
        "samples": tuple(
            figures_of_sample(
                document,
                sample,
                cases,
                (answers or {}).get(sample.code, {}),
                worded=worded,
                fieldwork=fieldwork,
                drawn=drawn,
                hidden=(hidden or {}).get(sample.code, ""),
            )
            for sample in document.samples
        ),
        "delivery": "Organisational delivery",
        "methodology": Methodology(),
        "terms": TERMS,
    }
    return AnnexOne(**usual | given)


def said(figures, sample="court"):
    """Return the sentences on one kind of case, or with "" on the sample as a whole, by what they are about."""
    found = {}
    for section in sections(figures):
        if section.sample == sample and section.title != figures.delivery:
            found |= {sentence.about: sentence.text for sentence in section.sentences}
    return found


COMMUNITY, CUSTODIAL = "referral_order", "detention_and_training_order_licence"
CAUTION, CONDITIONAL, RESOLUTION = "youth_caution", "youth_conditional_caution", "community_resolution"


@pytest.mark.parametrize(
    ("sample", "disposals", "size", "looked_at"),
    [
        (
            "court",
            {COMMUNITY: 27, CUSTODIAL: 3},
            "We examined 30 court disposals.",
            "We took a detailed look at 27 community sentences and 3 custodial sentences.",
        ),
        (
            "court",
            {COMMUNITY: 20, CUSTODIAL: 1},
            "We examined 21 court disposals.",
            "We took a detailed look at 20 community sentences and 1 custodial sentence.",
        ),
        (
            "court",
            {CUSTODIAL: 1},
            "We examined 1 court disposal.",
            "We took a detailed look at 1 custodial sentence.",
        ),
        (
            "court",
            {COMMUNITY: 1, CUSTODIAL: 2},
            "We examined 3 court disposals.",
            "We took a detailed look at 2 custodial sentences and 1 community sentence.",
        ),
        (
            "out_of_court",
            {CONDITIONAL: 12, RESOLUTION: 8},
            "We examined 20 out-of-court disposals.",
            "We took a detailed look at 12 youth conditional cautions and 8 community resolutions; there were no youth "
            "cautions and no other out-of-court disposals.",
        ),
        (
            "out_of_court",
            {CONDITIONAL: 9, RESOLUTION: 4, CAUTION: 1, "other_out_of_court": 1},
            "We examined 15 out-of-court disposals.",
            "We took a detailed look at 9 youth conditional cautions, 4 community resolutions, 1 youth caution and 1 other "
            "out-of-court disposal.",
        ),
    ],
)
def test_sizes_and_disposals(sample, disposals, size, looked_at):
    cases = [case(sample, disposal) for disposal, count in disposals.items() for _ in range(count)]
    sentences = said(annex_one(cases), sample)
    assert sentences["size"] == size
    assert sentences["disposals"] == looked_at


def test_nothing_is_said_of_cases_that_are_not_there():
    assert said(annex_one([case()]), "out_of_court") == {"size": "We examined no out-of-court disposals."}
    assert said(annex_one([case()]), "court").keys() == {"size", "disposals"}


@pytest.mark.parametrize(
    ("court", "other", "share"),
    [
        (24, 15, "24 of the 39 cases we examined (62 per cent)"),
        (30, 20, "30 of the 50 cases we examined (60 per cent)"),
        (1, 7, "1 of the 8 cases we examined (13 per cent) was a court case."),
        (5, 0, "5 of the 5 cases we examined (100 per cent)"),
    ],
)
def test_a_share_has_its_count(court, other, share):
    cases = [case() for _ in range(court)] + [case("out_of_court", CAUTION) for _ in range(other)]
    assert said(annex_one(cases))["share"].startswith(share)


@pytest.mark.parametrize(
    ("days", "fieldwork", "ending"),
    [
        ([date(2019, 2, 4), date(2019, 5, 4)], FIELDWORK, "court disposals six to nine months earlier."),
        ([date(2019, 2, 3), date(2019, 5, 4)], FIELDWORK, "who had received court disposals."),
        ([date(2019, 2, 4), date(2019, 5, 5)], FIELDWORK, "who had received court disposals."),
        ([None, date(2019, 5, 4)], FIELDWORK, "who had received court disposals."),
        ([date(2019, 2, 4), date(2019, 5, 4)], None, "who had received court disposals."),
    ],
)
def test_months_are_said_only_where_every_date_is_within(days, fieldwork, ending):
    figures = annex_one([case(disposal_date=day) for day in days], fieldwork=fieldwork)
    assert said(figures)["share"].endswith(ending)
    dates = figures.samples[0].dates
    assert dates.within + dates.outside + dates.not_recorded == len(days)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (
            {"true": 26, "false": 4},
            "In 26 of the 30 court cases, inspectors judged that there were factors related to keeping other people safe.",
        ),
        (
            {"true": 30},
            "In all 30 court cases, inspectors judged that there were factors related to keeping other people safe.",
        ),
        (
            {"false": 30},
            "In none of the 30 court cases, inspectors judged that there were factors related to keeping other people safe.",
        ),
        (
            {"true": 1, "false": 27, None: 2},
            "In 1 of the 30 court cases, inspectors judged that there were factors related to keeping other people safe. "
            "In 2 this is not established yet.",
        ),
        ({None: 30}, None),
        ({}, None),
    ],
)
def test_facts(harm, sentence):
    cases = [case() for _ in range(30)]
    figures = annex_one(cases, {"court": {"harm_factors": {COMMUNITY: harm}}})
    assert said(figures).get("harm_factors") == sentence
    (fact,) = (held for held in figures.samples[0].facts if held.code == "harm_factors")
    assert fact.holds + fact.holds_not + fact.not_established == 30


@pytest.mark.parametrize(
    ("answers", "counts"),
    [
        ({}, (2, 0, 3)),
        ({CONDITIONAL: {None: 2}, CAUTION: {"true": 1}}, (3, 0, 2)),
        ({CONDITIONAL: {"false": 1}}, (1, 1, 3)),
    ],
)
def test_a_disposal_settles_a_fact_until_it_is_answered(answers, counts):
    """As for the questions that are asked and for Annex 2: a youth conditional caution is one the police report on."""
    cases = [*(case("out_of_court", CONDITIONAL) for _ in range(2)), *(case("out_of_court", CAUTION) for _ in range(3))]
    figures = annex_one(cases, {"out_of_court": {"police_reporting_required": answers}})
    facts = {fact.code: (fact.holds, fact.holds_not, fact.not_established) for fact in figures.samples[1].facts}
    assert facts["police_reporting_required"] == counts
    assert facts["harm_factors"] == (0, 0, 5)


def test_facts_are_worded_in_the_terms_of_the_inspection():
    counts = {code: {COMMUNITY: {"true": 1}} for code in codes_counted(YOUTH, "court")}
    sentences = said(annex_one([case()], {"court": counts}))
    assert sentences["safety_factors"] == (
        "In the only court case, inspectors judged that there were factors related to the child's safety and wellbeing."
    )
    assert sentences["harm_changes"].endswith("there was a change in the child's risk of harm to others.")
    assert sentences["review_required"].endswith("a review was due or there was a significant change.")
    # Its rule does not read as a sentence: it is in the table alone.
    counts = {code: {CAUTION: {"true": 1}} for code in codes_counted(YOUTH, "out_of_court")}
    figures = annex_one([case("out_of_court", CAUTION)], {"out_of_court": counts})
    assert "police_reporting_required" not in said(figures, "out_of_court")
    assert [fact.holds for fact in figures.samples[1].facts if fact.code == "police_reporting_required"] == [1]


@pytest.mark.parametrize(
    ("answered", "sentence"),
    [
        ({"yes": 29, "no": 1}, "We interviewed the case manager in 29 of the 30 court cases."),
        ({"yes": 30}, "We interviewed the case manager in all 30 court cases."),
        ({"no": 30}, "We interviewed the case manager in none of the 30 court cases."),
        (
            {"yes": 20, "no": 1, None: 9},
            "We interviewed the case manager in 20 of the 30 court cases. For 9 it is not recorded whether we did.",
        ),
        ({None: 30}, None),
    ],
)
def test_interviews(answered, sentence):
    figures = annex_one([case() for _ in range(30)], {"court": {"SUP9": {COMMUNITY: answered}}})
    assert said(figures).get("interviews") == sentence


@pytest.mark.parametrize(("answer", "where"), [("true", "the only court case"), ("false", "no court case")])
def test_a_sample_of_one(answer, where):
    figures = annex_one([case()], {"court": {"harm_factors": {COMMUNITY: {answer: 1}}}})
    assert said(figures)["harm_factors"].startswith(f"In {where}, inspectors judged")
    assert "share" not in said(figures)


def test_standards_that_ask_about_no_interview():
    document = replace(YOUTH, case_questions=tuple(held for held in YOUTH.case_questions if held.about != "interview"))
    figures = annex_one([case()], document=document)
    assert figures.samples[0].interviews is None
    assert "interviews" not in said(figures)


def test_cases_that_were_excluded_and_replaced():
    cases = [
        *(case() for _ in range(4)),
        case(has_file=False),
        case(excluded="Conflict of interest", excluded_as="conflict"),
        case(excluded="Not eligible", excluded_as="not_eligible", has_file=False, replaced=True),
        case(excluded="Not eligible", excluded_as="not_eligible", replaced=True),
        case(excluded="A word of one's own."),
    ]
    figures = annex_one(cases)
    sentences = said(figures)
    assert figures.samples[0].cases == figures.cases == 5
    assert [(held.label, held.cases, held.replaced) for held in figures.samples[0].excluded] == [
        ("A word of one's own.", 1, 0),
        ("Conflict of interest", 1, 0),
        ("Not eligible", 2, 2),
    ]
    replaced, others = re.findall(r"2 cases were [^.]*\.", sentences["excluded"])
    assert replaced.startswith("2 cases were replaced: ")
    assert others.startswith("2 cases were excluded and not replaced: ")
    assert "own" not in sentences["excluded"]
    assert sentences["without_file"] == "In 1 of the 5 court cases there was no file to read."


# The eligible cases of docs/rules.md, "The sample", that lead to the samples of the five reports.
@pytest.mark.parametrize(
    ("eligible", "court", "other"), [(50, 24, 15), (161, 50, 32), (71, 30, 20), (42, 21, 13), (123, 43, 28)]
)
def test_confidence_and_margin_of_a_draw(eligible, court, other):
    drawn = Drawn({"court": eligible - other, "out_of_court": other}, YOUTH.sampling, court + other, court + other)
    cases = [*(case() for _ in range(court)), *(case("out_of_court", CAUTION) for _ in range(other))]
    figures = annex_one(cases, drawn=drawn)
    sentences = said(figures, "")
    assert sentences["draw"] == (
        "The sample size was set to achieve a confidence level of 80 per cent (with a margin of error of 5), from "
        f"{eligible} eligible cases."
    )
    assert sentences["matched"] == (
        "Cases were drawn in proportion to the eligible cases by sex, disposal, the YJS's classification of risk of serious "
        "harm and the YJS's classification of safety and wellbeing."
    )
    reached = margin_of_error(YOUTH.sampling, figures.cases, eligible)
    # Out-of-court disposals are all in the sample: there is no margin to them.
    assert sentences["margin"] == (
        f"With the {court + other} cases that we examined, the margin of error is {reached:.1f} percentage points. Findings "
        f"on a part of the sample have a wider one: {figures.samples[0].margin:.1f} for the {court} court disposals. There is "
        f"none for the {other} out-of-court disposals: we examined all that were eligible."
    )
    assert as_data(figures)["draw"]["margin_reached"] == round(reached, 1)


@pytest.mark.parametrize(
    ("eligible", "examined", "margin"),
    [
        (
            (43, 28),
            (30, 20),
            "With the 50 cases that we examined, the margin of error is 5.0 percentage points. Findings on a part of the "
            "sample have a wider one: 6.5 for the 30 court disposals and 7.8 for the 20 out-of-court disposals.",
        ),
        (
            (3, 1),
            (2, 1),
            "With the 3 cases that we examined, the margin of error is 21.4 percentage points. Findings on a part of the "
            "sample have a wider one: 32.0 for the 2 court disposals. There is none for the only out-of-court disposal: we "
            "examined all that were eligible.",
        ),
        # All of one kind: the margin of the part is that of the whole.
        ((51, 0), (40, 0), "With the 40 cases that we examined, the margin of error is 4.8 percentage points."),
        ((6, 4), (6, 4), "We examined all 10 eligible cases, so there is no margin of error."),
        ((1, 0), (1, 0), "We examined the only eligible case, so there is no margin of error."),
        # As many as were eligible, but not the same.
        ((6, 4), (5, 5), None),
        ((6, 4), (0, 0), None),
    ],
)
def test_only_what_is_wider_than_the_whole_is_said_to_be(eligible, examined, margin):
    kinds = dict(zip(("court", "out_of_court"), eligible, strict=True))
    cases = [*(case() for _ in range(examined[0])), *(case("out_of_court", CAUTION) for _ in range(examined[1]))]
    figures = annex_one(cases, drawn=Drawn(kinds, YOUTH.sampling, sum(eligible), sum(eligible)))
    assert said(figures, "").get("margin") == margin


def test_a_case_added_in_place_of_an_excluded_one_is_not_all_that_were_eligible():
    cases = [case(), case("out_of_court", CAUTION), case(excluded="Conflict of interest")]
    figures = annex_one(cases, drawn=Drawn({"court": 1, "out_of_court": 1}, YOUTH.sampling, 2, 2))
    assert "margin" not in said(figures, "")


def test_a_size_that_was_set_by_hand_is_no_confidence():
    drawn = Drawn({"court": 51, "out_of_court": 20}, YOUTH.sampling, 40, 50)
    assert said(annex_one([case() for _ in range(40)], drawn=drawn), "")["draw"] == (
        "The sample size was set to 40 cases, from 71 eligible cases; a confidence level of 80 per cent (with a margin of "
        "error of 5) would take 50."
    )


def test_nothing_is_said_of_confidence_without_a_draw():
    figures = annex_one([case()])
    assert said(figures, "") == {}
    data = as_data(figures)
    assert data["draw"] is None
    assert {(held["eligible"], held["margin_reached"]) for held in data["samples"]} == {(None, None)}


def test_more_cases_than_the_list_had_have_no_margin():
    figures = annex_one([case(), case()], drawn=Drawn({"court": 1, "out_of_court": 0}, YOUTH.sampling, 1, 1))
    assert (figures.draw.margin, figures.samples[0].margin) == (None, None)
    assert "margin" not in said(figures, "")


def test_what_comes_from_answers_is_left_out_while_it_is_hidden():
    answers = {"court": {"harm_factors": {COMMUNITY: {"true": 1}}, "SUP9": {COMMUNITY: {"yes": 1}}}}
    figures = annex_one([case()], answers, hidden={"court": "Not yet."})
    assert said(figures).keys() == {"size", "disposals"}
    (held, _) = as_data(figures)["samples"]
    assert (held["facts"], held["interviews"], held["hidden"]) == (None, None, "Not yet.")
    assert "Not yet." in as_text(figures)
    assert "harm" not in as_text(figures).lower()


def test_the_profile():
    profiles = [
        {"age": 13, "sex": "female", "harm_classification": "low", "care_status": ["looked_after", "child_in_need"]},
        {"age": 17, "sex": "male", "harm_classification": "not_classified"},
        {"age": 18, "sex": "male", "offence": "a retired code"},
        {},
    ]
    held = {field.code: field for field in annex_one([case(profile=given) for given in profiles]).samples[0].profile}
    counts = {code: {count.label: count.cases for count in field.counts if count.cases} for code, field in held.items()}
    assert counts["age"] == {"Under 15": 1, "15 to 17": 1, "18 and over": 1, "Not recorded": 1}
    assert counts["sex"] == {"Female": 1, "Male": 2, "Not known": 1}
    assert counts["harm_classification"] == {"Low": 1, "Not classified": 3}
    assert counts["care_status"] == {"Looked after": 1, "Child in need": 1, "Not recorded": 3}
    assert counts["offence"] == {"Not recorded": 4}
    assert [field.code for field in held.values() if not field.is_recorded] == [
        "ethnicity",
        "offence",
        "safety_classification",
        "victim",
    ]
    assert held["care_status"].several
    assert "disposal_date" not in held


def test_numbers_of_another_field_are_counted_one_by_one():
    (age,) = (field for field in YOUTH.profile if field.code == "age")
    document = replace(YOUTH, profile=(replace(age, code="earlier_offences"),))
    figures = annex_one([case(profile={"earlier_offences": many}) for many in (0, 2, 2, True)], document=document)
    (field,) = figures.samples[0].profile
    assert [(count.label, count.cases) for count in field.counts] == [("0", 1), ("2", 2), ("Not recorded", 1)]


def test_small_groups_are_pointed_out():
    cases = [case(profile={"sex": "female" if number < 4 else "male"}) for number in range(9)]
    figures = annex_one(cases, {"court": {"harm_factors": {COMMUNITY: {"true": 8, "false": 1}}}})
    groups = {(group.about, group.value): group.cases for group in figures.small_groups}
    assert groups == {
        ("Sex", "Female"): 4,
        ("Are there factors related to keeping other people safe?", "No"): 1,
    }


def test_what_is_not_answered_and_who_was_left_out_are_not_marked():
    cases = [*(case(has_file=number > 1) for number in range(9)), case(excluded="Conflict of interest")]
    figures = annex_one(cases, {"court": {"harm_factors": {COMMUNITY: {"true": 7}}, "SUP9": {COMMUNITY: {"yes": 1}}}})
    assert not figures.small_groups
    told = {(what, value): (cases, few) for what, rows in counts_of(figures.samples[0]) for value, cases, few in rows}
    assert told["Are there factors related to keeping other people safe?", "Not answered"] == (2, False)
    assert told["Was the case manager interviewed?", "Yes"] == (1, False)
    assert told["Case files", "There is no file"] == (2, False)
    assert told["Excluded: Conflict of interest", "Cases"] == (1, False)


def test_the_sentences_on_a_small_part_of_the_sample_are_marked():
    figures = annex_one([*(case() for _ in range(3)), *(case("out_of_court", CAUTION) for _ in range(5))])
    marked = {
        (section.sample, sentence.about): sentence.is_small
        for section in sections(figures)
        for sentence in section.sentences
    }
    assert {about: marked["court", about] for about in ("size", "share", "disposals")} == dict.fromkeys(
        ("size", "share", "disposals"), True
    )
    assert not marked["out_of_court", "share"]


def test_how_far_the_cases_have_come():
    assert annex_one([case()]).unread == ""
    assert annex_one([case()], submitted=0).unread == (
        "The sentences speak as if every case were read: 0 of 1 are submitted so far."
    )


def test_the_whole_is_plain_data():
    figures = annex_one([case(), case("out_of_court", CAUTION)])
    assert as_data(figures)["format"] == "evenhand-annex-one/1"
    assert as_json(figures).endswith("}\n")


# Whatever the cases

DISPOSALS = {sample.code: [held.code for held in sample.disposals] for sample in YOUTH.samples}
PROFILES = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(10, 18),
        "sex": st.sampled_from(["female", "male", "not_known", "else"]),
        "harm_classification": st.sampled_from(["low", "very_high", "not_classified"]),
        "care_status": st.lists(st.sampled_from(["looked_after", "none"]), unique=True),
    },
)
CASES = st.lists(
    st.sampled_from(sorted(DISPOSALS)).flatmap(
        lambda sample: st.builds(
            CountedCase,
            sample=st.just(sample),
            disposal=st.sampled_from(DISPOSALS[sample]),
            disposal_date=st.none() | st.dates(date(2019, 1, 1), date(2019, 12, 31)),
            profile=PROFILES,
            excluded=st.sampled_from(["", "", "", "Not eligible", "Conflict"]),
            replaced=st.booleans(),
            has_file=st.booleans(),
        )
    ),
    max_size=40,
)


@st.composite
def counted(draw):
    cases = draw(CASES)
    answers = {}
    for sample in DISPOSALS:
        held = Counter(case.disposal for case in cases if case.sample == sample and not case.excluded)
        answers[sample] = {}
        for code in codes_counted(YOUTH, sample):
            yes, no = ("yes", "no") if code == "SUP9" else ("true", "false")
            answers[sample][code] = {}
            for disposal, left in held.items():
                holding = draw(st.integers(0, left))
                lacking = draw(st.integers(0, left - holding))
                answers[sample][code][disposal] = {yes: holding, no: lacking, None: left - holding - lacking}
    return cases, annex_one(cases, answers)


@given(counted())
def test_counts_add_up(made):
    cases, figures = made
    assert sum(sample.cases for sample in figures.samples) == figures.cases
    assert figures.cases + sum(held.cases for sample in figures.samples for held in sample.excluded) == len(cases)
    for sample in figures.samples:
        assert sum(held.cases for held in sample.disposals) == sample.cases
        assert sum(held.cases for held in sample.groups) in (0, sample.cases)
        assert sample.dates.within + sample.dates.outside + sample.dates.not_recorded == sample.cases
        for field in sample.profile:
            total = sum(count.cases for count in field.counts)
            assert total >= sample.cases if field.several else total == sample.cases


@given(counted())
def test_the_marks_of_the_tables_are_the_small_groups(made):
    _, figures = made
    marked = [
        (sample.title, value, cases)
        for sample in figures.samples
        for _, rows in counts_of(sample)
        for value, cases, few in rows
        if few
    ]
    assert marked == [(group.sample, group.value, group.cases) for group in figures.small_groups]


@given(counted())
def test_sentences_say_what_the_figures_are(made):
    """Every number of a sentence is a figure, the counts of a sentence about all cases add up, and nouns go with them."""
    _, figures = made
    for sample in figures.samples:
        sentences = said(figures, sample.code)
        assert all(re.fullmatch(r"[A-Z0-9][^{}]*\.", text) for text in sentences.values())
        assert not [text for about, text in sentences.items() if "per cent" in text and about != "share"]
        assert not re.search(r"\bthe 1 |\b1 cases|of the 1\b|\b0 ", " ".join(sentences.values()))
        if "disposals" in sentences:
            looked_at = re.findall(r"(\d+) (.+?)(?=, \d| and \d|;|\.)", sentences["disposals"])
            assert sum(int(count) for count, _ in looked_at) == sample.cases
            assert all((count == "1") != noun.endswith("s") for count, noun in looked_at)
        if "share" in sentences:
            share = list(map(int, re.findall(r"\d+", sentences["share"])))
            assert share == [sample.cases, figures.cases, sample.percent]
    assert {held["text"] for held in as_data(figures)["sentences"]} >= set(said(figures).values())
