"""The example bundles as files: what they give, and that they are what the generator makes. No database."""

import json
import re
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from datetime import date
from functools import cache

import pytest

from inspections.examples import generate
from inspections.examples.recount import faults
from ratings.scoring import Decision, Tally, can_use_discretion, percentage, rate
from standards import reader

from .expected import (
    CALCULATED,
    COUNTS,
    DISPOSALS,
    FACTS,
    INTERVIEWS,
    OVERALL,
    PERCENTAGES,
    QUOTED,
    RATINGS,
    SAMPLES,
    SCORES,
    SLUGS,
)

DOCUMENT = reader.load("youth-2018")
EVERY_PERCENTAGE = [(slug, code) for slug in SLUGS for code in PERCENTAGES[slug]]

# Days and months begin with a capital; any other such word inside a sentence would be somebody's name.
CAPITALISED = {"Friday", "Monday", "May", "July"}


@cache
def bundle(slug):
    return json.loads((generate.FOLDER / f"{slug}.json").read_text(encoding="utf-8"))


def value(answer):
    return answer["value"] if isinstance(answer, dict) else answer


def cases(slug, sample):
    return [case for case in bundle(slug)["cases"] if case["sample"] == sample]


def cases_for(slug, code):
    return cases(slug, "court" if code.startswith("2") else "out_of_court")


def counted(slug, code):
    values = Counter(value(case["answers"][code]) for case in cases_for(slug, code) if code in case["answers"])
    return values["yes"], values["yes"] + values["no"]


def tallies(slug):
    found = {}
    for code in PERCENTAGES[slug]:
        held = cases_for(slug, code)
        values = Counter(value(case["answers"].get(code, "not_asked")) for case in held)
        found[code] = Tally(**values)
        assert found[code].cases == len(held)
    return found


def rated(slug, with_discretion=True):
    judgements = {code: judgement["rating"] for code, judgement in bundle(slug)["judgements"].items()}
    plain = rate(DOCUMENT, tallies(slug), judgements)
    decisions = [
        Decision(decided["standard"], plain.standard(decided["standard"]).calculated, decided["to"])
        for decided in bundle(slug)["discretion"]
    ]
    return rate(DOCUMENT, tallies(slug), judgements, decisions) if with_discretion else plain


def proposed(slug, question, case):
    """Whether the facts propose the key question, by the inspection's own rule or the document's."""
    rule = bundle(slug)["inspection"].get("applicability", {}).get(question.code, question.applies_when)
    fact = {known.code: known.fact for known in DOCUMENT.applicability}[rule]
    return fact is None or case["facts"][fact]


# The figures


@pytest.mark.parametrize(("slug", "code"), EVERY_PERCENTAGE)
def test_the_answers_give_the_published_percentage(slug, code):
    assert percentage(*counted(slug, code)) == PERCENTAGES[slug][code]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_answers_give_the_published_ratings_score_and_overall_rating(slug):
    result = rated(slug)
    assert {standard.code: standard.rating for standard in result.standards} == RATINGS[slug]
    assert (result.score, result.overall, result.maximum) == (SCORES[slug], OVERALL[slug], 36)


@pytest.mark.parametrize("slug", SLUGS)
def test_discretion_moves_what_the_reports_moved_and_nothing_else(slug):
    without = {standard.code: standard.rating for standard in rated(slug, with_discretion=False).standards}
    assert without == RATINGS[slug] | CALCULATED.get(slug, {})
    assert {decided["standard"] for decided in bundle(slug)["discretion"]} == set(CALCULATED.get(slug, {}))
    applied = {standard.code for standard in rated(slug).standards if standard.discretion == "applied"}
    assert applied == set(CALCULATED.get(slug, {}))


