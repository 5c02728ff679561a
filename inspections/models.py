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


# The code in `Inspection.wording` of what Annex 2 says that key questions are about.
ABOUT_QUESTIONS = "about_questions"


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

    `terms` overrides the document's words; `wording` has, by code of a standard or a key question, what its report prints
    instead of the document's text, and at `ABOUT_QUESTIONS` what it says of key questions. `applicability` overrides, by
    key question, which rule proposes it.
    Fieldwork is from `fieldwork_started` to `fieldwork_ends`, both days included, and while it is planned these are the
    days it is planned for. With `figures_open` False nobody sees figures of a domain before all its cases are submitted.
    `archived_at` is set when another inspection took this one's place.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=120, unique=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="inspections")
    standards = models.ForeignKey(PinnedStandards, on_delete=models.PROTECT, related_name="inspections")
    fieldwork_started = models.DateField(null=True, blank=True)
    fieldwork_ends = models.DateField(null=True, blank=True)
    terms = models.JSONField(default=dict, blank=True)
    wording = models.JSONField(default=dict, blank=True)
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
    """A person's role in the team of one inspection, and for a partner inspector the discipline they come from.

    `skill_note` and `suited_for`, codes of `inspections.suited`, say for those who allocate cases which they read well.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=30, choices=[(code, role.label) for code, role in TEAM_ROLES.items()])
    discipline = models.CharField(max_length=30, blank=True, choices=list(DISCIPLINES.items()))
    skill_note = models.TextField(blank=True)
    suited_for = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "user"], name="one_role_per_person"),
            models.CheckConstraint(condition=Q(role__in=list(TEAM_ROLES)), name="team_role_known"),
            models.CheckConstraint(condition=Q(discipline__in=["", *DISCIPLINES]), name="discipline_known"),
        ]

    def __str__(self):
        return f"{self.user_id} {self.role} in {self.inspection_id}"

    @property
    def description(self):
        """What the role does, as people read it."""
        return TEAM_ROLES[self.role].description

    @property
    def role_label(self):
        """The role as people read it, with its discipline: "Partner inspector (health)"."""
        label = self.get_role_display()
        return f"{label} ({self.get_discipline_display().lower()})" if self.discipline else label


class ConflictOfInterest(AppendOnly):
    """What stands between a person and judging a service freely, in words; "" takes back what was declared before.

    The newest of a person and a service counts. It holds in every inspection of the service.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="conflicts")
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["service", "user"])]

    def __str__(self):
        return f"{self.user_id} about {self.service_id}"


class InspectionRevision(AppendOnly):
    """The settings of an inspection that can move a rating or its words, as they were set at a sequence."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="revisions")
    sequence = models.PositiveBigIntegerField()
    terms = models.JSONField(default=dict)
    wording = models.JSONField(default=dict)
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


class Entry(models.Model):
    """Something that the team writes down and may correct: the row as it stands. Its revisions keep how it stood.

    `number` counts within the inspection, so that people can name it. `version` is that of the newest revision.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="%(class)s_entries")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "number"], name="%(app_label)s_%(class)s_numbered_once")
        ]


class EntryRevision(AppendOnly):
    """An entry as it stood at a version: `content` holds what its `as_content` gave then."""

    version = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "version"], name="%(app_label)s_%(class)s_one_per_version")
        ]


class EvidenceKind(models.TextChoices):
    """What a piece of evidence is."""

    PRESENTATION = "presentation", "Presentation"
    DOCUMENT = "document", "Document"
    DATA_RETURN = "data_return", "Service data return"
    MEETING = "meeting", "Meeting"
    FOCUS_GROUP = "focus_group", "Focus group"
    INTERVIEW = "interview", "Interview"
    OBSERVATION = "observation", "Observation"
    SURVEY = "survey", "Survey"
    CASEWORK = "casework", "Casework finding"


