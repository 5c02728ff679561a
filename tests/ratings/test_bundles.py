"""Bundles: what is taken, what is refused with which path, and that out and in again gives the same Annex."""

import io
import json
from copy import deepcopy
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from cases.models import AnswerRevision, Case
from inspections.models import Inspection, Lifecycle, Service
from ratings.annex import as_data, build_annex
from ratings.bundle.shape import LARGEST, MalformedBundle, read_bundle
from ratings.models import Result
from ratings.recount import differences

WHOLE = {
    "format": "evenhand-inspection/1",
    "standards": "youth-2018",
    "service": {"slug": "anywhere", "name": "Anywhere Youth Offending Team", "short_name": "Anywhere"},
    "inspection": {
        "slug": "anywhere-2019",
        "fieldwork_started": "2019-02-04",
        "fieldwork_ends": "2019-02-08",
        "terms": {"child": "child"},
    },
    "judgements": {"1.1": {"rating": "good", "rationale": "A clear strategy."}},
    "cases": [
        {
            "reference": "C01",
            "sample": "court",
            "disposal": "referral_order",
            "age": 15,
            "facts": {"safety_factors": True, "harm_factors": False, "review_required": None},
            "answers": {
                "2.1.1": "yes",
                "2.1.1.a": "no",
                "2.2.2": {"value": "not_applicable", "reason": "not yet due"},
                "2.2.3": {"value": "no", "asked_because": "Two earlier incidents."},
                "SUP1": "agree",
            },
            "hidden_answers": {"2.3.3": {"value": "yes", "note": "Before the fact was changed."}},
            "notes": {"2.1.1": "Clear analysis.", "2.1.2": "To be read.", "safety_factors": "See the referral."},
        },
        {
            "reference": "C02",
            "sample": "court",
            "disposal": "referral_order",
            "excluded": "The file cannot be had: lost.",
            "excluded_as": "no_file",
        },
        {"reference": "O01", "sample": "out_of_court", "disposal": "youth_caution", "status": "allocated"},
    ],
    "discretion": [],
}


def load(whole, *flags, tmp_path):
    file = tmp_path / "bundle.json"
    file.write_bytes(whole if isinstance(whole, bytes) else json.dumps(whole).encode())
    out = io.StringIO()
    call_command("load_inspection", str(file), *flags, stdout=out)
    return out.getvalue()


def in_state(state):
    """Return a bundle that any state allows, at that state."""
    return {
        **WHOLE,
        "inspection": {**WHOLE["inspection"], "state": state},
        "judgements": {},
        "cases": [{"reference": "C1", "sample": "court", "disposal": "referral_order", "status": "allocated"}],
    }


def dumped(slug):
    out = io.StringIO()
    call_command("dump_inspection", slug, stdout=out)
    return json.loads(out.getvalue())


def annex(slug):
    inspection = Inspection.objects.get(slug=slug)
    return as_data(build_annex(inspection, Result.objects.get(inspection=inspection)))


def changed(path, value):
    """Return the bundle with one value set, or deleted where `value` is KeyError."""
    whole = deepcopy(WHOLE)
    *way, last = path
    place = whole
    for step in way:
        place = place[step]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return whole


