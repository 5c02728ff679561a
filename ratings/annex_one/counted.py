"""The counts behind the sentences of Annex 1, as they stand in tables."""

from ratings.annex_one.figures import SampleFigures, is_small

NOT_ANSWERED = "Not answered"


def counts_of(sample: SampleFigures) -> list[tuple[str, list[tuple[str, int, bool]]]]:
    """Return what is counted of a sample, each with its values: the value, its cases, and whether it is marked, as the
    `small_groups` of the figures are.
    """
    groups = [("Disposals, as reports count them", [(held.label.capitalize(), held.cases) for held in sample.groups])]
    disposals = [("Disposals", [(held.label, held.cases) for held in sample.disposals])]
    return [
        *_marked(groups + disposals),
        *_plain([("When disposals were made", _dates(sample.dates))]),
        *_marked(_profile(sample)),
        *_marked(_facts(sample)),
        *_plain(_others(sample)),
    ]


def _marked(counted):
    told = [(what, rows) for what, rows in counted if rows]
    return [
        (what, [(value, cases, value != NOT_ANSWERED and is_small(cases)) for value, cases in rows])
        for what, rows in told
    ]


def _plain(counted):
    return [(what, [(value, cases, False) for value, cases in rows]) for what, rows in counted if rows]


def _profile(sample):
    for field in sample.profile:
        if field.is_recorded:
            several = ", where several may hold" if field.several else ""
            yield f"{field.label}{several}", [(held.label, held.cases) for held in field.counts]


def _facts(sample):
    for fact in sample.facts or ():
        yield fact.text, _answered(fact.holds, fact.holds_not, fact.not_established)


def _others(sample):
    if sample.interviews:
        held = sample.interviews
        yield held.text, _answered(held.held, held.not_held, held.not_recorded)
    if sample.without_file:
        yield "Case files", [("There is no file", sample.without_file)]
    for held in sample.excluded:
        yield f"Excluded: {held.label}", [("Cases", held.cases), ("Of them replaced", held.replaced)]


def _answered(yes, no, missing):
    return [("Yes", yes), ("No", no), (NOT_ANSWERED, missing)]


def _dates(dates):
    if dates.first is None:
        return []
    days = [f"{day.day} {day:%B %Y}" for day in (dates.first, dates.last)]
    return [
        (f"{days[0]} to {days[1]}", dates.within),
        ("Before or after", dates.outside),
        ("Not recorded", dates.not_recorded),
    ]
