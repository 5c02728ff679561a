"""What is stored about a case. Never imports `ratings`: a case does not know what its answers come to."""

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.models import AppendOnly
from cases import sampling
from cases.caseload.checking import strata_of
from cases.exclusions import TOLD, WORDS, Reason, Step, label_of
from cases.instrument import questions_of
from inspections.models import Entry, EntryRevision, Evidence, Inspection
from standards.document import FACT_ANSWERS, NOT_APPLICABLE, RATED_ANSWERS

REASONS = [reason.value for reason in Reason]


class CaseState(models.TextChoices):
    """Where the reading of a case stands."""

    ALLOCATED = "allocated", "Allocated"
    IN_PROGRESS = "in_progress", "In progress"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned with a query"
    AGREED = "agreed", "Agreed"


class Kind(models.TextChoices):
    """What sort of value a question takes."""

    RATED = "rated", "Yes, no or not applicable"
    FACT = "fact", "True or false"
    CHOICE = "choice", "One of several"
    CHOICES = "choices", "Any of several"
    TEXT = "text", "Text"


class Source(models.TextChoices):
    """Where the evidence for an answer came from."""

    FILE = "file", "The case file"
    INTERVIEW = "interview", "An interview"
    BOTH = "both", "Both"


class Case(models.Model):
    """One sampled case. `reference` is the service's pseudonymous one; `excluded_reason` takes it out of every count.

    `excluded_as` is the code of that reason, "" where it came without one (see `cases.exclusions`). `interview_at` is when the case
    manager is interviewed, where that is arranged. `no_file_because` says why there is no case file to read, and is "" where
    there is one. `candidate` is what it was drawn as, and `replaces` the excluded case whose place it took, where that is so.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="cases")
    reference = models.CharField(max_length=60)
    sample = models.CharField(max_length=60)
    disposal = models.CharField(max_length=100)
    profile = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=20, choices=CaseState, default=CaseState.ALLOCATED)
    allocated_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="allocated_cases"
    )
    excluded_reason = models.TextField(blank=True)
    excluded_as = models.CharField(max_length=20, blank=True)
    interview_at = models.DateTimeField(null=True, blank=True)
    no_file_because = models.TextField(blank=True)
    candidate = models.OneToOneField("Candidate", on_delete=models.PROTECT, null=True, blank=True, related_name="case")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["sample", "reference", "id"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "reference"], name="case_reference_once"),
            models.CheckConstraint(condition=Q(state__in=CaseState.values), name="case_state_known"),
            models.CheckConstraint(condition=~Q(reference=""), name="case_has_reference"),
            models.CheckConstraint(
                condition=Q(excluded_as="") | (Q(excluded_as__in=REASONS) & ~Q(excluded_reason="")),
                name="case_excluded_as_known",
            ),
        ]

    def __str__(self):
        return self.reference

    @property
    def document(self):
        """The standards document the case is read against."""
        return self.inspection.document

    @property
    def excluded_label(self):
        """What the case is left out for, in the words that reasons are grouped by; "" where it counts."""
        return label_of(self.excluded_as, self.excluded_reason)

    @property
    def questions(self):
        """Every question of this case by code (see `standards.document.Question`)."""
        return questions_of(self.document, self.sample)


class Answer(models.Model):
    """The current answer to one question or fact of a case. The row stands from the case's first day, unanswered.

    `value` None is "not answered", which a note may still stand beside. `asked` follows from the facts and from
    `asked_because`. `source` says where the evidence came from, `at_interview` that the question is to be asked there.
    `version` counts the revisions; 0 means never answered.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=110)
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.TextField(null=True, blank=True)  # noqa: DJ001 - None is "not answered", "" would be an answer
    reason = models.TextField(blank=True)
    note = models.TextField(blank=True)
    asked = models.BooleanField(default=True)
    asked_because = models.TextField(blank=True)
    source = models.CharField(max_length=10, blank=True, choices=Source)
    at_interview = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)
    last_command = models.UUIDField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "question"], name="one_answer_per_question"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="answer_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind="rated") | Q(value=None) | Q(value__in=RATED_ANSWERS), name="rated_value_in_its_set"
            ),
            models.CheckConstraint(
                condition=~Q(kind="fact") | Q(value=None) | Q(value__in=FACT_ANSWERS), name="fact_value_in_its_set"
            ),
            models.CheckConstraint(
                condition=Q(reason="") | Q(value__isnull=False), name="reason_stands_beside_a_value"
            ),
        ]

    def __str__(self):
        return f"{self.case_id} {self.question}: {self.value}"

    @property
    def reason_awaited(self):
        """Whether the answer is "not applicable" and the reason is still to come."""
        return self.value == NOT_APPLICABLE and not self.reason


