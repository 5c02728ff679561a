"""Evidence and findings, all made by the product's own actions."""

from datetime import date

from accounts.models import User
from inspections.delivery import EvidenceGiven, FindingGiven
from inspections.evidence import add_evidence, add_finding

DAY = date(2026, 3, 2)


def evidence_given(**given):
    """Return a piece of evidence on 1.1.1 as somebody writes it down; what is given overrides the usual."""
    usual = {
        "kind": "meeting",
        "title": "The board",
        "date": DAY,
        "shows": "It meets every month.",
        "bears_on": {"1.1.1": "for"},
    }
    return EvidenceGiven(**usual | given)


def some_evidence(inspection, by=None, **given):
    """Record a piece of evidence and return it."""
    by = by or User.objects.command_line()
    return add_evidence(inspection=inspection, given=evidence_given(**given), by=by)


def finding_given(**given):
    """Return a strength on 1.1.1 as somebody writes it down; what is given overrides the usual."""
    usual = {"kind": "strength", "text": "The board knows its cases.", "key_questions": ("1.1.1",)}
    return FindingGiven(**usual | given)


def some_finding(inspection, by=None, **given):
    """Record a finding and return it."""
    by = by or User.objects.command_line()
    return add_finding(inspection=inspection, given=finding_given(**given), by=by)
