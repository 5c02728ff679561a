"""The counts behind the sentences of Annex 1, as they stand in tables."""

from ratings.annex_one.figures import SampleFigures, is_small


def counts_of(sample: SampleFigures) -> list[tuple[str, list[tuple[str, int, bool]]]]:
    """Return the counts behind the sentences on a sample: (what is counted, [(value, cases, whether so few may be known)])."""
    counted = [
        ("Disposals, as reports count them", [(held.label.capitalize(), held.cases) for held in sample.groups]),
        ("Disposals", [(held.label, held.cases) for held in sample.disposals]),
        ("When disposals were made", _dates(sample.dates)),
        *(
            (
                f"{field.label}{', where several may hold' if field.several else ''}",
                [(held.label, held.cases) for held in field.counts],
            )
            for field in sample.profile
            if field.is_recorded
        ),
        *((fact.text, _answered(fact.holds, fact.holds_not, fact.not_established)) for fact in sample.facts or ()),
    ]
    if sample.interviews:
        held = sample.interviews
        counted.append((held.text, _answered(held.held, held.not_held, held.not_recorded)))
    if sample.without_file:
        counted.append(("Case files", [("There is no file", sample.without_file)]))
    for held in sample.excluded:
        counted.append((f"Excluded: {held.label}", [("Cases", held.cases), ("of them replaced", held.replaced)]))
    return [(what, [(value, cases, is_small(cases)) for value, cases in rows]) for what, rows in counted if rows]


def _answered(yes, no, missing):
    return [("Yes", yes), ("No", no), ("Not answered", missing)]


def _dates(dates):
    if dates.first is None:
        return []
    days = [f"{day.day} {day:%B %Y}" for day in (dates.first, dates.last)]
    return [
        (f"{days[0]} to {days[1]}", dates.within),
        ("Before or after", dates.outside),
        ("Not recorded", dates.not_recorded),
    ]
