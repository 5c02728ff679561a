"""What every page about one inspection's figures needs: the stored results, how current they are, and what is hidden."""

from dataclasses import dataclass

from inspections.recompute import Recompute
from ratings.annex import Annex, annex_name, build_annex
from ratings.freshness import worker_alive
from ratings.models import Result
from ratings.policies import Progress, hidden_domains, progress_of


@dataclass(frozen=True)
class Figures:
    """The figures of one inspection as they may be shown now.

    `annex` and `result` are None while nothing has been computed. `behind` counts the changes that have come in since.
    `hidden` are the codes of the domains whose figures nobody may see now, `progress` is by sample.
    """

    annex: Annex | None
    result: Result | None
    behind: int
    worker_away: bool
    hidden: frozenset[str]
    progress: dict[str, Progress]

    @property
    def total_hidden(self):
        """Whether the score and the overall rating are hidden: they would tell of hidden figures."""
        return bool(self.hidden)


def load_figures(inspection):
    """Return the `Figures` of an inspection. Asks for a recomputation when the stored results are behind, and reads again."""
    result = Result.objects.filter(inspection=inspection).first()
    if _behind(inspection, result):
        Recompute(inspection.pk)()
        result = Result.objects.filter(inspection=inspection).first()
    behind = _behind(inspection, result)
    progress = progress_of(inspection)
    return Figures(
        annex=build_annex(inspection, result) if result else None,
        result=result,
        behind=behind,
        worker_away=bool(behind) and not worker_alive(),
        hidden=hidden_domains(inspection, progress),
        progress=progress,
    )


def _behind(inspection, result):
    return max(inspection.sequence.value - (result.sequence if result else 0), 0)


def page(inspection, access, figures, **context):
    """Return the context that every page of an inspection shares, with that page's own laid over it."""
    return {
        "inspection": inspection,
        "access": access,
        "figures": figures,
        "person_role": access.role.label,
        "navigation": "inspections",
        "caption": inspection.service.name,
        "annex_name": annex_name(inspection),
        **context,
    }


def progress_rows(inspection, figures):
    """Return one row for each sample, in words, with its exclusions by reason."""
    document = inspection.document
    return [
        {
            "sample": f"{document.sample(held.sample).label} cases".capitalize(),
            "text": str(held),
            "cases": held.cases,
            "finished": held.finished,
            "excluded": held.excluded,
        }
        for held in figures.progress.values()
    ]
