"""What every page about one inspection's figures needs: the stored results, how current they are, and what is hidden."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.timezone import localtime

from govuk.templatetags.govuk import rating_tag
from inspections.models import State
from inspections.recompute import Recompute
from ratings.annex import Annex, annex_name, build_annex
from ratings.annex_one.gathering import annex_one_name
from ratings.exports.printed import NOT_RATED, NOT_SHOWN
from ratings.freshness import worker_alive
from ratings.live import mark_of
from ratings.models import Result
from ratings.moments import NoSuchMoment, find_moment
from ratings.past import Past, look_back
from ratings.policies import Progress, hidden_domains, progress_of, what_is_awaited


@dataclass(frozen=True)
class Figures:
    """The figures of one inspection as they may be shown now.

    `annex` and `result` are None while nothing has been computed. `behind` counts the changes that have come in since.
    `hidden` are the codes of the domains whose figures nobody may see now, `progress` is by sample. `past` is what they
    were rebuilt from, None for those of now. `mark` is what an open page knows them by (see `ratings.live`).
    """

    annex: Annex | None
    result: Result | None
    behind: int
    worker_away: bool
    hidden: frozenset[str]
    progress: dict[str, Progress]
    mark: str = ""
    past: Past | None = None

    suffix = ""  # what the addresses of other pages of the same figures end with

    @property
    def computed(self):
        """When the figures were computed, whether they reflect every answer, and whether they are locked, in words."""
        parts = [f"Computed at {moment(self.result.computed_at)}"]
        if self.behind:
            changes = "1 change has" if self.behind == 1 else f"{self.behind} changes have"
            parts.append(f"{changes} come in since: figures are being recomputed")
        else:
            parts.append("reflects every answer up to now")
        if self.annex.locked:
            locked_at = datetime.fromisoformat(self.annex.locked.at)
            parts.append(f"ratings locked by {self.annex.locked.by} at {moment(locked_at)}")
        return " · ".join(parts)

    @property
    def score(self):
        """The total score as "15/36", or "". It would tell of hidden figures, so it is hidden with any."""
        if self.hidden or self.annex is None or self.annex.score is None:
            return ""
        return f"{self.annex.score}/{self.annex.maximum}"

    @property
    def overall(self):
        """The overall rating as a tag, hidden like the score."""
        if self.hidden:
            return rating_tag(NOT_SHOWN)
        return tags(self.annex)[self.annex.overall] if self.annex else rating_tag(NOT_RATED)

    def awaited(self, inspection, domain):
        """Return the sentence that stands where the figures of a domain are hidden."""
        return what_is_awaited(inspection, self.progress[domain.sample])


@dataclass(frozen=True, kw_only=True)
class PastFigures(Figures):
    """The figures of one inspection as they were at a moment, and as they may be shown now.

    What was hidden then is hidden still, and so is what nobody may see now, whose progress is in `progress_now`.
    """

    hidden_now: frozenset[str]
    progress_now: dict[str, Progress]

    @property
    def moment(self):
        """The moment as a `ratings.moments.Moment`."""
        return self.past.moment

    @property
    def state(self):
        """The state that the inspection was in, in words."""
        return State(self.past.inspection.lifecycle.state).label

    @property
    def suffix(self):
        """What addresses of pages as at the same moment end with."""
        return f"?{urlencode({'at': self.moment.name})}"

    @property
    def computed(self):
        """Whether the figures were locked, in words, or ""."""
        if not self.annex.locked:
            return ""
        return f"Ratings locked by {self.annex.locked.by} at {moment(datetime.fromisoformat(self.annex.locked.at))}"

    def awaited(self, inspection, domain):
        """Return the sentence that stands where the figures of a domain are hidden."""
        if domain.code in self.hidden_now:
            return what_is_awaited(inspection, self.progress_now[domain.sample])
        progress, label = self.progress[domain.sample], inspection.document.sample(domain.sample).label
        return f"Figures were not shown then: {progress.finished} of {progress.cases} {label} cases were submitted."


def figures_asked_for(request, inspection):
    """Return (inspection, figures) for a page: as they are, or as at the moment that its address names in `?at=`.

    The inspection is then as it was. Raises Http404 for what is no moment: only links write it there.
    """
    if "at" not in request.GET:
        return inspection, load_figures(inspection)
    try:
        figures = load_past_figures(inspection, find_moment(inspection, request.GET["at"]))
    except NoSuchMoment as refusal:
        raise Http404(str(refusal)) from refusal
    return figures.past.inspection, figures


def load_past_figures(inspection, moment):
    """Return the `PastFigures` of an inspection at a `ratings.moments.Moment`."""
    past = look_back(inspection, moment)
    progress_now = progress_of(inspection)
    hidden_now = hidden_domains(inspection, progress_now)
    return PastFigures(
        annex=build_annex(past.inspection, past.result),
        result=past.result,
        behind=0,
        worker_away=False,
        hidden=hidden_now | hidden_domains(past.inspection, past.progress),
        progress=past.progress,
        past=past,
        hidden_now=hidden_now,
        progress_now=progress_now,
    )


def load_figures(inspection):
    """Return the `Figures` of an inspection. Asks for a recomputation when the stored results are behind, and reads again."""
    result = _stored(inspection)
    if _behind(inspection, result):
        Recompute(inspection.pk)()
        result = _stored(inspection)
    behind = _behind(inspection, result)
    progress = progress_of(inspection)
    return Figures(
        annex=build_annex(inspection, result) if result else None,
        result=result,
        behind=behind,
        worker_away=bool(behind) and not worker_alive(),
        hidden=hidden_domains(inspection, progress),
        progress=progress,
        # What is shown as being recomputed is shown anew once it was, even where nothing has changed.
        mark=f"{mark_of(inspection, result, progress)}{'-behind' if behind else ''}",
    )


def _stored(inspection):
    return next(iter(Result.objects.filter(inspection=inspection)), None)


def moment(at):
    """Return a moment as people read it, in local time: "14:02 on 3 May 2026"."""
    local = localtime(at)
    return f"{local:%H:%M} on {local.day} {local:%B %Y}"


def tags(annex):
    """Return the ratings of an annex as tags by code, that for None included."""
    count = len(annex.labels)
    steps = {code: rating_tag(label, step, count) for step, (code, label) in enumerate(annex.labels.items(), 1)}
    return {**steps, None: rating_tag(NOT_RATED)}


def _behind(inspection, result):
    return max(inspection.sequence.value - (result.sequence if result else 0), 0)


def page(inspection, access, figures=None, **context):
    """Return the context that every page of an inspection shares, with that page's own laid over it."""
    return {
        "inspection": inspection,
        "access": access,
        "figures": figures,
        "person_role": access.role.label,
        "navigation": "inspections",
        "caption": inspection.service.name,
        "back_url": reverse("ratings:inspections"),
        "back_text": "All inspections",
        "annex_name": annex_name(inspection),
        "annex_one_name": annex_one_name(inspection),
        **context,
    }


def progress_rows(inspection, figures):
    """Return the name and the `Progress` of each sample."""
    document = inspection.document
    return [(f"{document.sample(held.sample).label} cases".capitalize(), held) for held in figures.progress.values()]


def awaited(inspection, figures, domain):
    """Return the sentence that stands where the figures of a domain are hidden, "" where they are not."""
    if domain.code not in figures.hidden:
        return ""
    return figures.awaited(inspection, domain)
