"""Audit events. Rows hold text, not keys, so that they outlive what they speak of."""

from django.db import models
from django.utils import timezone


class AppendOnly(models.Model):
    """A row that is written once. The database refuses changes too (see `audit.append_only`)."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        """Insert the row. Raises TypeError when it stands already."""
        if self.pk and not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are never changed: add another instead.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        """Raise TypeError always."""
        raise TypeError(f"{type(self).__name__} rows are never deleted.")


class Event(AppendOnly):
    """One thing that somebody did.

    `action` is a stable code such as "answer.recorded"; `inspection` and `case` are public ids or ""; `question` is
    the code of the question that it was about, or ""; `summary` is the sentence a person reads; `detail` holds the
    values before and after.
    """

    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=60)
    who = models.CharField(max_length=200)
    who_email = models.CharField(max_length=254)
    inspection = models.CharField(max_length=36, blank=True)
    case = models.CharField(max_length=36, blank=True)
    question = models.CharField(max_length=110, blank=True, default="", db_default="")
    summary = models.TextField()
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["inspection", "id"]),
            models.Index(fields=["case", "question", "id"], name="audit_event_of_question"),
            models.Index(fields=["who_email", "id"], name="audit_event_of_person"),
            models.Index(fields=["action", "id"], name="audit_event_of_action"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.who}: {self.summary}"


class Seal(AppendOnly):
    """One link of the chain over events (see `audit.sealing`). `id` is its number, counted from 1 without gaps.

    `event` is the id of the event, and no foreign key: a seal outlives an event that was deleted, and tells of it.
    `hash` is in hexadecimal digits.
    """

    id = models.PositiveBigIntegerField(primary_key=True)
    event = models.PositiveBigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.id}: event {self.event}"