class AnswerRevision(AppendOnly):
    """One value that was given, the first included, with who gave it and when. `sequence` orders it in its inspection.

    `at` is when it was stored; `given_at` when it was given, by the clock of the person's device, and `offline_since`
    since when that device had no connection, where it said so.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="revisions")
    question = models.CharField(max_length=110)
    version = models.PositiveIntegerField()
    value = models.TextField(null=True, blank=True)  # noqa: DJ001 - as in Answer
    reason = models.TextField(blank=True)
    note = models.TextField(blank=True)
    asked_because = models.TextField(blank=True)
    change_reason = models.TextField(blank=True)
    source = models.CharField(max_length=10, blank=True)
    at_interview = models.BooleanField(default=False)
    command_id = models.UUIDField(unique=True)
    given_at = models.DateTimeField(null=True, blank=True)
    offline_since = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "question", "version"], name="one_revision_per_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="revision_counts_from_one"),
        ]

    def __str__(self):
        return f"{self.case_id} {self.question} version {self.version}"


class CaseRevision(AppendOnly):
    """What is known of the case itself, as it was set at a sequence: sample, disposal, state, exclusion."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_revisions")
    sequence = models.PositiveBigIntegerField()
    sample = models.CharField(max_length=60)
    disposal = models.CharField(max_length=100)
    profile = models.JSONField(default=dict)
    state = models.CharField(max_length=20)
    excluded_reason = models.TextField(blank=True)
    excluded_as = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "sequence"], name="one_case_revision_per_sequence")]

    def __str__(self):
        return f"{self.case_id} at {self.sequence}"


class ExclusionStep(AppendOnly):
    """One step by which a case left the sample, nearly left it, or came back: who took it, when, and in which words.

    `reason` is the code of the reason, and "" where a case is restored. `sequence` is that of the inspection just after it:
    of a step that moves the sample, that of its `CaseRevision`.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="exclusion_steps")
    step = models.CharField(max_length=20, choices=[(step.value, step.value.capitalize()) for step in Step])
    reason = models.CharField(max_length=20, blank=True)
    words = models.TextField(blank=True)
    sequence = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(step__in=[step.value for step in Step]), name="exclusion_step_known"),
            models.CheckConstraint(
                condition=Q(step="restored", reason="") | (~Q(step="restored") & Q(reason__in=REASONS)),
                name="exclusion_step_has_reason",
            ),
            models.CheckConstraint(condition=Q(step="agreed") | ~Q(words=""), name="exclusion_step_has_words"),
        ]

    def __str__(self):
        return f"{self.case_id} {self.step}"

    @property
    def reason_label(self):
        """The reason in words; "" where a case is restored."""
        return WORDS[Reason(self.reason)].label if self.reason else ""

    @property
    def told(self):
        """The step in words."""
        return TOLD[Step(self.step)]


class HeldAnswer(AppendOnly):
    """An answer that came when its case took none any more, kept for the lead inspector to accept or reject.

    `why` is the sentence that the person was told. `base` is what it was based on, as it was sent.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="held_answers")
    question = models.CharField(max_length=110)
    value = models.TextField(null=True, blank=True)  # noqa: DJ001 - as in Answer
    reason = models.TextField(blank=True)
    note = models.TextField(blank=True)
    asked_because = models.TextField(blank=True)
    change_reason = models.TextField(blank=True)
    source = models.CharField(max_length=10, blank=True)
    at_interview = models.BooleanField(default=False)
    base = models.CharField(max_length=40)
    command_id = models.UUIDField(unique=True)
    given_at = models.DateTimeField(null=True, blank=True)
    offline_since = models.DateTimeField(null=True, blank=True)
    why = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.case_id} {self.question} held"


