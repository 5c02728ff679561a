"""Why a case may leave the sample, and the steps by which it does. Pure: no database, no HTML.

Source: the rules page, "From an answer to a percentage". Work that should have been done and was not is a "no", so it is no
reason; it stands among the choices all the same, so that whoever looks for it is told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts.permissions import Permission
from inspections.errors import Refused


class Reason(StrEnum):
    """Why a case leaves the sample."""

    NOT_ELIGIBLE = "not_eligible"
    NO_FILE = "no_file"
    CONFLICT = "conflict"
    NOT_REQUIRED = "not_required"
    OTHER = "other"


@dataclass(frozen=True)
class Words:
    """A reason in words: its `label`, what it `means` to whoever chooses it, and how sentences speak of it.

    `alone` goes on from "1 case was replaced:" and `all` from "3 cases were replaced:"; `one` and `several` take their
    number of cases.
    """

    label: str
    means: str
    alone: str
    all: str
    one: str
    several: str


WORDS: Mapping[Reason, Words] = {
    Reason.NOT_ELIGIBLE: Words(
        "Not eligible",
        "The case should not have been in the list: it is no disposal of the kind or of the weeks that are inspected, the "
        "child moved to another area at once, or the case is there twice.",
        "it was not eligible",
        "they were not eligible",
        "{} was not eligible",
        "{} were not eligible",
    ),
    Reason.NO_FILE: Words(
        "The file cannot be had",
        "The service has no record to read, or cannot give access to it within fieldwork. A file that is thin is a file: "
        "read it and answer from what is there.",
        "its file could not be had",
        "their files could not be had",
        "the file of {} could not be had",
        "the files of {} could not be had",
    ),
    Reason.CONFLICT: Words(
        "Conflict of interest",
        "Nobody in the team may read this case, such as one of a relative or of a former case of an inspector. Where "
        "somebody else may, give the case to them instead.",
        "there was a conflict of interest",
        "there was a conflict of interest about each",
        "there was a conflict of interest about {}",
        "there were conflicts of interest about {}",
    ),
    Reason.NOT_REQUIRED: Words(
        "The work was never required",
        "The service never had to do this work, such as with a disposal that was overturned or that another area "
        "supervised. Where it had to and did not, the case stays and the answers are “no”.",
        "the work was never required",
        "the work was never required",
        "the work on {} was never required",
        "the work on {} was never required",
    ),
    Reason.OTHER: Words(
        "Another reason",
        "Say which. The lead inspector looks at it with particular care.",
        "it was left out for another reason",
        "they were left out for other reasons",
        "{} was left out for another reason",
        "{} were left out for other reasons",
    ),
}

# What is looked for and is no reason: among the choices, and refused.
WORK_NOT_DONE = "not_done"
WORK_NOT_DONE_LABEL = "No assessment, plan or review was done where one was due"
WORK_NOT_DONE_REFUSED = (
    "Work that should have been done and was not is a “no”, so the case stays in the sample. Answer its questions so."
)
CARE = "Work that should have been done and was not is a “no”, and no reason to leave a case out, however it is put."


class Standing(StrEnum):
    """Where a case stands in the sample."""

    COUNTS = "counts"
    PROPOSED = "proposed"
    EXCLUDED = "excluded"


class Step(StrEnum):
    """One thing that is done about the exclusion of a case, as it is recorded. `EXCLUDED` is without a proposal."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    AGREED = "agreed"
    EXCLUDED = "excluded"
    RESTORED = "restored"


# What is told of a step that was taken.
TOLD: Mapping[Step, str] = {
    Step.PROPOSED: "Exclusion proposed",
    Step.DECLINED: "Declined: the case stays in the sample",
    Step.AGREED: "Agreed: the case left the sample",
    Step.EXCLUDED: "Excluded, without a proposal",
    Step.RESTORED: "Restored: the case is back in the sample",
}


@dataclass(frozen=True)
class Rule:
    """Who takes a step, in words what it is, and for every standing the one that follows, or why it cannot be taken."""

    permission: Permission
    words: str
    then: Mapping[Standing, Standing | str]