@pytest.mark.parametrize("slug", SLUGS)
def test_every_discretion_is_within_the_rules_and_ratified_by_another(slug):
    plain = rated(slug, with_discretion=False)
    for decided in bundle(slug)["discretion"]:
        assert can_use_discretion(DOCUMENT, plain.standard(decided["standard"]), decided["to"])
        assert decided["reason"]
        assert decided["decided_by"] != decided["ratified_by"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", decided["decided_at"])


@pytest.mark.parametrize("slug", SLUGS)
def test_printed_counts_of_cases_are_met(slug):
    wanted = COUNTS.get(slug, {})
    assert {code: counted(slug, code) for code in wanted} == wanted


@pytest.mark.parametrize("slug", SLUGS)
def test_percentages_quoted_in_the_text_are_met(slug):
    got = {}
    for name in QUOTED.get(slug, {}):
        code, _, sample = name.partition(" ")
        if not sample:
            got[name] = percentage(*counted(slug, code))
            continue
        values = Counter(case["answers"][code] for case in cases(slug, sample))
        outside = values["not_classified"] + values["not_required"]
        got[name] = percentage(values["yes"] + values["agree"], values.total() - outside)
    assert got == QUOTED.get(slug, {})


# What the reports state about the cases


@pytest.mark.parametrize("slug", SLUGS)
def test_the_samples_are_as_large_as_stated(slug):
    assert {sample: len(cases(slug, sample)) for sample in ("court", "out_of_court")} == SAMPLES[slug]


@pytest.mark.parametrize("slug", DISPOSALS)
def test_the_disposals_are_as_stated(slug):
    named = [DOCUMENT.disposal(case["disposal"]) for case in bundle(slug)["cases"]]
    counts = Counter(disposal.group or disposal.code for disposal in named)
    assert {disposal: counts[disposal] for disposal in DISPOSALS[slug]} == DISPOSALS[slug]
    assert sum(counts[disposal.code] for disposal in DOCUMENT.sample("out_of_court").disposals) == sum(
        number for disposal, number in DISPOSALS[slug].items() if disposal not in ("custodial", "community")
    )


@pytest.mark.parametrize("slug", FACTS)
def test_the_facts_hold_in_as_many_cases_as_stated(slug):
    for sample, facts in FACTS[slug].items():
        assert {fact: sum(case["facts"][fact] for case in cases(slug, sample)) for fact in facts} == facts


@pytest.mark.parametrize("slug", INTERVIEWS)
def test_case_managers_were_interviewed_as_often_as_stated(slug):
    for sample, interviews in INTERVIEWS[slug].items():
        assert sum(case["answers"]["SUP9"] == "yes" for case in cases(slug, sample)) == interviews


def test_nottingham_had_as_many_very_young_children_as_stated():
    assert sum(11 <= case["age"] <= 13 for case in bundle("nottingham-city-2020")["cases"]) == 8


def test_lancashire_had_the_stated_share_of_children_under_protection():
    protected = {"child_protection_plan", "section_47"}
    held = [case["answers"]["SUP7"] for case in cases("lancashire-2019", "court")]
    assert percentage(sum(not protected.isdisjoint(chosen) for chosen in held), len(held)) == 28


def test_nottingham_asked_two_cases_about_planning_to_keep_others_safe_though_their_facts_did_not():
    tally = tallies("nottingham-city-2020")["2.2.3"]
    assert (tally.relevant, tally.not_asked) == (28, 2)
    because = [
        case["answers"]["2.2.3"]["asked_because"]
        for case in cases("nottingham-city-2020", "court")
        if isinstance(case["answers"].get("2.2.3"), dict)
    ]
    assert len(because) == 2
    assert all(because)


def test_oxfordshire_asked_joint_working_of_conditional_cautions_only():
    for case in cases("oxfordshire-2020", "out_of_court"):
        conditional = case["disposal"] == "youth_conditional_caution"
        assert ("3.4.1" in case["answers"]) == ("3.4.2" in case["answers"]) == conditional


def test_nottingham_asked_about_recommendations_in_every_case():
    assert tallies("nottingham-city-2020")["3.4.1"].relevant == 20


# What a bundle may hold


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_asked_is_answered_and_nothing_else(slug):
    for case in bundle(slug)["cases"]:
        questions = DOCUMENT.questions(case["sample"])
        assert set(case["facts"]) == {code for code, question in questions.items() if question.role == "fact"}
        assert set(case["answers"]) <= set(questions)
        for code, question in questions.items():
            answer = case["answers"].get(code)
            where = f"{case['reference']} {code}"
            if question.role == "case_question":
                chosen = answer if isinstance(answer, list) else [] if answer is None else [answer]
                assert set(chosen) <= {option.code for option in question.options}, where
            if question.role not in ("key_question", "prompt"):
                continue
            key_answer = case["answers"].get(question.key_question)
            asked_anyway = isinstance(key_answer, dict) and "asked_because" in key_answer
            is_proposed = proposed(slug, DOCUMENT.key_questions[question.key_question], case)
            assert not (is_proposed and asked_anyway), where
            assert (answer is not None) == (is_proposed or asked_anyway), where
            assert value(answer) in (None, "yes", "no", "not_applicable"), where


@pytest.mark.parametrize("slug", SLUGS)
def test_the_cases_left_out_are_those_the_facts_leave_out(slug):
    for code, tally in tallies(slug).items():
        question = DOCUMENT.key_questions[code]
        left_out = sum(not proposed(slug, question, case) for case in cases_for(slug, code))
        assert tally.not_asked == left_out - (2 if (slug, code) == ("nottingham-city-2020", "2.2.3") else 0)
        assert tally.unanswered == 0


@pytest.mark.parametrize("slug", SLUGS)
def test_a_key_question_that_does_not_apply_says_why(slug):
    for case in bundle(slug)["cases"]:
        for code, answer in case["answers"].items():
            if code in PERCENTAGES[slug] and value(answer) == "not_applicable":
                assert answer["reason"] in DOCUMENT.not_applicable_reasons, f"{case['reference']} {code}"


@pytest.mark.parametrize("slug", SLUGS)
def test_prompts_lean_on_their_key_question_and_never_settle_it(slug):
    against = Counter()
    for case in bundle(slug)["cases"]:
        for code in set(PERCENTAGES[slug]) & set(case["answers"]):
            prompts = Counter(value(given) for name, given in case["answers"].items() if name.startswith(f"{code}."))
            answer = value(case["answers"][code])
            against["yes"] += answer == "yes" and prompts["no"] > prompts["yes"]
            against["no"] += answer == "no" and prompts["yes"] > prompts["no"]
    assert against["yes"] > 0
    assert against["no"] > 0


@pytest.mark.parametrize("slug", SLUGS)
def test_profiles_use_the_documents_codes_and_the_samples_dates(slug):
    fields = {field.code: field for field in DOCUMENT.profile}
    fieldwork = date.fromisoformat(bundle(slug)["inspection"]["fieldwork_started"])
    for case in bundle(slug)["cases"]:
        assert case["status"] == "submitted"
        assert case["disposal"] in {disposal.code for disposal in DOCUMENT.sample(case["sample"]).disposals}
        profile = set(case) - {"reference", "sample", "disposal", "status", "facts", "answers", "notes"}
        assert profile <= set(fields)
        for code in profile:
            options = {option.code for option in fields[code].options}
            assert not options or case[code] in options, f"{case['reference']} {code}"
        assert 10 <= case["age"] <= 17
        nearest, furthest = DOCUMENT.sample(case["sample"]).window_months
        given = date.fromisoformat(case["disposal_date"])
        months = (fieldwork.year - given.year) * 12 + fieldwork.month - given.month - (fieldwork.day < given.day)
        assert nearest <= months <= furthest


@pytest.mark.parametrize("slug", SLUGS)
def test_the_bundle_says_what_it_is(slug):
    held = bundle(slug)
    assert (held["format"], held["standards"]) == ("evenhand-inspection/1", DOCUMENT.code)
    assert held["inspection"]["slug"] == slug
    assert set(held["inspection"]["terms"]) == set(DOCUMENT.default_terms)
    assert held["inspection"]["invented_answers"] is True
    assert held["inspection"]["figures_open"] is True
    assert all("Summary for this example" in judgement["rationale"] for judgement in held["judgements"].values())
    references = [case["reference"] for case in held["cases"]]
    assert len(set(references)) == len(references)
    assert all(re.fullmatch(r"[CO]\d\d", reference) for reference in references)


@pytest.mark.parametrize("slug", SLUGS)
def test_nobody_is_named_and_no_date_of_birth_is_given(slug):
    held = bundle(slug)
    texts = [decided["reason"] for decided in held["discretion"]]
    for case in held["cases"]:
        assert not [key for key in case if "name" in key or "birth" in key]
        texts += case.get("notes", {}).values()
        texts += [answer["asked_because"] for answer in case["answers"].values() if "asked_because" in answer]
    texts = [re.sub(r"^Summary of the published reason: ", "", text) for text in texts]
    inside = {word for text in texts for word in re.findall(r"(?<=[a-z,;:] )[A-Z]\w+", text)}
    assert inside <= CAPITALISED


@pytest.mark.parametrize("slug", SLUGS)
def test_both_answers_carry_notes(slug):
    noted = Counter(value(case["answers"][code]) for case in bundle(slug)["cases"] for code in case.get("notes", {}))
    assert noted["yes"] > 0
    assert noted["no"] > 0


# The generator


def test_the_bundles_are_what_the_generator_writes():
    made = generate.bundles()
    assert {path.name for path in generate.FOLDER.glob("*.json")} == set(made) == {f"{slug}.json" for slug in SLUGS}
    for name, text in made.items():
        assert (generate.FOLDER / name).read_bytes() == text.encode(), (
            f"Run python -m inspections.examples.generate: {name}"
        )


def test_the_generator_makes_the_same_bytes_in_another_process():
    script = "from inspections.examples.generate import bundles; import sys, hashlib; "
    script += "print(hashlib.sha256(''.join(bundles().values()).encode()).hexdigest(), 'django' in sys.modules)"
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            cwd=generate.FOLDER.parent.parent,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert runs.pop().endswith("False\n")


def test_the_examples_input_prints_the_expected_figures():
    for inspection in generate.read_published()["inspections"]:
        slug = inspection["slug"]
        printed = {
            code: given["percent"]
            for sample in inspection["samples"].values()
            for code, given in sample["key_questions"].items()
        }
        assert printed == PERCENTAGES[slug]
        assert {code: given["rating"] for code, given in inspection["standards"].items()} == RATINGS[slug]
        assert (inspection["score"], inspection["overall"]) == (SCORES[slug], OVERALL[slug])


def test_a_figure_that_cannot_be_met_stops_the_generator_with_a_sentence(monkeypatch):
    published = generate.read_published()
    published["inspections"][0]["samples"]["court"]["key_questions"]["2.1.1"]["percent"] = 68
    monkeypatch.setattr(generate, "read_published", lambda: published)
    with pytest.raises(SystemExit, match=r"sefton-2019: 2.1.1 per cent: the bundle gives 67, published.yaml wants 68."):
        generate.bundles()


def test_disposals_that_do_not_add_up_stop_the_generator_with_a_sentence(monkeypatch):
    published = generate.read_published()
    published["inspections"][0]["samples"]["court"]["disposals"]["referral_order"] += 1
    monkeypatch.setattr(generate, "read_published", lambda: published)
    with pytest.raises(
        SystemExit, match=r"sefton-2019: court disposal adds up to 25 of 24 cases\.\nNothing was written"
    ):
        generate.bundles()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda case: case["answers"].update({"2.1.1": "no"}), "2.1.1: the bundle gives 15 of 24"),
        (lambda case: case["answers"].pop("2.1.1.a"), "2.1.1.a: the bundle gives"),
        (lambda case: case["facts"].update({"harm_factors": False}), "cases with harm_factors: the bundle gives 21"),
        (lambda case: case.update({"disposal": "reparation_order"}), "court disposals: the bundle gives"),
        (lambda case: case["answers"].update({"2.1.1": "not_applicable"}), "without one of the document's reasons"),
    ],
)
def test_the_recount_notices_a_changed_case(change, sentence):
    inspection = generate.read_published()["inspections"][0]
    changed = deepcopy(bundle("sefton-2019"))
    case = next(
        case
        for case in changed["cases"]
        if case["facts"].get("harm_factors") and case["answers"]["2.1.1"] == case["answers"]["2.1.1.a"] == "yes"
    )
    change(case)
    assert [fault for fault in faults(DOCUMENT, inspection, changed) if sentence in fault]
