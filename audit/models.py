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

    `action` is a stable code such as "answer.recorded"; `inspection` and `case` are public ids or ""; `summary`
    is the sentence a person reads; `detail` holds the values before and after.
    """

    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=60)
    who = models.CharField(max_length=200)
    who_email = models.CharField(max_length=254)
    inspection = models.CharField(max_length=36, blank=True)
    case = models.CharField(max_length=36, blank=True)
    summary = models.TextField()
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["inspection", "id"]), models.Index(fields=["case", "id"])]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.who}: {self.summary}"