EXCLUDED_ALREADY = "This case is excluded already."
NO_PROPOSAL = (
    "No exclusion is proposed for this case, so there is nothing to decide. Somebody decided it meanwhile, perhaps."
)
PROPOSED_ALREADY = "The exclusion of this case is proposed already. {}"

TABLE: Mapping[Step, Rule] = {
    Step.PROPOSED: Rule(
        Permission.ANSWER_CASES,
        "propose to exclude a case",
        {
            Standing.COUNTS: Standing.PROPOSED,
            Standing.PROPOSED: PROPOSED_ALREADY.format("The lead inspector decides."),
            Standing.EXCLUDED: EXCLUDED_ALREADY,
        },
    ),
    Step.DECLINED: Rule(
        Permission.AGREE_EXCLUSIONS,
        "decline a proposal",
        {
            Standing.COUNTS: NO_PROPOSAL,
            Standing.PROPOSED: Standing.COUNTS,
            Standing.EXCLUDED: EXCLUDED_ALREADY,
        },
    ),
    Step.AGREED: Rule(
        Permission.AGREE_EXCLUSIONS,
        "agree a proposal",
        {
            Standing.COUNTS: NO_PROPOSAL,
            Standing.PROPOSED: Standing.EXCLUDED,
            Standing.EXCLUDED: EXCLUDED_ALREADY,
        },
    ),
    Step.EXCLUDED: Rule(
        Permission.AGREE_EXCLUSIONS,
        "exclude a case that nobody proposed",
        {
            Standing.COUNTS: Standing.EXCLUDED,
            Standing.PROPOSED: PROPOSED_ALREADY.format("Agree or decline that."),
            Standing.EXCLUDED: EXCLUDED_ALREADY,
        },
    ),
    Step.RESTORED: Rule(
        Permission.AGREE_EXCLUSIONS,
        "restore a case",
        {
            Standing.COUNTS: "This case is in the sample, so there is nothing to restore.",
            Standing.PROPOSED: "This case is in the sample: its exclusion is only proposed. Decline that.",
            Standing.EXCLUDED: Standing.COUNTS,
        },
    ),
}


def standing_after(step, standing):
    """Return the `Standing` that a step leads to. Raises Refused, with a sentence, where it cannot be taken now."""
    after = TABLE[step].then[standing]
    if not isinstance(after, Standing):
        raise Refused(f"{after} Nothing was changed.")
    return after


def label_of(code: str, text: str) -> str:
    """Return what a case is left out for, in the words that reasons are grouped by: its whole `text` where it has no code."""
    return WORDS[Reason(code)].label if code else text


def text_of(reason: Reason, words: str) -> str:
    """Return a reason with the words beside it, as it stands on the case: "Not eligible: lives elsewhere."."""
    return f"{WORDS[reason].label}: {words.strip()}"


def by_label(cases):
    """Return excluded cases as {label of the reason: cases}, in their order."""
    groups = {}
    for case in cases:
        groups.setdefault(case.excluded_label, []).append(case)
    return groups


def sentences(replaced: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return how many cases left the sample and why, given the code of the reason of each, "" where none is known.

    First of those that were `replaced`, then of the `others`: "3 cases were replaced: the files of 2 could not be had, and 1
    was not eligible."
    """
    return [
        f"{_number(len(codes))} {done}: {_reasons(codes)}."
        for codes, done in ((list(replaced), "replaced"), (list(others), "excluded and not replaced"))
        if codes
    ]


def _number(count):
    return "1 case was" if count == 1 else f"{count} cases were"


def _reasons(codes):
    counts = Counter(Reason(code or Reason.OTHER) for code in codes)
    if len(counts) == 1:
        words = WORDS[next(iter(counts))]
        return words.alone if len(codes) == 1 else words.all
    ordered = sorted(counts.items(), key=lambda held: (-held[1], list(Reason).index(held[0])))
    told = [(WORDS[reason].one if count == 1 else WORDS[reason].several).format(count) for reason, count in ordered]
    return ", and ".join(filter(None, [", ".join(told[:-1]), told[-1]]))
