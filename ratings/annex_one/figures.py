"""What Annex 1 counts, as frozen values. Pure: cases and counts of answers in, figures out.

All numbers are cases, unless said otherwise. An excluded case is in none but those of exclusions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from cases.asked import holds
from cases.sampling import margin_of_error, window
from inspections.delivery import Methodology
from ratings.scoring import percentage
from standards.document import NO, YES, CaseQuestion, Disposal, Document, ProfileField, Sample, Sampling

NOT_RECORDED = ""
# Fields of the profile that hold numbers are counted in bands; these are where the second and later ones begin. Our choice:
# reports speak of children under 15. Other numbers are counted one by one.
BANDS: Mapping[str, tuple[int, ...]] = {"age": (15, 18)}
# The options of a field that say what no value says too.
UNKNOWN_OPTIONS = ("not_known", "not_classified")
# A count of so many children may tell who they are. Our choice, and usual where numbers about people are published.
FEW = 4

# How many cases gave each value, by question and disposal; None for no answer.
Answered = Mapping[str, Mapping[str, Mapping[str | None, int]]]


@dataclass(frozen=True)
class CountedCase:
    """A case as it is counted. `excluded` is why it left the sample, in the words that reasons are grouped by, "" where it
    counts; `excluded_as` is the code of the reason. With `replaced` another case took its place.
    """

    sample: str
    disposal: str
    disposal_date: date | None = None
    profile: Mapping[str, Any] | None = None
    excluded: str = ""
    excluded_as: str = ""
    replaced: bool = False
    has_file: bool = True


@dataclass(frozen=True)
class Drawn:
    """The stored draw of a sample: how many cases were `eligible`, by sample, and the settings it was made by.

    `size` is how many cases were drawn, and `by_rule` how many the settings ask for: they differ where somebody set the size.
    """

    eligible: Mapping[str, int]
    sampling: Sampling
    size: int
    by_rule: int


@dataclass(frozen=True)
class Count:
    """How many cases have a value. `code` is `NOT_RECORDED` for those of which nothing is known."""

    code: str
    label: str
    cases: int


@dataclass(frozen=True)
class DisposalCount(Count):
    """How many cases have a disposal. `group` is what reports count it with, "" where they count it alone."""

    group: str


@dataclass(frozen=True)
class ExclusionCount(Count):
    """How many cases left the sample for a reason, and of how many of them another case took the place."""

    replaced: int


@dataclass(frozen=True)
class ProfileCounts:
    """The values of one field of the profile, in the order of the standards document, those that nobody has included.

    With `several` a case may have more than one.
    """

    code: str
    label: str
    several: bool
    counts: tuple[Count, ...]

    @property
    def is_recorded(self) -> bool:
        """Whether anything is known of any case."""
        return any(count.cases for count in self.counts if count.code not in (NOT_RECORDED, *UNKNOWN_OPTIONS))


@dataclass(frozen=True)
class FactCounts:
    """In how many cases a fact holds, does not, and is not established. A disposal may settle it without an answer, as it does
    for the questions that are asked. `reported` is what it says, as reports put it:
    "there were factors related to keeping other people safe"; "" where the standards have no words for it.
    """

    code: str
    text: str
    reported: str
    holds: int
    holds_not: int
    not_established: int


@dataclass(frozen=True)
class Interviews:
    """In how many cases there was an interview, by the answer to the question `text`."""

    code: str
    text: str
    held: int
    not_held: int
    not_recorded: int


@dataclass(frozen=True)
class Dates:
    """How many disposals were made between `first` and `last`, the days that make a case eligible, both included.

    The days are None where it is not known when fieldwork began; every case is then `not_recorded`.
    """

    first: date | None
    last: date | None
    within: int
    outside: int
    not_recorded: int


@dataclass(frozen=True)
class SampleFigures:
    """One kind of case. `percent` is its share of all cases, whole, None without any.

    `eligible` and `margin`, the margin of error of the cases in percentage points, are None without a stored draw. `facts`
    and `interviews` come from answers: they are None while `hidden` says what is awaited, and `interviews` also where the
    standards do not ask.
    """

    code: str
    label: str
    title: str
    months: tuple[int, int]
    cases: int
    percent: int | None
    eligible: int | None
    margin: float | None
    disposals: tuple[DisposalCount, ...]
    dates: Dates
    profile: tuple[ProfileCounts, ...]
    facts: tuple[FactCounts, ...] | None
    interviews: Interviews | None
    hidden: str
    without_file: int
    excluded: tuple[ExclusionCount, ...]

    @property
    def groups(self) -> tuple[Count, ...]:
        """The disposals that reports count together, by group."""
        counts: Counter[str] = Counter()
        for held in self.disposals:
            counts[held.group] += held.cases
        return tuple(Count(group, group, cases) for group, cases in counts.items() if group)

    @property
    def is_whole(self) -> bool:
        """Whether every eligible case of the draw counts. After an exclusion as many can only be others, added by hand."""
        return self.cases == self.eligible and not self.excluded


@dataclass(frozen=True)
class DrawFigures:
    """The draw: eligible cases, `confidence` 0-1, the `margin_of_error` it was set to achieve and the `margin` of the cases
    that there are, both in percentage points, and by what codes and in what words the sample was matched.

    `size` cases were drawn, where confidence and margin ask for `by_rule`.
    """

    eligible: int
    size: int
    by_rule: int
    confidence: float
    margin_of_error: float
    margin: float | None
    matched: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SmallGroup:
    """A count that could tell who the children are: of which sample, of what, and how many."""

    sample: str
    about: str
    value: str
    cases: int


@dataclass(frozen=True)
class AnnexOne:
    """The figures of Annex 1 of one inspection, in its own terms. `at` is ISO with offset, `delivery` the title of what is
    judged without cases, "" where nothing is. `terms` are the words of sentences. Of the `cases`, `submitted` are read.
    """

    inspection: str
    service: str
    standards: str
    standards_version: int
    heading: str
    at: str
    sequence: int
    invented_answers: bool
    cases: int
    submitted: int
    draw: DrawFigures | None
    samples: tuple[SampleFigures, ...]
    delivery: str
    methodology: Methodology
    terms: Mapping[str, str]

    @property
    def unread(self) -> str:
        """A sentence that says how far the cases have come, since sentences read as if all were read; "" once they are."""
        if self.submitted == self.cases:
            return ""
        return f"The sentences speak as if every case were read: {self.submitted} of {self.cases} are submitted so far."

    @property
    def small_groups(self) -> tuple[SmallGroup, ...]:
        """Every count of 1 to 4 cases by disposal, by profile, and of facts, whether they hold or do not."""
        return tuple(
            SmallGroup(sample.title, about, value, cases)
            for sample in self.samples
            for about, value, cases in _told(sample)
            if is_small(cases)
        )


def is_small(cases: int) -> bool:
    """Return whether a count of cases could tell who the children are."""
    return 1 <= cases <= FEW


def figures_of_sample(
    document: Document,
    sample: Sample,
    cases: Sequence[CountedCase],
    answers: Answered,
    *,
    worded: Callable[[str], str],
    fieldwork: date | None = None,
    drawn: Drawn | None = None,
    hidden: str = "",
) -> SampleFigures:
    """Return the figures of one kind of case.

    `cases` are those of all kinds, and `answers` has the counts of this one's. `worded` gives a text in the inspection's
    terms, `hidden` what is awaited before answers are told.
    """
    ours = [case for case in cases if case.sample == sample.code]
    counted = [case for case in ours if not case.excluded]
    whole = sum(not case.excluded for case in cases)
    eligible = drawn.eligible.get(sample.code, 0) if drawn else None
    return SampleFigures(
        code=sample.code,
        label=sample.label,
        title=worded(document.domain_of_sample(sample.code).title),
        months=sample.window_months,
        cases=len(counted),
        percent=percentage(len(counted), whole),
        eligible=eligible,
        margin=_margin(drawn.sampling, len(counted), eligible) if drawn else None,
        disposals=_disposals(sample.disposals, counted, worded),
        dates=_dates(sample, counted, fieldwork),
        profile=tuple(_profile(field, counted, worded) for field in document.profile if _is_counted(field)),
        facts=None if hidden else tuple(_facts(document, sample.code, counted, answers, worded)),
        interviews=None if hidden else _interviews(document, sample.code, len(counted), answers, worded),
        hidden=hidden,
        without_file=sum(not case.has_file for case in counted),
        excluded=_excluded(ours),
    )


def figures_of_draw(document: Document, drawn: Drawn, cases: int, *, worded: Callable[[str], str]) -> DrawFigures:
    """Return the figures of a draw whose sample has come to so many cases that count."""
    labels = {field.code: worded(field.label) for field in document.profile} | {"disposal": "Disposal"}
    eligible = sum(drawn.eligible.values())
    return DrawFigures(
        eligible=eligible,
        size=drawn.size,
        by_rule=drawn.by_rule,
        confidence=drawn.sampling.confidence,
        margin_of_error=drawn.sampling.margin_of_error,
        margin=_margin(drawn.sampling, cases, eligible),
        matched=tuple((code, labels[code]) for code in drawn.sampling.stratify_by),
    )


def codes_counted(document: Document, sample: str) -> tuple[str, ...]:
    """Return the codes of the facts and case questions of a sample that Annex 1 counts."""
    interview = _interview_question(document, sample)
    facts = [code for code, question in document.questions(sample).items() if question.role == "fact"]
    return (*facts, *([interview.code] if interview else []))


def _margin(sampling, cases, eligible):
    # Cases that were added by hand may be more than the list had.
    return None if cases > eligible else margin_of_error(sampling, cases, eligible)


def _disposals(disposals: Iterable[Disposal], cases, worded):
    counts = Counter(case.disposal for case in cases)
    return tuple(DisposalCount(held.code, worded(held.label), counts[held.code], held.group) for held in disposals)


def _excluded(cases):
    groups: dict[tuple[str, str], list[bool]] = {}
    for case in cases:
        if case.excluded:
            groups.setdefault((case.excluded, case.excluded_as), []).append(case.replaced)
    return tuple(
        ExclusionCount(code, label, len(replaced), sum(replaced)) for (label, code), replaced in sorted(groups.items())
    )


def _dates(sample, cases, fieldwork):
    if fieldwork is None:
        return Dates(None, None, 0, 0, len(cases))
    first, last = window(sample, fieldwork)
    days = [case.disposal_date for case in cases if case.disposal_date]
    within = sum(first <= day <= last for day in days)
    return Dates(first, last, within, len(days) - within, len(cases) - len(days))


def _is_counted(field: ProfileField):
    return field.kind in ("choice", "choices", "number")


def _profile(field: ProfileField, cases, worded):
    counts = _numbers(field, cases) if field.kind == "number" else _options(field, cases, worded)
    return ProfileCounts(field.code, worded(field.label), field.kind == "choices", counts)


def _options(field, cases, worded):
    known = {option.code: worded(option.label) for option in field.options}
    missing = next((code for code in UNKNOWN_OPTIONS if code in known), NOT_RECORDED)
    counts = Counter()
    for case in cases:
        value = (case.profile or {}).get(field.code)
        values = value if isinstance(value, list) else [value]
        counts.update({held if held in known else missing for held in values or [None]})
    return tuple(
        Count(code, label, counts[code])
        for code, label in (*known.items(), *([] if missing else [(NOT_RECORDED, "Not recorded")]))
    )


def _numbers(field, cases):
    given = [(case.profile or {}).get(field.code) for case in cases]
    numbers = [value for value in given if isinstance(value, int | float) and not isinstance(value, bool)]
    starts = BANDS.get(field.code)
    if starts:
        counts = [
            Count(code, label, sum(low <= number < high for number in numbers))
            for code, label, low, high in _bands(starts)
        ]
    else:
        counts = [Count(f"{number:g}", f"{number:g}", held) for number, held in sorted(Counter(numbers).items())]
    return (*counts, Count(NOT_RECORDED, "Not recorded", len(given) - len(numbers)))


def _bands(starts):
    yield f"under_{starts[0]}", f"Under {starts[0]}", float("-inf"), starts[0]
    for low, high in pairwise(starts):
        yield f"{low}_to_{high - 1}", f"{low} to {high - 1}", low, high
    yield f"from_{starts[-1]}", f"{starts[-1]} and over", starts[-1], float("inf")


def _facts(document, sample, cases, answers, worded):
    disposals = Counter(case.disposal for case in cases)
    for code, question in document.questions(sample).items():
        if question.role != "fact":
            continue
        counts = _holding(document, code, disposals, answers.get(code, {}))
        reported = worded(_reported(document, code))
        yield FactCounts(code, worded(question.text), reported, counts[True], counts[False], counts[None])


def _holding(document, fact, disposals, answered):
    """Return in how many cases a fact holds, does not, and is not established, by `cases.asked.holds`."""
    counts = Counter()
    for disposal, cases in disposals.items():
        given = {value: count for value, count in answered.get(disposal, {}).items() if value is not None}
        for value, count in (*given.items(), (None, cases - sum(given.values()))):
            counts[holds(document, fact, value, disposal)] += count
    return counts


def _reported(document, fact):
    """Return what a fact says, from the rule that depends on it: "where there are factors" is "there were factors" of cases
    that have been read. "" where no rule reads so.
    """
    rules = [rule.meaning for rule in document.applicability if rule.fact == fact and not rule.prompts_only]
    meaning = next((rule for rule in rules if rule.startswith("where ")), "").removeprefix("where ")
    for now, then in (("there are ", "there were "), ("there is ", "there was ")):
        if meaning.startswith(now):
            return then + meaning.removeprefix(now)
    return meaning


def _interview_question(document, sample) -> CaseQuestion | None:
    asked = document.questions(sample)
    held = (question for question in document.case_questions if question.about == "interview")
    return next((question for question in held if question.code in asked), None)


def _interviews(document, sample, cases, answers, worded):
    question = _interview_question(document, sample)
    if question is None:
        return None
    counts = answers.get(question.code, {}).values()
    held, not_held = (sum(values.get(answer, 0) for values in counts) for answer in (YES, NO))
    return Interviews(question.code, worded(question.text), held, not_held, cases - held - not_held)


def _told(sample: SampleFigures):
    """Yield (about, value, cases) for every count that tells something of children: what they got, are and were found to be."""
    yield from (("Disposals together", count.label.capitalize(), count.cases) for count in sample.groups)
    yield from (("Disposal", count.label, count.cases) for count in sample.disposals)
    for field in sample.profile:
        yield from ((field.label, count.label, count.cases) for count in field.counts if field.is_recorded)
    for fact in sample.facts or ():
        yield from ((fact.text, "Yes", fact.holds), (fact.text, "No", fact.holds_not))
