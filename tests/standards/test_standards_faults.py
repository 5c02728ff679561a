"""What a malformed document is told: every fault, its path, and a sentence that says what to do."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.reader import MalformedDocument, canonical_json, read, read_json

BAKERY = (Path(__file__).parents[1] / "documents" / "bakery-hygiene.yaml").read_text(encoding="utf-8")
GOOD = json.loads(canonical_json(read(BAKERY, "bakery-hygiene.yaml")))
GONE = object()


def changed(*changes):
    """The good document with values put at paths such as "domains.1.standards.0.code"; GONE takes them away."""
    document = deepcopy(GOOD)
    for path, value in changes:
        *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        holder = document
        for step in above:
            holder = holder[step]
        if value is GONE:
            del holder[last]
        elif isinstance(holder, list) and last == len(holder):
            holder.append(value)
        else:
            holder[last] = value
    return document


def faults(document):
    with pytest.raises(MalformedDocument) as refused:
        read_json(json.dumps(document))
    return str(refused.value).splitlines()


def again(path):
    """The value that stands at the path of the good document."""
    value = GOOD
    for step in path.split("."):
        value = value[int(step) if step.isdigit() else step]
    return deepcopy(value)


B1 = "domains.1.standards.0"
SHAPE = [
    ("title", GONE, "title: This key is missing."),
    ("title", 7, "title: Write text here, in quotes where it looks like a number, a date, yes or no."),
    ("title", None, "title: Write text here, in quotes where it looks like a number, a date, yes or no."),
    ("colour", "red", "colour: This key is not known: check its spelling, or remove it."),
    (f"{B1}.colour", "red", "domains[1].standards[0].colour: This key is not known: check its spelling, or remove it."),
    ("version", "3", "version: Write a whole number here."),
    ("version", 3.5, "version: Write a whole number here."),
    ("version", True, "version: Write a whole number here."),
    ("bands.0.score", 2**40, "bands[0].score: This number is too large: 2147483647 at most."),
    ("samples.0.share", "all", "samples[0].share: Write a number here."),
    ("samples.0.share", float("nan"), "samples[0].share: This is not a number that can be reckoned with."),
    ("discretion.one_case", 1, "discretion.one_case: Write true or false here."),
    ("domains", {}, "domains: Write a list here."),
    ("bands.1", "poor", "bands[1]: Write keys with their values here."),
    ("sampling", [], "sampling: Write keys with their values here."),
    ("case_questions.2.about", "cakes", "case_questions[2].about: Write '', 'alert' or 'interview' here."),
    ("format", "evenhand-standards/9", "format: Write 'evenhand-standards/1' here."),
    (f"{B1}.method", "vote", "domains[1].standards[0].method: Write 'percentage' or 'judgement' here."),
    ("samples.0.window_months", [1], "samples[0].window_months[1]: A value is missing here."),
    ("samples.0.window_months", [1, 2, 3], "samples[0].window_months: Give 2 values, not 3."),
    ("title", "a\u0000b", "title: This text holds a control character: write it anew."),
    ("title", "\ud800", "title: This text holds a control character: write it anew."),
]
PARTS = [
    ("bands", [], "bands: Give at least one."),
    ("version", 0, "version: Versions count from 1."),
    # texts and terms
    ("title", " ", "title: This is empty: write something here."),
    ("not_applicable_reasons.0", "", "not_applicable_reasons[0]: This is empty: write something here."),
    (
        f"{B1}.statement",
        "The {cook} bakes.",
        "domains[1].standards[0].statement: {cook} is not among the terms; those are baker.",
    ),
    ("facts.0.text", "Is {baker!r} in?", "facts[0].text: {baker!r} is not among the terms; those are baker."),
    ("facts.0.text", "Is {baker:>9} in?", "facts[0].text: {baker:>9} is not among the terms; those are baker."),
    ("facts.0.text", "Is {baker.name} in?", "facts[0].text: {baker.name} is not among the terms; those are baker."),
    ("facts.0.text", "Is {} in?", "facts[0].text: {} is not among the terms; those are baker."),
    (
        "facts.0.text",
        "Is the {baker in?",
        "facts[0].text: A brace is not closed or not opened: write a term as {term}, and a brace itself twice.",
    ),
    (
        "terms.0.default",
        "{baker}",
        "terms[0].default: A term is filled in as it stands, so it cannot hold braces itself.",
    ),
    # codes
    (
        "case_questions.0.code",
        "opened early",
        "case_questions[0].code: A code here has letters, digits, dots, dashes and underscores, beginning with a "
        "letter or digit, 50 at most.",
    ),
    (
        f"{B1}.key_questions.0.prompts.0.code",
        "a.b",
        "domains[1].standards[0].key_questions[0].prompts[0].code: A code here has letters, digits, dashes and "
        "underscores, beginning with a letter or digit, 50 at most.",
    ),
    (
        "terms.1",
        {"code": "the-oven", "default": "oven"},
        "terms[1].code: A code here has small letters, digits and underscores, beginning with a letter, 50 at most.",
    ),
    ("code", "x" * 51, "code: A code here has letters, digits, dots, dashes and underscores, beginning with a letter "
     "or digit, 50 at most."),
    ("terms.1", again("terms.0"), 'terms[1].code: A term "baker" is given already at terms[0].code.'),
    ("bands.1.code", "unsafe", 'bands[1].code: A band "unsafe" is given already at bands[0].code.'),
    ("profile.1", again("profile.0"), 'profile[1].code: A profile field "size" is given already at profile[0].code.'),
    (
        "samples.0.disposals.1.code",
        "high_street",
        'samples[0].disposals[1].code: A disposal "high_street" is given already at samples[0].disposals[0].code.',
    ),
    (
        f"{B1}.code",
        "A1",
        'domains[1].standards[0].code: A standard "A1" is given already at domains[0].standards[0].code.',
    ),
    ("domains.1.code", "A", 'domains[1].code: A domain "A" is given already at domains[0].code.'),
    (
        "applicability.1.code",
        "always",
        'applicability[1].code: An applicability rule "always" is given already at applicability[0].code.',
    ),
    (
        "not_applicable_reasons.1",
        "not baking that day",
        'not_applicable_reasons[1]: The reason "not baking that day" is given already at not_applicable_reasons[0].',
    ),
    (
        "profile.0.options.1.code",
        "small",
        'profile[0].options[1].code: An option "small" is given already at profile[0].options[0].code.',
    ),
    (
        "case_questions.1.options.1.code",
        "mice",
        'case_questions[1].options[1].code: An option "mice" is given already at case_questions[1].options[0].code.',
    ),
    (
        f"{B1}.key_questions.0.prompts.1.code",
        "a",
        'domains[1].standards[0].key_questions[0].prompts[1].code: A prompt "a" is given already at '
        "domains[1].standards[0].key_questions[0].prompts[0].code.",
    ),
    (
        f"{B1}.key_questions.1.code",
        "B1.1",
        'domains[1].standards[0].key_questions[1].code: A question "B1.1" is given already at '
        "domains[1].standards[0].key_questions[0].code.",
    ),
    ("case_questions.0.code", "cream", 'case_questions[0].code: A question "cream" is given already at facts[0].code.'),
    ("facts.1", again("facts.0"), 'facts[1].code: A question "cream" is given already at facts[0].code.'),
    (
        "case_questions.0.code",
        "B1.1.a",
        'domains[1].standards[0].key_questions[0].prompts[0].code: This prompt is named "B1.1.a", as is the question '
        "at case_questions[0].code.",
    ),
    ("profile.0.code", "notes", 'profile[0].code: "notes" is part of every case already: use another code.'),
    # key questions and standards
    (
        f"{B1}.key_questions.0.prompts",
        [],
        "domains[1].standards[0].key_questions[0].prompts: A key question needs at least one prompt.",
    ),
    (
        "domains.0.standards.0.key_questions.0.prompts",
        GONE,
        "domains[0].standards[0].key_questions[0].prompts: A key question needs at least one prompt.",
    ),
    (
        "domains.1.standards.1.key_questions",
        [],
        "domains[1].standards[1].key_questions: A standard rated by percentages needs at least one key question.",
    ),
    ("domains.2", {"code": "C", "title": "Nothing", "standards": []}, "domains[2].standards: A domain needs at least "
     "one standard."),
    (
        "domains.0.standards.0.method",
        "percentage",
        "domains[0].standards[0].method: Percentages are counted from cases: give the domain a sample, or make this "
        "a judgement.",
    ),
    # the scale
    ("bands.1.minimum", 31, "bands[1].minimum: 30 would be in no band: give 30."),
    ("bands.1.minimum", 35, "bands[1].minimum: 30 to 34 would be in no band: give 30."),
    ("bands.1.minimum", 29, "bands[1].minimum: This overlaps the band before, which ends at 29: give 30."),
    ("bands.0.minimum", 1, "bands[0].minimum: The first band begins at the lowest there can be: give 0."),
    ("bands.4.maximum", 99, "bands[4].maximum: The last band ends at the most there can be: give 100."),
    ("bands.4.minimum", 101, "bands[4].maximum: The maximum is below the minimum, 101."),
    ("bands.2.score", 1, "bands[2].score: Scores rise from band to band: give more than 1."),
    ("overall_bands.4.maximum", 36, "overall_bands[4].maximum: The last band ends at the most there can be: give 12."),
    ("overall_bands.0.minimum", 1, "overall_bands[0].minimum: The first band begins at the lowest there can be: give 0."),
    ("overall_bands.2.minimum", 5, "overall_bands[2].minimum: 4 would be in no band: give 4."),
    (
        "overall_bands.0.rating",
        "vile",
        'overall_bands[0].rating: There is no band "vile"; there are: unsafe, poor, fair, sound, spotless.',
    ),
    (
        "overall_bands.1.rating",
        "unsafe",
        "overall_bands[1].rating: Overall bands rise: this rating is no better than the last.",
    ),
    # settings
    ("discretion.margin", 101, "discretion.margin: Give percentage points from 0 to 100."),
    ("discretion.margin", -1, "discretion.margin: Give percentage points from 0 to 100."),
    ("discretion.few_cases", 0, "discretion.few_cases: Give a number of cases from 1, or null for never."),
    ("sampling.confidence", 1, "sampling.confidence: Give a share between 0 and 1, such as 0.8."),
    ("sampling.margin_of_error", 0, "sampling.margin_of_error: Give percentage points from 1 to 100."),
    ("sampling.few_cases", -1, "sampling.few_cases: Give a number of cases, or 0 for never."),
    (
        "sampling.stratify_by.1",
        "smell",
        'sampling.stratify_by[1]: There is no profile field "smell"; there are: disposal, size.',
    ),
    (
        "profile.0",
        {"code": "size", "label": "Size", "kind": "number", "options": []},
        'sampling.stratify_by[1]: A sample is matched by fields of the kind "choice": "size" is of the kind "number".',
    ),
    # samples
    ("domains.1.sample", "mills", 'domains[1].sample: There is no sample "mills"; there are: ovens.'),
    ("domains.1.sample", None, 'samples[0]: No domain reads these cases: give a domain "sample: ovens".'),
    ("domains.0.sample", "ovens", 'domains[1].sample: The cases of "ovens" are read already in domain "A".'),
    ("samples.1", again("samples.0"), 'samples[1].code: A sample "ovens" is given already at samples[0].code.'),
    ("samples.0.disposals", [], "samples[0].disposals: A sample needs at least one disposal."),
    ("samples.0.share", 0.5, "samples: The shares of the samples add up to 1; these add up to 0.5."),
    ("samples.0.share", -0.5, "samples[0].share: Give a share above 0, 1 at most."),
    (
        "samples.0.window_months",
        [9, 6],
        "samples[0].window_months: Give months before fieldwork, the smaller number first.",
    ),
    # when and where a question is asked
    (
        "applicability.1.fact",
        "butter",
        'applicability[1].fact: There is no fact "butter"; there are: cream.',
    ),
    (
        "applicability.0.code",
        "usually",
        'applicability: "always" must be among these: it holds wherever nothing else is said.',
    ),
    (
        "applicability.0.fact",
        "cream",
        'applicability[0]: "always" holds in every case: it has no fact and no prompts_only.',
    ),
    (
        f"{B1}.key_questions.1.applies_when",
        "sometimes",
        'domains[1].standards[0].key_questions[1].applies_when: There is no applicability rule "sometimes"; there '
        "are: always, cream_is_used, has_staff.",
    ),
    (
        f"{B1}.key_questions.1.prompts.0.applies_when",
        "sometimes",
        'domains[1].standards[0].key_questions[1].prompts[0].applies_when: There is no applicability rule "sometimes"; '
        "there are: always, cream_is_used, has_staff.",
    ),
    (
        f"{B1}.key_questions.1.applies_when",
        "has_staff",
        'domains[1].standards[0].key_questions[1].applies_when: "has_staff" is for prompts only: a key question needs '
        "a rule of its own, or none.",
    ),
    (
        "facts.0.asked_on",
        [],
        'domains[1].standards[0].key_questions[1].applies_when: The fact "cream" is never asked of these cases: add a '
        "standard of this domain to it.",
    ),
    ("facts.0.asked_on", [], "facts[0].asked_on: Name at least one standard on whose page this is asked."),
    ("facts.0.asked_on", ["B1", "B9"], 'facts[0].asked_on[1]: There is no standard "B9"; there are: B1, B2.'),
    (
        "case_questions.0.asked_on",
        ["A1"],
        'case_questions[0].asked_on[0]: Standard "A1" is not read in cases; those that are: B1, B2.',
    ),
    (
        "case_questions.0.asked_on",
        ["B1", "B2"],
        'case_questions[0].asked_on[1]: A case is asked this once, and "B1" of the same domain asks it already.',
    ),
    (
        "facts.0.true_for",
        ["windmill"],
        'facts[0].true_for[0]: There is no disposal "windmill"; there are: high_street, market_stall, wholesale.',
    ),
    # options
    (
        "case_questions.0.options",
        [],
        'case_questions[0].options: A question of kind "choice" needs options to choose from.',
    ),
    ("profile.0.options", GONE, 'profile[0].options: A question of kind "choice" needs options to choose from.'),
    (
        "case_questions.0.kind",
        "text",
        'case_questions[0].options: Kind "text" has no options: remove them, or make it "choice" or "choices".',
    ),
    # alerts
    (
        "case_questions.0.about",
        "alert",
        "case_questions[0].alert_when: Name at least one option that raises an alert.",
    ),
    ("case_questions.1.about", "alert", 'case_questions[1].about: Only a question of kind "choice" can raise an alert.'),
    (
        "case_questions.2.about",
        "interview",
        'case_questions[2].alert_when: Only a question with "about: alert" raises alerts: say so, or remove this.',
    ),
    (
        "case_questions.2.alert_when.0",
        "tomorrow",
        'case_questions[2].alert_when[0]: There is no option "tomorrow"; there are: at_once, today, no.',
    ),
    (
        "case_questions.2.alert_when.1",
        "at_once",
        'case_questions[2].alert_when[1]: The option "at_once" is given already at case_questions[2].alert_when[0].',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "expected"), SHAPE, ids=[row[2][:60] for row in SHAPE])
def test_a_part_of_the_wrong_shape_is_named(path, value, expected):
    assert faults(changed((path, value))) == [expected]


@pytest.mark.parametrize(("path", "value", "expected"), PARTS, ids=[row[2][:60] for row in PARTS])
def test_parts_that_do_not_agree_are_named(path, value, expected):
    assert expected in faults(changed((path, value)))


def test_every_fault_is_named_at_once():
    assert faults(
        changed(
            ("bands.1.minimum", 31),
            ("case_questions.0.code", "cream"),
            (f"{B1}.key_questions.0.prompts", []),
            (f"{B1}.key_questions.1.applies_when", "sometimes"),
            ("domains.1.title", ""),
        )
    ) == [
        "domains[1].title: This is empty: write something here.",
        'case_questions[0].code: A question "cream" is given already at facts[0].code.',
        "domains[1].standards[0].key_questions[0].prompts: A key question needs at least one prompt.",
        "bands[1].minimum: 30 would be in no band: give 30.",
        'domains[1].standards[0].key_questions[1].applies_when: There is no applicability rule "sometimes"; there are: '
        "always, cream_is_used, has_staff.",
    ]
    assert faults(changed(("title", GONE), ("colour", "red"), ("bands.0.score", "0"))) == [
        "title: This key is missing.",
        "bands[0].score: Write a whole number here.",
        "colour: This key is not known: check its spelling, or remove it.",
    ]


def told(text):
    with pytest.raises(MalformedDocument) as refused:
        read(text, "bakery.yaml")
    assert refused.value.where == "bakery.yaml"
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        ("version: 3", "version: 3\nversion: 4", "version: This key is given twice: keep one."),
        ("    score: 0", "    score: 0\n    score: 1", "bands[0].score: This key is given twice: keep one."),
        (
            "title: Hygiene in bakeries",
            "title: 2018-04-01",
            "title: A date or another special value cannot stand here: put it in quotes to make it text.",
        ),
        (
            "version: 3",
            "version: !!python/object:os.system 3",
            "version: A date or another special value cannot stand here: put it in quotes to make it text.",
        ),
        (
            "version: 3",
            "version: !!int three",
            "version: A date or another special value cannot stand here: put it in quotes to make it text.",
        ),
        ("version: 3", "version: .inf", "version: This is not a number that can be reckoned with."),
        ("version: 3", "version: 3\n2018: yes", "The key 2018 is not a word: put it in quotes."),
        ("version: 3", "version: *three", "line 4, column 10: Write this out instead of pointing to an anchor."),
        ("version: 3", "version: [3", "line 5, column 6: This is not YAML: "),
        (
            '      - code: "yes"',
            "      - code: yes",
            "case_questions[0].options[0].code: Write text here, in quotes where it looks like a number, a date, yes "
            "or no.",
        ),
    ],
)
def test_yaml_that_means_something_else_is_named(written, instead, expected):
    assert any(line.startswith(expected) for line in told(BAKERY.replace(written, instead, 1)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Write keys with their values here."),
        ("- a\n- b", "Write keys with their values here."),
        ("a: 1\n---\nb: 2", "line 2, column 1: This is not YAML: "),
        ("[" * 100_000, "line 1, column 51: This is nested too deeply for a standards document."),
        ("title: \x00", "This holds a character that no text has: is it a YAML file?"),
        ("title: \ud800", "This holds a character that no text has: is it a YAML file?"),
    ],
)
def test_text_that_is_no_document_is_refused(text, expected):
    assert any(line.startswith(expected) for line in told(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1, column 1: This is not JSON: Expecting value."),
        ('{"a": 1', "line 1, column 8: This is not JSON: Expecting ',' delimiter."),
        ("[]", "Write keys with their values here."),
        ('{"title": "a", "title": "b"}', "title: This key is given twice: keep one."),
        ("[" * 100_000, "This is nested too deeply for a standards document."),
        (f'{{"version": {"9" * 5000}}}', "A number here is too large."),
    ],
)
def test_json_that_is_no_document_is_refused(text, expected):
    with pytest.raises(MalformedDocument) as refused:
        read_json(text)
    assert expected in str(refused.value).splitlines()


def places(value, path=()):
    """Every path into a document."""
    for key, held in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(held, dict | list):
            yield from places(held, (*path, key))


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["always", "cream", "{", "{baker}", "B1", "ovens", "judgement", "choice"]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
    st.just(GONE),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(places(GOOD))), ANYTHING), min_size=1, max_size=3))
def test_a_mutilated_document_is_read_or_refused_in_sentences(mutilations):
    document = deepcopy(GOOD)
    for path, value in mutilations:
        holder = document
        try:
            for step in path[:-1]:
                holder = holder[step]
            if value is GONE:
                del holder[path[-1]]
            else:
                holder[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier mutilation took this place away
    try:
        read_json(json.dumps(document))
    except MalformedDocument as refused:
        assert refused.faults
        for fault in refused.faults:
            assert fault.message.endswith(".")
            assert "Input should" not in fault.message


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(BAKERY)), st.integers(0, 40), st.text(alphabet="{}[]:-&*!'\"\n\t a1#|>%@`?", max_size=4))
def test_mangled_yaml_is_read_or_refused(start, length, put):
    try:
        read(BAKERY[:start] + put + BAKERY[start + length :], "bakery.yaml")
    except MalformedDocument as refused:
        assert refused.faults
