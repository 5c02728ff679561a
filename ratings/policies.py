"""When figures may be seen and taken out. Who may is in `inspections.access`.

Live figures bias the people who make them. Unless an inspection's figures are open, nobody sees those of a domain until
every case of it is submitted, whatever their role; they see how far the cases have come. What is judged without cases is
not hidden.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count

from cases.exclusions import label_of
from cases.models import Case
from cases.policies import FINISHED
from inspections.errors import Refused
from inspections.policies import has_begun, is_locked


@dataclass(frozen=True)
class Progress:
    """How far the cases of one sample have come.

    `cases` are those that count and `finished` those of them that are submitted or agreed; `excluded` are the reasons for
    leaving cases out, each with the number of cases (`cases.exclusions.label_of`).
    """

    sample: str
    cases: int = 0
    finished: int = 0
    excluded: tuple[tuple[str, int], ...] = ()

    @property
    def complete(self):
        """Whether no case that counts is still being read."""
        return self.finished == self.cases


# Worded once, as every page of an inspection asks it.
_CASES_COUNTED = (
    Case.objects.values_list("inspection", "sample", "state", "excluded_reason", "excluded_as")
    .annotate(count=Count("*"))
    .order_by()
)


def progress_of_all(inspections):
    """Return the `Progress` of each inspection by primary key, as a dict by sample in the document's order. One query."""
    if not inspections:
        return {}
    groups = defaultdict(list)
    for pk, *group in _CASES_COUNTED.filter(inspection__in=inspections):
        groups[pk].append(group)
    return {inspection.pk: progress_from(inspection.document, groups[inspection.pk]) for inspection in inspections}


def progress_from(document, groups):
    """Return the `Progress` by sample, in the document's order, of cases counted by (sample, state, excluded reason and code)."""
    found = {sample.code: [0, 0, Counter()] for sample in document.samples}
    for sample, state, excluded_reason, excluded_as, count in groups:
        held = found[sample]
        if excluded_reason:
            held[2][label_of(excluded_as, excluded_reason)] += count
        else:
            held[0] += count
            held[1] += count if state in FINISHED else 0
    return {
        sample: Progress(sample, cases, finished, tuple(sorted(excluded.items())))
        for sample, (cases, finished, excluded) in found.items()
    }


def progress_of(inspection):
    """Return the `Progress` of each sample of an inspection by sample. One query."""
    return progress_of_all([inspection])[inspection.pk]


def hidden_domains(inspection, progress):
    """Return the codes of the domains whose figures nobody may see now, given the `Progress` by sample."""
    if inspection.figures_open or is_locked(inspection.lifecycle.state):
        return frozenset()
    return frozenset(
        domain.code for domain in inspection.document.domains if domain.sample and not progress[domain.sample].complete
    )


def what_is_awaited(inspection, progress):
    """Return the sentence that stands where the figures of a sample are hidden."""
    label = inspection.document.sample(progress.sample).label
    return f"Figures are not shown until every case is submitted: {progress.finished} of {progress.cases} {label} cases are."


def check_can_see_figures(inspection, progress, domain=None):
    """Raise Refused, saying what is awaited, unless the figures of a domain may be seen; without one, those of all."""
    hidden = hidden_domains(inspection, progress)
    for held in inspection.document.domains:
        if held.code in hidden and domain in (None, held.code):
            raise Refused(what_is_awaited(inspection, progress[held.sample]))


def can_see_figures(inspection, progress, domain=None):
    """Return whether the figures of a domain may be seen; without one, those of all."""
    return _allows(check_can_see_figures, inspection, progress, domain)


def check_can_open_provisional(inspection, progress, domain):
    """Raise Refused unless provisional percentages of a domain may be opened: hidden figures, and a case submitted."""
    if domain.code not in hidden_domains(inspection, progress):
        raise Refused("The figures of this domain are not hidden, so there is nothing provisional to open.")
    held = progress[domain.sample]
    if not held.finished:
        label = inspection.document.sample(held.sample).label
        raise Refused(f"No {label} case is submitted yet, so there is nothing to reckon with. Wait until one is.")


def can_open_provisional(inspection, progress, domain):
    """Return whether provisional percentages of a domain may be opened."""
    return _allows(check_can_open_provisional, inspection, progress, domain)


def check_can_see_firmness(inspection, progress, domain):
    """Raise Refused, saying what is awaited, unless how firm the ratings of a domain are may be seen, open figures or not.

    Where no case has come yet, none is still being read either; but what comes later would all count as changed after
    somebody had looked.
    """
    held = progress[domain.sample]
    if not has_begun(inspection.lifecycle.state) or not any(sample.cases for sample in progress.values()):
        raise Refused("How firm these ratings are is not shown until every case is submitted. No case is read yet.")
    if not held.complete:
        label = inspection.document.sample(held.sample).label
        raise Refused(
            f"How firm these ratings are is not shown until every case is submitted: {held.finished} of {held.cases} {label} "
            "cases are."
        )


def can_see_firmness(inspection, progress, domain):
    """Return whether how firm the ratings of a domain are may be seen."""
    return _allows(check_can_see_firmness, inspection, progress, domain)


def _allows(check, *arguments):
    try:
        check(*arguments)
    except Refused:
        return False
    return True