CASE = ("cases", 0)
FAULTS = [
    (("format",), "evenhand-inspection/2", "format: This must be 'evenhand-inspection/1'."),
    (("format",), KeyError, "format: This key is missing."),
    (("extra",), 1, "extra: This key is not known. Remove it."),
    (("standards",), "youth-1812", 'standards: There is no standards document "youth-1812"'),
    (("service", "slug"), "Any Where", "service.slug: This takes small letters"),
    (("service", "name"), "", "service.name: This must not be empty."),
    (("inspection", "fieldwork_started"), "spring", "inspection.fieldwork_started: This takes a date"),
    (("inspection", "fieldwork_ends"), "2019-02-03", "inspection.fieldwork_ends: Fieldwork cannot end before"),
    (("inspection", "terms", "colour"), "red", "inspection.terms.colour: There is no such term."),
    (("inspection", "terms", "child"), 7, "inspection.terms.child: This takes text."),
    (("inspection", "wording"), {"2.9": "x"}, 'inspection.wording["2.9"]: There is no such standard or key question'),
    (("inspection", "wording"), {"2.1.1": " "}, 'inspection.wording["2.1.1"]: This is empty'),
    (
        ("inspection", "wording"),
        {"2.1.1": "the {colour}"},
        'inspection.wording["2.1.1"]: {colour} is not among the terms',
    ),
    (("inspection", "wording"), {"2.1.1": "the {child"}, 'inspection.wording["2.1.1"]: A brace is not closed'),
    (
        ("inspection", "applicability"),
        {"2.1.1": "sometimes"},
        'inspection.applicability["2.1.1"]: There is no such rule.',
    ),
    (("judgements", "1.1", "rationale"), " ", 'judgements["1.1"].rationale: A judgement needs a rationale.'),
    (("judgements", "1.1", "rating"), "splendid", 'judgements["1.1"].rating: This is not a rating.'),
    (("judgements", "2.1"), {"rating": "good", "rationale": "x"}, 'judgements["2.1"]: This is not a standard'),
    (("cases", 1, "reference"), "C01", "cases[1].reference: The reference C01 is used 2 times."),
    ((*CASE, "reference"), "", "cases[0].reference: This must not be empty."),
    ((*CASE, "sample"), "field", "cases[0].sample: There is no sample “field”. Use one of court, out_of_court."),
    ((*CASE, "disposal"), "youth_caution", "cases[0].disposal: “youth_caution” is not a disposal of the sample court."),
    ((*CASE, "status"), "lost", "cases[0].status: This must be"),
    ((*CASE, "excluded"), " ", "cases[0].excluded: Say why"),
    ((*CASE, "excluded_as"), "no_file", "cases[0].excluded_as: Say why the case is excluded"),
    (("cases", 1, "excluded_as"), "bored", "cases[1].excluded_as: This must be"),
    ((*CASE, "shoe_size"), 42, "cases[0].shoe_size: This key is not known. Remove it."),
    ((*CASE, "age"), "fifteen", "cases[0].age: This takes a whole number."),
    ((*CASE, "facts", "moonlight"), True, "cases[0].facts.moonlight: There is no such fact in court cases."),
    ((*CASE, "facts", "harm_factors"), "yes", "cases[0].facts.harm_factors: This takes true or false."),
    ((*CASE, "answers", "9.9.9"), "yes", 'cases[0].answers["9.9.9"]: There is no such question in court cases.'),
    ((*CASE, "answers", "3.1.1"), "yes", 'cases[0].answers["3.1.1"]: There is no such question in court cases.'),
    (
        (*CASE, "answers", "2.1.1"),
        "maybe",
        'cases[0].answers["2.1.1"]: Question 2.1.1 takes one of yes, no, not_applicable.',
    ),
    ((*CASE, "answers", "2.1.1"), 1, 'cases[0].answers["2.1.1"]: This is not an answer'),
    ((*CASE, "answers", "2.1.1"), {"value": "yes", "by": "me"}, 'cases[0].answers["2.1.1"].by: This key is not known.'),
    ((*CASE, "answers", "2.3.3.a"), "yes", 'cases[0].answers["2.3.3.a"]: This question is not asked in this case'),
    (
        (*CASE, "answers", "2.2.2"),
        "not_applicable",
        'cases[0].answers["2.2.2"]: A key question that is not applicable needs',
    ),
    ((*CASE, "answers", "2.1.1"), {"value": "yes", "reason": "x"}, "only goes with"),
    ((*CASE, "hidden_answers", "2.1.3"), {"value": "yes"}, 'cases[0].hidden_answers["2.1.3"]: This question is asked'),
    ((*CASE, "notes", "9.9"), "x", 'cases[0].notes["9.9"]: There is no such question'),
    ((*CASE, "notes", "2.1.1"), "\x00", 'cases[0].notes["2.1.1"]: The text holds a character that cannot be stored.'),
    (
        ("discretion",),
        [{"standard": "2.4", "to": "good", "reason": "x", "decided_by": "A", "ratified_by": "B"}],
        "discretion[0]: 2.4 has no calculated rating",
    ),
    (
        ("discretion",),
        [{"standard": "2.1", "to": "good", "reason": "x", "decided_by": "A", "ratified_by": "A"}],
        "discretion[0]: Discretion on standard 2.1 takes two people",
    ),
    (
        ("discretion",),
        [{"standard": "2.1", "to": "good", "reason": "x", "decided_by": "A", "ratified_by": "B"}],
        "discretion[0]: 2.1 is calculated as Outstanding",
    ),
]