class HeldDecision(AppendOnly):
    """What the lead inspector decided about a held answer."""

    held = models.OneToOneField(HeldAnswer, on_delete=models.PROTECT, related_name="decision")
    accepted = models.BooleanField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="held_decision_has_reason")]

    def __str__(self):
        return f"{self.held_id} {'accepted' if self.accepted else 'rejected'}"


class Query(AppendOnly):
    """A question of a reviewer about an answer or fact of a case ("" for the case as a whole)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="queries")
    question = models.CharField(max_length=110, blank=True)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "queries"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="query_has_text")]

    def __str__(self):
        return f"{self.case_id} {self.question or 'whole case'}"


class QueryReply(AppendOnly):
    """A reply to a query; one that `closes` settles it."""

    query = models.ForeignKey(Query, on_delete=models.PROTECT, related_name="replies")
    text = models.TextField()
    closes = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "query replies"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="query_reply_has_text"),
            models.UniqueConstraint(fields=["query"], condition=Q(closes=True), name="query_closed_once"),
        ]

    def __str__(self):
        return f"{self.query_id} {'closed' if self.closes else 'replied'}"


class AlertResolution(AppendOnly):
    """How the lead inspector settled the individual alert that an answer raised. The alert is that revision."""

    alert = models.OneToOneField(AnswerRevision, on_delete=models.PROTECT, related_name="resolution")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="alert_resolution_has_text")]

    def __str__(self):
        return f"{self.alert_id} resolved"


class LineOfEnquiry(Entry):
    """A question that emerged from cases and is followed up: by whom, in which meetings, and what was found.

    Whoever it is `assigned` to may read the `cases` it came from. `informed` are codes of key questions.
    """

    question = models.TextField()
    cases = models.ManyToManyField(Case, related_name="lines", blank=True)
    assigned = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="lines_of_enquiry", blank=True)
    meetings = models.ManyToManyField(Evidence, related_name="lines", blank=True)
    finding = models.TextField(blank=True)
    informed = models.JSONField(default=list)
    closed = models.BooleanField(default=False)

    class Meta(Entry.Meta):
        verbose_name_plural = "lines of enquiry"
        constraints = [
            *Entry.Meta.constraints,
            models.CheckConstraint(condition=~Q(question=""), name="line_has_question"),
            models.CheckConstraint(condition=Q(closed=False) | ~Q(finding=""), name="closed_line_has_finding"),
        ]

    def __str__(self):
        return f"L{self.number} {self.question[:60]}"

    @property
    def as_content(self):
        """Everything that a revision keeps, as JSON takes it: cases by reference, people by name, meetings by number."""
        return {
            "question": self.question,
            "cases": sorted(case.reference for case in self.cases.all()),
            "assigned": sorted(person.name for person in self.assigned.all()),
            "meetings": sorted(held.number for held in self.meetings.all()),
            "finding": self.finding,
            "informed": self.informed,
            "closed": self.closed,
        }


class LineOfEnquiryRevision(EntryRevision):
    """A line of enquiry as it stood."""

    entry = models.ForeignKey(LineOfEnquiry, on_delete=models.PROTECT, related_name="revisions")

    def __str__(self):
        return f"{self.entry_id} version {self.version}"


class Enquiry(AppendOnly):
    """What a partner inspector found about a case: a note, never an answer. `line` is the line of enquiry it was made for."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="enquiries")
    line = models.ForeignKey(LineOfEnquiry, on_delete=models.PROTECT, null=True, blank=True, related_name="enquiries")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "enquiries"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="enquiry_has_text")]

    def __str__(self):
        return f"{self.case_id} enquiry of {self.by_id}"