class Surveyed(models.TextChoices):
    """Who answered a survey."""

    STAFF = "staff", "Staff"
    VOLUNTEERS = "volunteers", "Volunteers"
    CHILDREN = "children", "Children"
    PARENTS = "parents", "Parents and carers"


class Evidence(Entry):
    """A piece of evidence of organisational delivery.

    `met` is who was met, as [how many, role]. `held` counts what a meeting, focus group, interview or observation stands
    for. `bears_on` says by key question whether it speaks "for", "against" or "both". `items` are the questions of a
    survey and `responses` those who answered it. `withdrawn_because` is "" while the evidence stands.
    """

    kind = models.CharField(max_length=20, choices=EvidenceKind)
    title = models.CharField(max_length=200)
    date = models.DateField()
    shows = models.TextField(blank=True)
    met = models.JSONField(default=list)
    held = models.PositiveIntegerField(default=1)
    supplier = models.CharField(max_length=200, blank=True)
    as_at = models.DateField(null=True, blank=True)
    surveyed = models.CharField(max_length=20, blank=True, choices=Surveyed)
    items = models.PositiveIntegerField(null=True, blank=True)
    responses = models.PositiveIntegerField(null=True, blank=True)
    bears_on = models.JSONField(default=dict)
    withdrawn_because = models.TextField(blank=True)

    class Meta(Entry.Meta):
        verbose_name_plural = "evidence"
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=EvidenceKind.values), name="evidence_kind_known"),
            models.CheckConstraint(condition=~Q(title=""), name="evidence_has_title"),
        ]

    def __str__(self):
        return f"E{self.number} {self.title}"

    @property
    def as_content(self):
        """Everything that a revision keeps, as JSON takes it."""
        names = ("kind", "title", "shows", "met", "held", "supplier", "surveyed", "items", "responses", "bears_on")
        return {
            **{name: getattr(self, name) for name in names},
            "date": self.date.isoformat(),
            "as_at": self.as_at.isoformat() if self.as_at else None,
            "withdrawn_because": self.withdrawn_because,
        }


class EvidenceRevision(EntryRevision):
    """A piece of evidence as it stood."""

    entry = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="revisions")

    def __str__(self):
        return f"{self.entry_id} version {self.version}"


class FindingKind(models.TextChoices):
    """What a finding is."""

    STRENGTH = "strength", "Strength"
    IMPROVEMENT = "improvement", "Area for improvement"
    GOOD_PRACTICE = "good_practice", "Good practice"


class Finding(Entry):
    """A strength, an area for improvement or an example of good practice: written once, with what it rests on."""

    kind = models.CharField(max_length=20, choices=FindingKind)
    text = models.TextField()
    key_questions = models.JSONField(default=list)
    evidence = models.ManyToManyField(Evidence, related_name="findings", blank=True)
    withdrawn_because = models.TextField(blank=True)

    class Meta(Entry.Meta):
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=FindingKind.values), name="finding_kind_known"),
            models.CheckConstraint(condition=~Q(text=""), name="finding_has_text"),
        ]

    def __str__(self):
        return f"F{self.number} {self.get_kind_display()}"

    @property
    def as_content(self):
        """Everything that a revision keeps, as JSON takes it. Evidence stands in it by number."""
        return {
            "kind": self.kind,
            "text": self.text,
            "key_questions": self.key_questions,
            "evidence": sorted(held.number for held in self.evidence.all()),
            "withdrawn_because": self.withdrawn_because,
        }


class FindingRevision(EntryRevision):
    """A finding as it stood."""

    entry = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="revisions")

    def __str__(self):
        return f"{self.entry_id} version {self.version}"


class Passage(AppendOnly):
    """A text of the inspectors about one subject: a key question, or one of `inspections.delivery.other_subjects`.

    The newest version of a subject counts.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="passages")
    subject = models.CharField(max_length=50)
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "subject", "version"], name="one_passage_per_version")
        ]

    def __str__(self):
        return f"{self.subject} version {self.version}"