def nothing_written():
    return not (
        Inspection.objects.exists() or Service.objects.exists() or Case.objects.exists() or Event.objects.exists()
    )


@pytest.mark.django_db
class TestRefused:
    @pytest.mark.parametrize(("path", "value", "sentence"), FAULTS)
    def test_a_fault_is_named_with_its_path_and_nothing_is_written(self, tmp_path, path, value, sentence):
        with pytest.raises(CommandError) as refusal:
            load(changed(path, value), tmp_path=tmp_path)
        assert sentence in str(refusal.value)
        assert refusal.value.returncode == 1
        assert nothing_written()

    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            (b"", "The file is not JSON"),
            (b"{", "The file is not JSON"),
            (b"[]", "This takes keys with their values"),
            (b"null", "This takes keys with their values"),
            (b"\xff\xfe", "not UTF-8 text"),
            (b'{"a": NaN}', "NaN is not a JSON number"),
            (b"[" * 200_000, "nested"),
            (b'{"a":' * 40_000, "nested"),
            (b"[" * 60 + b"]" * 60, "nested more than"),
            (b"9" * 10_000, "not JSON"),
            (b'{"format": 1, "format": 2}', "The key “format” is given twice."),
            (b'{"format": "\\ud800"}', "cannot be stored"),
        ],
    )
    def test_what_is_no_bundle_is_refused(self, tmp_path, raw, sentence):
        with pytest.raises(CommandError, match=sentence):
            load(raw, tmp_path=tmp_path)
        assert nothing_written()

    def test_fifty_megabytes_are_refused_without_being_read(self, tmp_path):
        with pytest.raises(CommandError, match="larger than 20 MB"):
            load(b"[" + b" " * (50 * 1024 * 1024), tmp_path=tmp_path)

    def test_every_fault_is_named_at_once(self, tmp_path):
        whole = changed(("cases", 0, "answers", "9.9.9"), "yes")
        whole["judgements"]["1.2"] = {"rating": "splendid", "rationale": "x"}
        with pytest.raises(CommandError) as refusal:
            load(whole, tmp_path=tmp_path)
        assert "9.9.9" in str(refusal.value)
        assert "splendid" not in str(refusal.value).split("judgements")[0]
        assert 'judgements["1.2"].rating' in str(refusal.value)

    def test_a_duplicate_key_is_named_with_its_place(self, tmp_path):
        raw = json.dumps(WHOLE).replace('"2.1.1.a": "no"', '"2.1.1.a": "no", "2.1.1.a": "yes"').encode()
        with pytest.raises(CommandError, match=r"cases\[0\].answers: The key “2.1.1.a” is given twice"):
            load(raw, tmp_path=tmp_path)

    def test_a_file_that_is_not_there(self):
        with pytest.raises(CommandError, match="cannot be read: No such file"):
            call_command("load_inspection", "nowhere.json")

    def test_an_inspection_that_is_there_already_needs_replace(self, tmp_path):
        load(WHOLE, tmp_path=tmp_path)
        with pytest.raises(CommandError, match=r"inspection.slug: There is already an inspection called anywhere-2019"):
            load(WHOLE, tmp_path=tmp_path)


