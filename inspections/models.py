"""What is stored about an inspection."""

import uuid
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.roles import DISCIPLINES, TEAM_ROLES
from audit.models import AppendOnly
from standards import reader


class State(models.TextChoices):
    """Where an inspection stands, in the order in which it goes through them."""

    PLANNED = "planned", "Planned"
    FIELDWORK = "fieldwork", "Fieldwork"
    MODERATION = "moderation", "Moderation"
    LOCKED = "locked", "Ratings agreed"
    FACTUAL_ACCURACY = "factual_accuracy", "Factual accuracy"
    PUBLISHED = "published", "Published"


@lru_cache(maxsize=32)
def _document(checksum):
    # Kept by checksum, so that pages neither fetch nor parse the text again: the same checksum is the same document.
    return reader.read_json(PinnedStandards.objects.values_list("content", flat=True).get(checksum=checksum))


class PinnedStandards(AppendOnly):
    """A standards document as it was when an inspection first used it. Editing the file changes no inspection."""

    code = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    checksum = models.CharField(max_length=64, unique=True)
    content = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="standards_pinned_once")]

    def __str__(self):
        return f"{self.code} version {self.version}"

    @property
    def document(self):
        """The document as frozen values."""
        return _document(self.checksum)


class Service(models.Model):
    """A youth offending service, or whatever is inspected."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Inspection(models.Model):
    """One inspection of one service.

    `terms` overrides the document's words; `applicability` overrides, by key question, which rule proposes it.
    With `figures_open` False nobody sees figures of a domain before all its cases are submitted. `archived_at` is
    set when another inspection took this one's place.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=120, unique=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="inspections")
    standards = models.ForeignKey(PinnedStandards, on_delete=models.PROTECT, related_name="inspections")
    fieldwork_started = models.DateField(null=True, blank=True)
    terms = models.JSONField(default=dict, blank=True)
    applicability = models.JSONField(default=dict, blank=True)
    figures_open = models.BooleanField(default=False)
    invented_answers = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["service__name", "-fieldwork_started", "id"]

    def __str__(self):
        return self.slug

    @property
    def document(self):
        """The standards document this inspection is pinned to."""
        return self.standards.document

    def worded(self, text):
        """Return a text of the standards in this inspection's own terms."""
        return self.document.worded(text, self.terms)


class Lifecycle(models.Model):
    """The state of an inspection, on a row of its own: saves share it, locking takes it alone."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, primary_key=True, related_name="lifecycle")
    state = models.CharField(max_length=20, choices=State, default=State.FIELDWORK)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=State.values), name="lifecycle_state_known")]

    def __str__(self):
        return f"{self.inspection_id}: {self.state}"


class LifecycleStep(AppendOnly):
    """One step of an inspection from a state to another: what was done, by whom, when and why.

    `sequence` is the last change before it. A step moves no rating, and so has no sequence of its own.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="lifecycle_steps")
    step = models.CharField(max_length=30)
    state = models.CharField(max_length=20, choices=State)
    reason = models.TextField(blank=True)
    sequence = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.inspection_id}: {self.step}"


class Sequence(models.Model):
    """Counts every change that can move a rating. On a row of its own, taken last in each transaction."""

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, primary_key=True, related_name="sequence")
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return f"{self.inspection_id}: {self.value}"


class Membership(models.Model):
    """A person's role in the team of one inspection, and for a partner inspector the discipline they come from."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=[(code, role.label) for code, role in TEAM_ROLES.items()])
    discipline = models.CharField(max_length=30, blank=True, choices=list(DISCIPLINES.items()))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "user"], name="one_role_per_person"),
            models.CheckConstraint(condition=Q(role__in=list(TEAM_ROLES)), name="team_role_known"),
            models.CheckConstraint(condition=Q(discipline__in=["", *DISCIPLINES]), name="discipline_known"),
        ]

    def __str__(self):
        return f"{self.user_id} {self.role} in {self.inspection_id}"

    @property
    def role_label(self):
        """The role as people read it, with its discipline: "Partner inspector (health)"."""
        label = self.get_role_display()
        return f"{label} ({self.get_discipline_display().lower()})" if self.discipline else label


class InspectionRevision(AppendOnly):
    """The settings of an inspection that can move a rating or its words, as they were set at a sequence."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="revisions")
    sequence = models.PositiveBigIntegerField()
    terms = models.JSONField(default=dict)
    applicability = models.JSONField(default=dict)
    figures_open = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "sequence"], name="one_setting_per_sequence")]

    def __str__(self):
        return f"{self.inspection_id} at {self.sequence}"


class Judgement(AppendOnly):
    """A rating given by judgement, with its rationale. The newest of a standard counts."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="judgements")
    standard = models.CharField(max_length=50)
    rating = models.CharField(max_length=50)
    rationale = models.TextField()
    sequence = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["inspection", "standard", "sequence"])]
        constraints = [
            models.CheckConstraint(condition=~Q(rationale=""), name="judgement_has_rationale"),
            models.UniqueConstraint(fields=["inspection", "standard", "sequence"], name="one_judgement_per_sequence"),
        ]

    def __str__(self):
        return f"{self.standard}: {self.rating}"
