"""What an open page compares, to know whether it still shows what there is."""

import json
from hashlib import blake2b

from ratings.freshness import worker_alive
from ratings.models import Result
from ratings.policies import progress_of


def mark_of(inspection, result, progress):
    """Return a short text that changes when what the pages of figures show does: figures, progress of cases, the state.

    "" while nothing has been computed.
    """
    if result is None:
        return ""
    cases = [[held.sample, held.cases, held.finished, held.excluded] for held in progress.values()]
    shown = [result.score, result.overall, result.tallies, result.standards, cases, inspection.lifecycle.state]
    return blake2b(json.dumps(shown, sort_keys=True).encode(), digest_size=8).hexdigest()


def position_of(inspection):
    """Return how far the inspection and its results have come: (sequence, that of the results, state, is a worker missed).

    One query. A worker is missed where results are behind and none has shown itself lately.
    """
    sequence = inspection.sequence.value
    reflected = Result.objects.filter(inspection=inspection).values_list("sequence", flat=True).first() or 0
    return sequence, reflected, inspection.lifecycle.state, reflected < sequence and not worker_alive()


def current_mark(inspection):
    """Return the `mark_of` an inspection as it is now. Two queries."""
    return mark_of(inspection, Result.objects.filter(inspection=inspection).first(), progress_of(inspection))
