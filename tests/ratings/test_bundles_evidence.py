"""Where the evidence came from and what is to be asked at interview, in bundles."""

import json
from copy import deepcopy

import pytest

from ratings.bundle.dump import dump_bundle
from ratings.bundle.load import load_bundle
from ratings.bundle.shape import MalformedBundle
from tests.ratings.test_bundles import WHOLE

pytestmark = pytest.mark.django_db


def bundle(**parts):
    whole = deepcopy(WHOLE)
    for name, held in parts.items():
        whole["cases"][0][name] |= held
    return json.dumps(whole).encode()


def test_out_and_in_again(lead):
    raw = bundle(
        answers={
            "2.1.1": {"value": "yes", "source": "both"},
            "2.1.2": {"value": None, "at_interview": True},
        },
        facts={"safety_factors": {"value": True, "source": "file", "at_interview": True}},
        hidden_answers={"2.3.3": {"value": "yes", "source": "interview"}},
    )
    dumped = dump_bundle(load_bundle(raw=raw, by=lead))
    (part, *_) = dumped["cases"]
    assert part["answers"]["2.1.1"] == {"value": "yes", "source": "both"}
    assert part["answers"]["2.1.2"] == {"value": None, "at_interview": True}
    assert part["facts"]["safety_factors"] == {"value": True, "source": "file", "at_interview": True}
    assert part["facts"]["harm_factors"] is False
    assert part["hidden_answers"]["2.3.3"] == {"value": "yes", "source": "interview"}
    again = load_bundle(raw=json.dumps(dumped).encode(), by=lead, replace_existing=True)
    assert dump_bundle(again)["cases"] == dumped["cases"]


@pytest.mark.parametrize(
    ("name", "code", "path"),
    [("answers", "2.1.1", 'answers["2.1.1"]'), ("facts", "review_required", "facts.review_required")],
)
def test_an_unknown_source_is_refused(lead, name, code, path):
    with pytest.raises(MalformedBundle) as refused:
        load_bundle(raw=bundle(**{name: {code: {"value": None, "source": "rumour"}}}), by=lead)
    assert str(refused.value) == f"cases[0].{path}: The source of {code} is one of file, interview, both, or left out."


def test_the_notebook_and_the_interview_go_with_it(lead):
    texts = {"notebook": "Read the referral twice.", "interview_slot": "Tuesday", "interview_others": "A parent"}
    dumped = dump_bundle(load_bundle(raw=bundle(answers=texts), by=lead))
    assert dumped["cases"][0]["answers"].items() >= texts.items()
    again = load_bundle(raw=json.dumps(dumped).encode(), by=lead, replace_existing=True)
    assert dump_bundle(again)["cases"] == dumped["cases"]
