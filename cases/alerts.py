"""Which answers raise an individual alert, and which alerts are open.

The alert is the revision that gave such an answer where none stood before. It stays whatever the answer becomes.
"""

from django.db.models import Exists, OuterRef, Q

from cases.models import AnswerRevision


def alerts_of(inspection):
    """Return the alerts of an inspection as revisions, open or settled. One query, by the indexes of case and question."""
    raising = Q()
    for question in inspection.document.case_questions:
        if question.about == "alert":
            raising |= Q(question=question.code, value__in=question.alert_when)
    if not raising:
        return AnswerRevision.objects.none()
    stood_before = AnswerRevision.objects.filter(
        raising, case=OuterRef("case"), question=OuterRef("question"), version=OuterRef("version") - 1
    )
    return AnswerRevision.objects.filter(raising, ~Exists(stood_before), case__inspection=inspection)


def open_alerts(inspection):
    """Return the alerts of an inspection that nobody has settled."""
    return alerts_of(inspection).filter(resolution=None)