@pytest.mark.django_db
class TestTaken:
    def test_it_is_stored_with_its_results(self, tmp_path):
        assert load(WHOLE, tmp_path=tmp_path) == "anywhere-2019\n"
        inspection = Inspection.objects.get(slug="anywhere-2019")
        assert Result.objects.get(inspection=inspection).tallies["2.1.1"] == [1, 0, 0, 0, 0]
        assert differences(inspection) == []
        assert set(inspection.cases.values_list("reference", "state")) == {
            ("C01", "submitted"),
            ("C02", "submitted"),
            ("O01", "allocated"),
        }
        asked_anyway = AnswerRevision.objects.get(question="2.2.3")
        assert (asked_anyway.value, asked_anyway.asked_because) == ("no", "Two earlier incidents.")

    def test_an_exclusion_in_words_of_its_own_has_no_code(self, tmp_path):
        whole = changed(("cases", 1, "excluded_as"), KeyError)
        load(whole, tmp_path=tmp_path)
        case = dumped("anywhere-2019")["cases"][1]
        assert (case["excluded"], "excluded_as" in case) == ("The file cannot be had: lost.", False)

    def test_what_comes_out_goes_in_again_and_gives_the_same_annex(self, tmp_path):
        load(WHOLE, tmp_path=tmp_path)
        first, bundle = annex("anywhere-2019"), dumped("anywhere-2019")
        assert [case.get("excluded_as") for case in bundle["cases"]] == [None, "no_file", None]
        load(bundle, "--replace", tmp_path=tmp_path)
        assert annex("anywhere-2019") == first
        assert dumped("anywhere-2019") == bundle

    def test_a_dump_holds_everything_that_was_given(self, tmp_path):
        load(WHOLE, tmp_path=tmp_path)
        case = dumped("anywhere-2019")["cases"][0]
        given = WHOLE["cases"][0]
        assert case["answers"] == given["answers"]
        assert case["notes"] == given["notes"]
        assert case["hidden_answers"] == given["hidden_answers"]
        assert case["facts"] == {"safety_factors": True, "harm_factors": False}
        assert case["age"] == 15

    @pytest.mark.parametrize("state", ["planned", "moderation"])
    def test_the_state_is_carried(self, tmp_path, state):
        load(in_state(state), tmp_path=tmp_path)
        inspection = Inspection.objects.get(slug="anywhere-2019")
        assert inspection.lifecycle.state == state
        assert dumped("anywhere-2019")["inspection"]["state"] == state

    @pytest.mark.parametrize("state", ["locked", "factual_accuracy", "published"])
    def test_a_sign_off_is_not_carried(self, tmp_path, state):
        load(WHOLE, tmp_path=tmp_path)
        Lifecycle.objects.filter(inspection__slug="anywhere-2019").update(state=state)
        assert dumped("anywhere-2019")["inspection"]["state"] == "moderation"
        with pytest.raises(CommandError, match=r"inspection\.state"):
            load(in_state(state), tmp_path=tmp_path)

    def test_a_planned_inspection_has_no_answers_judgements_or_discretion(self, tmp_path):
        whole = deepcopy(WHOLE) | {"inspection": {**WHOLE["inspection"], "state": "planned"}}
        whole["discretion"] = [{"standard": "2.1", "to": "good", "reason": "R", "decided_by": "A", "ratified_by": "B"}]
        with pytest.raises(CommandError) as refusal:
            load(whole, tmp_path=tmp_path)
        assert [line.split(":")[0] for line in str(refusal.value).splitlines()[1:]] == [
            "judgements",
            "discretion",
            "cases[0]",
            "cases[1]",
        ]
        assert not Inspection.objects.exists()

    def test_replacing_archives_and_deletes_nothing(self, tmp_path):
        load(WHOLE, tmp_path=tmp_path)
        load(WHOLE, "--replace", tmp_path=tmp_path)
        old = Inspection.objects.exclude(archived_at=None).get()
        assert old.slug.startswith("anywhere-2019-replaced-")
        assert old.cases.count() == Inspection.objects.get(slug="anywhere-2019").cases.count() == 3

    def test_a_failed_replacement_leaves_the_old_one_alone(self, tmp_path):
        load(WHOLE, tmp_path=tmp_path)
        faulty = changed(
            ("discretion",), [{"standard": "2.4", "to": "good", "reason": "x", "decided_by": "A", "ratified_by": "B"}]
        )
        with pytest.raises(CommandError):
            load(faulty, "--replace", tmp_path=tmp_path)
        assert Inspection.objects.get().archived_at is None

    def test_another_sector_is_another_file_and_no_code(self, tmp_path, settings):
        settings.EVENHAND_STANDARDS_FOLDERS = [Path(__file__).parents[1] / "documents"]
        whole = {
            "format": "evenhand-inspection/1",
            "standards": "bakery-hygiene",
            "service": {"slug": "crumb", "name": "Crumb", "short_name": "Crumb"},
            "inspection": {"slug": "crumb-2026"},
        }
        load(whole, tmp_path=tmp_path)
        assert annex("crumb-2026")["maximum"] == 12


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_a_bundle_is_mangled_into_is_read_or_refused_with_sentences(data):
    whole = deepcopy(WHOLE)
    place = whole
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(json_values)
    try:
        read_bundle(json.dumps(whole).encode())
    except MalformedBundle as refusal:
        assert str(refusal)
        assert all(fault.message.endswith(".") for fault in refusal.faults)


def test_the_largest_bundle_that_is_taken_is_said():
    with pytest.raises(MalformedBundle, match="20 MB"):
        read_bundle(b" " * (LARGEST + 1))
