"""What is stored about ratings: results with the sequence they reflect, discretion, and frozen Annexes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from audit.models import AppendOnly
from inspections.models import Inspection


class Result(models.Model):
    """The newest computed figures of an inspection. `sequence` is the last change they reflect.

    `tallies` holds, by question code (key questions and prompts), the counts [yes, no, not applicable, not asked,
    unanswered] in cases. Percentages, bands and ratings follow from them by `ratings.scoring` and are stored too, in
    `standards`: {code: [calculated, rating, discretion]}. `score` and `overall` are None until every standard that
    counts is rated.
    """

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, primary_key=True, related_name="result")
    sequence = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()
    score = models.PositiveIntegerField(null=True)
    overall = models.CharField(max_length=60, blank=True)
    tallies = models.JSONField()
    standards = models.JSONField()

    def __str__(self):
        return f"{self.inspection_id} at {self.sequence}"


class DiscretionDecision(AppendOnly):
    """One step in the use of professional discretion on a standard; the newest of a standard counts, "reasoned" aside.

    Each has the calculated rating, driving key question, percentage and counts of its moment. "reasoned": somebody wrote
    reason and evidence, and was shown the effect after that. "proposed": it waits for a second person, who ratifies it,
    "applied", or refuses it. "withdrawn": the proposal, or what was ratified, was taken back. "considered": discretion was
    not exercised, or a lapse was accepted. "lapsed": the figures moved and what was ratified no longer fits; it must be
    decided again.

    `proposal` is the step that this one answers; what was taken over from elsewhere as ratified has none. `decided_by`
    and `ratified_by` are names; `remark` is what whoever refused or withdrew said.
    """

    class Event(models.TextChoices):
        REASONED = "reasoned", "Reason written"
        PROPOSED = "proposed", "Proposed"
        APPLIED = "applied", "Ratified"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        CONSIDERED = "considered", "Considered, not exercised"
        LAPSED = "lapsed", "No longer applies"

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="discretion_decisions")
    standard = models.CharField(max_length=50)
    event = models.CharField(max_length=20, choices=Event)
    from_rating = models.CharField(max_length=50)
    to_rating = models.CharField(max_length=50)
    key_question = models.CharField(max_length=50)
    percent = models.PositiveSmallIntegerField()
    yes = models.PositiveIntegerField()
    relevant = models.PositiveIntegerField()
    reason = models.TextField()
    evidence = models.TextField(blank=True)
    remark = models.TextField(blank=True)
    proposal = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    decided_by = models.CharField(max_length=200)
    ratified_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField()
    sequence = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["inspection", "sequence"])]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="discretion_has_reason"),
            # Two people of one name are told apart by their accounts, where a proposal was ratified.
            models.CheckConstraint(
                condition=~Q(decided_by=F("ratified_by")) | Q(proposal__isnull=False), name="discretion_takes_two"
            ),
            models.CheckConstraint(condition=~Q(event="applied", ratified_by=""), name="discretion_is_ratified"),
            models.CheckConstraint(condition=~Q(from_rating=F("to_rating")), name="discretion_moves_something"),
        ]

    def __str__(self):
        return f"{self.standard}: {self.from_rating} to {self.to_rating}, {self.event}"


class FrozenAnnex(AppendOnly):
    """The Annex as it was locked. `content` is its JSON text, `checksum` the SHA-256 of that text in UTF-8.

    The newest is the sign-off while the ratings are agreed; earlier ones were voided by unlocking, and stay.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="frozen_annexes")
    sequence = models.PositiveBigIntegerField()
    content = models.TextField()
    checksum = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.inspection_id} locked at {self.sequence}"


class ProvisionalOpening(AppendOnly):
    """One opening of the provisional percentages of a domain: what was shown, to whom, why and when.

    `finished` of `cases` were submitted, and the percentages rest on those. `percentages` holds whole percentages by key
    question, None without a relevant case.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="provisional_openings")
    domain = models.CharField(max_length=50)
    finished = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    percentages = models.JSONField()
    reason = models.TextField()
    sequence = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="provisional_opening_has_reason")]

    def __str__(self):
        return f"{self.inspection_id} {self.domain} at {self.finished} of {self.cases}"


class FirmnessOpening(AppendOnly):
    """The first time that a person saw how firm the ratings of a domain are. `sequence` is the last change before it."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="firmness_openings")
    domain = models.CharField(max_length=50)
    sequence = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "domain", "by"], name="firmness_first_opened_once"),
        ]

    def __str__(self):
        return f"{self.inspection_id} {self.domain} at {self.sequence}"


class ChangeAgreement(AppendOnly):
    """A second person's agreement to what was changed at a sequence, after how firm the ratings are had been opened."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="change_agreements")
    sequence = models.PositiveBigIntegerField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "sequence"], name="one_agreement_per_change"),
            models.CheckConstraint(condition=~Q(by=F("changed_by")), name="change_agreement_takes_two"),
        ]

    def __str__(self):
        return f"{self.inspection_id} at {self.sequence}"


class UnlockRequest(AppendOnly):
    """Somebody asks for a sign-off to be voided, with the reason."""

    frozen = models.ForeignKey(FrozenAnnex, on_delete=models.PROTECT, related_name="unlock_requests")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="unlock_request_has_reason")]

    def __str__(self):
        return f"{self.frozen_id} to be unlocked"


class UnlockDecision(AppendOnly):
    """What became of a request to unlock: granted by a second person, or declined, which whoever asked may do too."""

    request = models.OneToOneField(UnlockRequest, on_delete=models.PROTECT, related_name="decision")
    granted = models.BooleanField()
    remark = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.request_id} {'granted' if self.granted else 'declined'}"


class ExportState(models.TextChoices):
    """Where a file stands that is made in the background."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Removed"


class Export(models.Model):
    """A file that somebody asked for and that is made in the background; `ratings.exporting.states` says how it moves on.

    `asked` is what it is to hold, as JSON. `attempt` counts how often it was begun, and `losses` how often in a row whoever
    made it was not heard of any more. While it is being made `lease_until` is
    until when whoever makes it is believed to be alive. `why` is a sentence, where it failed. `file_name` is that of the
    file in the folder of exports, "" without one, and `expires_at` when the file is removed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    kind = models.CharField(max_length=30)
    asked = models.JSONField()
    format = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=ExportState, default=ExportState.QUEUED)
    attempt = models.PositiveIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_of = models.PositiveBigIntegerField(default=0)
    why = models.TextField(blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["by", "-asked_at"]), models.Index(fields=["state", "queued_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(condition=Q(state="done") ^ Q(file_name=""), name="export_has_file_when_done"),
            models.CheckConstraint(condition=Q(state="failed") ^ Q(why=""), name="export_says_why_it_failed"),
            models.CheckConstraint(
                condition=Q(state="running") ^ Q(lease_until=None), name="export_has_lease_while_made"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="running"), name="one_export_is_made_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{self.public_id} {self.state}"
