"""People who sign in."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.permissions import Permission
from accounts.roles import EVERYWHERE_ROLES, ROLES, Administrator
from accounts.sessions import SessionStore

COMMAND_LINE_EMAIL = "command-line@evenhand.invalid"


class Standing(models.TextChoices):
    """How it stands with an account. It is derived, not stored."""

    ACTIVE = "active", "Active"
    INVITED = "invited", "Invited"
    EXPIRED = "expired", "Invitation ended"
    CLOSED = "closed", "Closed"


class UserManager(BaseUserManager):
    """Makes people."""

    def create_user(self, email, name, password=None, **fields):
        """Create and return a person. Without a password they cannot sign in until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, name, password=None, **fields):
        """Create and return an administrator; `manage.py createsuperuser` calls this."""
        return self.create_user(email, name, password, role=Administrator.code, **fields)

    def command_line(self):
        """Return the actor under whose name commands act. It can never sign in."""
        user, _ = self.get_or_create(
            email=COMMAND_LINE_EMAIL, defaults={"name": "Evenhand command line", "is_active": False, "password": "!"}
        )
        return user


class User(AbstractBaseUser):
    """A person, known by e-mail address. `role` is a role that holds in every inspection, or "".

    `device_key` encrypts what the person's browsers keep; it is made at its first use. `link_sent_at` is when they were
    sent the last link to set a password with.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    role = models.CharField(
        max_length=30, blank=True, choices=[(code, role.label) for code, role in EVERYWHERE_ROLES.items()]
    )
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    device_key = models.BinaryField(max_length=32, null=True, editable=False)
    link_sent_at = models.DateTimeField(null=True, blank=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", *EVERYWHERE_ROLES]), name="user_role_known"),
        ]

    def __str__(self):
        return self.name

    @property
    def may_view_audit(self):
        """Whether the person may read the audit record of the whole installation; for templates too."""
        return bool(self.role) and Permission.VIEW_AUDIT in ROLES[self.role].permissions

    @property
    def role_label(self):
        """The label of the role that holds everywhere, or ""."""
        return ROLES[self.role].label if self.role else ""

    def may(self, permission):
        """Return whether the role that holds everywhere allows something."""
        return bool(self.role) and permission in ROLES[self.role].permissions

    @property
    def may_manage_people(self):
        """Whether the person looks after people; for templates."""
        return self.may(Permission.MANAGE_PEOPLE)

    @property
    def may_view_programme(self):
        """Whether the person sees the whole programme; for templates."""
        return self.may(Permission.VIEW_PROGRAMME)

    @property
    def link_until(self):
        """When the last link ends that was sent to set a password with, or None."""
        return self.link_sent_at and self.link_sent_at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)

    @cached_property
    def is_connected(self):
        """Whether the person signs in with an account at the OpenID Connect provider, the one that is set up now."""
        return self.socialaccount_set.filter(provider=settings.OPENID_ISSUER).exists()

    @property
    def standing(self):
        """How it stands with the account, in a word."""
        if not self.is_active:
            return Standing.CLOSED
        if self.has_usable_password() or self.is_connected:
            return Standing.ACTIVE
        return Standing.INVITED if self.link_until and self.link_until > timezone.now() else Standing.EXPIRED


class Session(AbstractBaseSession):
    """A session of a browser, with whose it is; written by `accounts.sessions` alone."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    signed_in_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=100, blank=True)

    @classmethod
    def get_session_store_class(cls):
        """Return what reads and writes sessions."""
        return SessionStore


def display_name(user):
    """Return the name that pages show."""
    return user.name
