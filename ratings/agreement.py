"""What stands between an inspection and its locked ratings.

An individual alert is no figure, and still a condition: somebody may be at risk, and nobody signs an inspection off without
having said what was done about it. A standard that discretion could move and that nobody decided about is no condition:
discretion is an option, not a right.
"""

from collections import Counter
from dataclasses import dataclass

from cases.alerts import open_alerts
from cases.excluding import proposals_waiting
from cases.held import waiting
from cases.models import Case, CaseState, Enquiry
from cases.policies import open_queries
from ratings.later_changes import unconfirmed_changes
from ratings.models import DiscretionDecision

Event = DiscretionDecision.Event


@dataclass(frozen=True)
class Missing:
    """One thing that is missing, as a sentence. `kind` says where it is mended; `cases` and `standards` are those concerned."""

    kind: str
    sentence: str
    cases: tuple[Case, ...] = ()
    standards: tuple[str, ...] = ()


def what_is_missing(inspection, standards, decisions):
    """Return everything that keeps the ratings from being agreed, as `Missing`, in the order in which it is best mended.

    `standards` are the ratings as `Result.standards` holds them, `decisions` the newest discretion decision of each
    standard. As many queries for many cases as for few.
    """
    return [
        *_alerts(open_alerts(inspection).count()),
        *_held(waiting(inspection).count()),
        *_queries(open_queries().filter(case__inspection=inspection, case__excluded_reason="").count()),
        *_enquiries(inspection),
        *_exclusions(inspection),
        *_cases(inspection),
        *_ratings(inspection.document, standards),
        *_discretion(standards, decisions),
        *_later_changes(len(unconfirmed_changes(inspection))),
    ]


def _alerts(count):
    if count:
        yield Missing("alerts", f"{_are(count, 'individual alert is', 'individual alerts are')} not settled.")


def _held(count):
    if count:
        yield Missing("held", f"{_are(count, 'held answer waits', 'held answers wait')} to be accepted or rejected.")


def _queries(count):
    if count:
        yield Missing("queries", f"{_are(count, 'query is', 'queries are')} open.")


def _enquiries(inspection):
    count = Enquiry.objects.filter(case__inspection=inspection, case__excluded_reason="", decision=None).count()
    if count:
        cases = Case.objects.filter(inspection=inspection, excluded_reason="").filter(
            pk__in=Enquiry.objects.filter(decision=None).values("case")
        )
        yield Missing(
            "enquiries",
            f"{_are(count, 'further enquiry waits', 'further enquiries wait')} for a decision.",
            tuple(cases.only("public_id", "reference", "state", "sample")),
        )


def _exclusions(inspection):
    cases = tuple(Case.objects.filter(pk__in=proposals_waiting(inspection).values("case")))
    if cases:
        yield Missing(
            "exclusions",
            f"{_are(len(cases), 'proposed exclusion waits', 'proposed exclusions wait')} for the lead inspector.",
            cases,
        )


def _cases(inspection):
    cases = tuple(
        Case.objects.filter(inspection=inspection, excluded_reason="")
        .exclude(state=CaseState.AGREED)
        .only("public_id", "reference", "state", "sample")
    )
    if cases:
        counts = Counter(case.state for case in cases)
        states = ", ".join(f"{counts[state]} {state.label.lower()}" for state in CaseState if counts[state])
        yield Missing(
            "cases", f"{_are(len(cases), 'case is', 'cases are')} neither agreed nor excluded: {states}.", cases
        )


def _ratings(document, standards):
    for method, kind, words in (
        ("judgement", "judgements", "not judged yet"),
        ("percentage", "ratings", "not rated: no key question has a relevant case"),
    ):
        codes = tuple(
            code
            for code, held in document.standards.items()
            if held.method == method and held.counts_in_total and standards[code][1] is None
        )
        if codes:
            yield Missing(kind, f"{_standards(codes)} {words}.", standards=codes)


def _discretion(standards, decisions):
    lapsed = tuple(
        code
        for code, (_, _, discretion) in standards.items()
        if discretion == "lapsed" or (code in decisions and decisions[code].event == Event.LAPSED)
    )
    if lapsed:
        yield Missing(
            "discretion", f"The discretion on {_and(lapsed)} no longer applies. Decide again.", standards=lapsed
        )
    proposed = tuple(code for code in standards if code in decisions and decisions[code].event == Event.PROPOSED)
    if proposed:
        yield Missing(
            "discretion",
            f"The discretion proposed on {_and(proposed)} is neither ratified, refused nor withdrawn.",
            standards=proposed,
        )


def _later_changes(count):
    if count:
        yield Missing(
            "later_changes",
            f"{_are(count, 'change', 'changes')} made after “How firm is it?” was opened "
            f"{'awaits' if count == 1 else 'await'} a second person. Have a reviewer agree them.",
        )


def _are(count, one, many):
    return f"{count} {one if count == 1 else many}"


def _standards(codes):
    return f"Standard {codes[0]} is" if len(codes) == 1 else f"Standards {_and(codes)} are"


def _and(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