class EnquiryDecision(AppendOnly):
    """What the case's inspector made of an enquiry: answers changed, or no change, and why."""

    enquiry = models.OneToOneField(Enquiry, on_delete=models.PROTECT, related_name="decision")
    changed = models.BooleanField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="enquiry_decision_has_reason")]

    def __str__(self):
        return f"{self.enquiry_id} {'changed' if self.changed else 'no change'}"


def new_seed():
    """Return a seed that nobody chose."""
    return secrets.token_hex(16)


class Caseload(models.Model):
    """The list of cases that the service sent: when it was imported and by whom. Its cases are the inspection's `candidates`.

    `told` says how the file was read (`cases.caseload.uploads.Upload.told`). Two lists that say the same share a `checksum`.
    The `seed` of the draw comes with the first list and stays, so that nobody draws until the sample pleases.
    """

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, primary_key=True, related_name="caseload")
    checksum = models.CharField(max_length=64)
    told = models.JSONField(default=dict)
    seed = models.CharField(max_length=32, default=new_seed)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"caseload of {self.inspection_id}"


class CaseloadDraft(models.Model):
    """A list without faults between its dry run and the confirmation, in place of an earlier one of the same person.

    `rows` are as `cases.caseload.checking.Checked.stored` has them.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="caseload_drafts")
    rows = models.JSONField()
    checksum = models.CharField(max_length=64)
    told = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inspection", "by"], name="one_caseload_draft_per_person")]

    def __str__(self):
        return f"draft of a caseload of {self.inspection_id}"


class Candidate(models.Model):
    """A case that may be drawn into the sample, in the order of the service's list (`number`).

    `reference` and `child` are the service's pseudonymous ones; `child` is "" where the list does not say. `disposals`
    counts those of the child within the window: this is the latest. `profile` is by code of the standards document.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="candidates")
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=60)
    child = models.CharField(max_length=60, blank=True)
    sample = models.CharField(max_length=60)
    disposal = models.CharField(max_length=100)
    disposal_date = models.DateField()
    disposals = models.PositiveIntegerField(default=1)
    profile = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "reference"], name="candidate_reference_once"),
            models.CheckConstraint(condition=~Q(reference=""), name="candidate_has_reference"),
        ]

    def __str__(self):
        return self.reference

    @property
    def to_draw(self):
        """The candidate as `cases.sampling.draw` takes it."""
        strata = strata_of(self.inspection.document, self.disposal, self.profile)
        return sampling.Candidate(self.reference, self.sample, strata)


class SampleAdjustment(AppendOnly):
    """How the sample of an inspection departs from the standards document, and why. The newest counts.

    `adjusted` has what is adjusted, and is {} where the document holds again (see `cases.plans`).
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="sample_adjustments")
    adjusted = models.JSONField(default=dict)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="sample_adjustment_has_reason")]

    def __str__(self):
        return f"{self.inspection_id} adjusted"


class Draw(AppendOnly):
    """The draw of an inspection's sample. The same `seed` and candidates give the same sample again.

    `checksum` is that of the caseload. `plan` is the arithmetic as it stood, and `strata` has for each stratum, in order, its
    sample and its values, as JSON takes them.
    """

    inspection = models.OneToOneField(Inspection, on_delete=models.PROTECT, related_name="draw")
    seed = models.CharField(max_length=32)
    checksum = models.CharField(max_length=64)
    plan = models.JSONField()
    strata = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"draw of {self.inspection_id}"


class DrawnCandidate(AppendOnly):
    """The place of a candidate in the draw: its stratum, by place in `Draw.strata`, and its `position` there from 1 on.

    Those `drawn` come first; the reserves follow in the order in which they take a place.
    """

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="places")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="place")
    stratum = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    drawn = models.BooleanField()

    class Meta:
        ordering = ["stratum", "position"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "stratum", "position"], name="one_candidate_per_position")
        ]

    def __str__(self):
        return f"{self.candidate_id} at {self.stratum}.{self.position}"
