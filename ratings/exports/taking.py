"""Taking Annex 2 out: everything in a file is as at one sequence."""

from inspections.models import Sequence
from ratings.actions import recompute, snapshot
from ratings.annex import build_annex
from ratings.exports.cases import CaseAnswers


def take_out(inspection, chosen, *, tables_alone=False):
    """Return (annex, content, cases) of an inspection in a `Format`; what is behind is computed anew.

    `cases` is how many the content holds, 0 where it holds none. They are read as at the sequence of the figures. With
    `tables_alone` the preamble is left out. Raises FormatNotAvailable where a format cannot do that.
    """
    render = chosen.renderer(tables_alone=tables_alone)
    while True:
        result = recompute(inspection_id=inspection.pk)
        annex = build_annex(inspection, result)
        if not chosen.has_cases:
            return annex, render(annex), 0
        with snapshot():
            if Sequence.objects.get(inspection=inspection).value == result.sequence:
                answers = CaseAnswers(inspection)
                break
    return annex, render(annex, answers), len(answers.cases)
