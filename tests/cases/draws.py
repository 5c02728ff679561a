"""An inspection with a sample that is drawn, and its reserves."""

from cases.drawing import draw_sample
from cases.models import Caseload, DrawnCandidate
from inspections.models import Lifecycle, State
from tests.cases.caseloads import FIELDWORK, eligible, import_rows

SEED = "5eed" * 8


def planned(make_inspection):
    """Return an inspection that is planned, with its day of fieldwork."""
    return make_inspection(state=State.PLANNED, fieldwork_started=FIELDWORK)


def with_list(inspection, lead):
    """Give a planned inspection a list of 43 court and 28 out-of-court cases, whose seed is known, and return it."""
    import_rows(inspection, eligible(43, 28), lead)
    Caseload.objects.update(seed=SEED)
    return inspection


def drawn_from(make_inspection, lead):
    """Return an inspection in fieldwork whose sample is drawn from 43 court and 28 out-of-court cases: 50 of 71."""
    inspection = with_list(planned(make_inspection), lead)
    draw_sample(inspection=inspection, by=lead)
    Lifecycle.objects.filter(inspection=inspection).update(state=State.FIELDWORK)
    return inspection


def reserves(inspection, stratum):
    """Return the references of a stratum's reserves that are in no sample, in order."""
    found = DrawnCandidate.objects.filter(draw__inspection=inspection, stratum=stratum, drawn=False)
    return list(found.filter(candidate__case=None).order_by("position").values_list("candidate__reference", flat=True))


def case_with_reserves(inspection, wanted=True):
    """Return a drawn case whose stratum has reserves, or with `wanted` False has none."""
    cases = inspection.cases.select_related("candidate__place").order_by("pk")
    return next(case for case in cases if bool(reserves(inspection, case.candidate.place.stratum)) == wanted)
