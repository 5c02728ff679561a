"""The figures of Annex 1 as sentences: in the words of reports, in the inspection's own terms, and nothing not recorded.

Counts of cases and percentages stand in figures, as Annex 1 prints them ("We examined 13 out-of-court disposals"), zero as
"no"; spans of months stand in words ("six to nine months earlier"). No share stands without its count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cases import exclusions
from inspections.delivery import Methodology, in_words
from ratings.annex_one.figures import AnnexOne, Count, SampleFigures, is_small

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Sentence:
    """What may be copied into a report. `about` names what is said in it, `rests_on` says in words what it was counted from.

    `counts` are numbers of children who are alike in something it tells, said or easily reckoned from what is said.
    """

    about: str
    text: str
    rests_on: str
    counts: tuple[int, ...] = ()

    @property
    def is_small(self) -> bool:
        """Whether it tells of so few children that somebody could know who they are."""
        return any(is_small(count) for count in self.counts)


@dataclass(frozen=True)
class Section:
    """The sentences on one domain, or on the sample as a whole. `hidden` says what is awaited before the rest may be told."""

    title: str
    sample: str
    sentences: tuple[Sentence, ...]
    hidden: str = ""


def sections(figures: AnnexOne) -> tuple[Section, ...]:
    """Return the sentences in the order of a report: organisational delivery, the sample as a whole, each kind of case."""
    delivery = [Section(figures.delivery, "", tuple(_delivery(figures)))] if figures.delivery else []
    return (
        *delivery,
        Section("The sample", "", tuple(_whole(figures))),
        *(
            Section(sample.title, sample.code, tuple(_of_sample(figures, sample)), sample.hidden)
            for sample in figures.samples
        ),
    )


def _delivery(figures: AnnexOne) -> Iterator[Sentence]:
    if figures.methodology != Methodology():
        yield Sentence("delivery", figures.methodology.sentence, EVIDENCE)


EVIDENCE = "The evidence that is recorded, withdrawn pieces and those dated after today left out."


def _whole(figures: AnnexOne) -> Iterator[Sentence]:
    draw = figures.draw
    if draw is None:
        return
    precision = (
        f"a confidence level of {draw.confidence * 100:g} per cent (with a margin of error of {draw.margin_of_error:g})"
    )
    population = f"from {_many(draw.eligible, 'eligible case')}"
    yield Sentence(
        "draw",
        f"The sample size was set to achieve {precision}, {population}."
        if draw.size == draw.by_rule
        else f"The sample size was set to {_many(draw.size, 'case')}, {population}; {precision} would take {draw.by_rule}.",
        "The draw of the sample, and the plan and the list of cases it was made from.",
    )
    if draw.matched:
        yield Sentence(
            "matched",
            f"Cases were drawn in proportion to the eligible cases by {in_words([_lower(words) for _, words in draw.matched])}.",
            "The strata of the draw.",
        )
    yield from _margin(figures)


def _margin(figures):
    draw = figures.draw
    if draw.margin is None:
        return
    eligible = _many(draw.eligible, "eligible case")
    if all(sample.is_whole for sample in figures.samples):
        every = "the only eligible case" if draw.eligible == 1 else f"all {eligible}"
        yield Sentence(
            "margin",
            f"We examined {every}, so there is no margin of error.",
            f"The sample has every case of the list it was drawn from: {eligible}.",
        )
    elif draw.margin:
        examined = f"With the {_many(figures.cases, 'case')} that we examined"
        told = f"{examined}, the margin of error is {draw.margin:.1f} percentage points."
        wider = [
            f"{sample.margin:.1f} for {_the_disposals_of(sample)}"
            for sample in figures.samples
            if sample.margin is not None and round(sample.margin, 1) > round(draw.margin, 1)
        ]
        if wider:
            told += f" Findings on a part of the sample have a wider one: {in_words(wider)}."
        whole = [_the_disposals_of(sample) for sample in figures.samples if sample.is_whole and sample.cases]
        if whole:
            told += f" There is none for {in_words(whole)}: we examined all that were eligible."
        yield Sentence("margin", told, f"z × √(0.25 ÷ cases), corrected for {eligible}.")


def _of_sample(figures: AnnexOne, sample: SampleFigures) -> Iterator[Sentence]:
    rests = f"Cases in the sample that are not excluded: {sample.cases}."
    yield Sentence("size", f"We examined {_disposals_of(sample)}.", rests, (sample.cases,))
    if sample.cases:
        if figures.cases > 1:
            yield _share(figures, sample)
        yield _looked_at(sample)
        yield from _facts(sample)
        yield from _interviews(sample)
    if sample.without_file:
        yield Sentence(
            "without_file",
            f"In {_of(sample.without_file, sample)} there was no file to read.",
            "What is written down about files at each case.",
        )
    yield from _left_out(sample)


def _share(figures, sample):
    children, dates = figures.terms.get("children", ""), sample.dates
    rests = [f"{sample.cases} of {figures.cases}, rounded half up"]
    if sample.cases == 1:
        were = f"was a {sample.label} case"
    elif children:
        were = f"were those of {children} who had received {sample.label} disposals"
        if dates.first and dates.within == sample.cases:
            were += f" {_months(sample.months)} earlier"
            rests.append(f"every disposal made from {_day(dates.first)} to {_day(dates.last)}")
        elif dates.first:
            rests.append(
                f"the months are left out, as {dates.outside} lie outside {_day(dates.first)} to {_day(dates.last)} and "
                f"{dates.not_recorded} have no date"
            )
    else:
        were = f"were {sample.label} cases"
    return Sentence(
        "share",
        f"{sample.cases} of the {figures.cases} cases we examined ({sample.percent} per cent) {were}.",
        f"{'; '.join(rests)}.",
        (sample.cases,),
    )


def _looked_at(sample):
    counts = [Count(held.code, f"{held.label} sentence", held.cases) for held in sample.groups]
    alone = [Count(held.code, _lower(held.label), held.cases) for held in sample.disposals if not held.group]
    there = sorted((count for count in counts + alone if count.cases), key=lambda count: -count.cases)
    text = f"We took a detailed look at {in_words([_many(count.cases, count.label) for count in there])}"
    missing = [f"no {_several(count.label)}" for count in alone if not count.cases]
    if missing:
        text += f"; there were {in_words(missing)}"
    counts = tuple(count.cases for count in there)
    return Sentence("disposals", f"{text}.", "The disposal of each case, counted as the standards group them.", counts)


def _facts(sample):
    for fact in sample.facts or ():
        known = fact.holds + fact.holds_not
        if fact.reported and known:
            open_ = f" In {fact.not_established} this is not established yet." if fact.not_established else ""
            yield Sentence(
                fact.code,
                f"In {_of(fact.holds, sample)}, inspectors judged that {fact.reported}.{open_}",
                f"“{fact.text}” {_answered(fact.holds, fact.holds_not, fact.not_established, 'not established')}.",
                (fact.holds, fact.holds_not),
            )


def _interviews(sample):
    held = sample.interviews
    if held and held.held + held.not_held:
        open_ = f" For {held.not_recorded} it is not recorded whether we did." if held.not_recorded else ""
        yield Sentence(
            "interviews",
            f"We interviewed the case manager in {_of(held.held, sample)}.{open_}",
            f"“{held.text}” {_answered(held.held, held.not_held, held.not_recorded, 'not answered')}.",
        )


def _answered(yes, no, missing, words):
    return f"{yes} yes, {no} no{f', {missing} {words}' if missing else ''}"


def _left_out(sample):
    replaced = [held.code for held in sample.excluded for _ in range(held.replaced)]
    others = [held.code for held in sample.excluded for _ in range(held.cases - held.replaced)]
    if told := exclusions.sentences(replaced, others):
        yield Sentence("excluded", " ".join(told), "Exclusions by reason, and the cases that took the place of others.")


def _of(count, sample):
    """Return a count among the cases of a sample: "26 of the 30 court cases", "all 30 court cases"."""
    if sample.cases == 1:
        return f"the only {sample.label} case" if count else f"no {sample.label} case"
    if count == sample.cases:
        return f"all {count} {sample.label} cases"
    return f"{count or 'none'} of the {sample.cases} {sample.label} cases"


def _disposals_of(sample):
    return _many(sample.cases, f"{sample.label} disposal")


def _the_disposals_of(sample):
    return f"the {_disposals_of(sample)}" if sample.cases > 1 else f"the only {sample.label} disposal"


def _many(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{f'{count:,}' if count else 'no'} {_several(noun)}"


def _several(noun: str) -> str:
    """Return the plural of what something is called: "detention and training orders, in custody"."""
    head, comma, rest = noun.partition(",")
    return f"{head}s{comma}{rest}"


def _lower(label: str) -> str:
    """Return a label as it stands within a sentence, abbreviations as they are."""
    return label if label[:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def _months(months: Iterable[int]) -> str:
    return " to ".join(NUMBERS[month] if month < len(NUMBERS) else str(month) for month in months) + " months"


def _day(day) -> str:
    return f"{day.day} {day:%B %Y}"
