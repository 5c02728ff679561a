"""People who sign in."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.permissions import Permission
from accounts.roles import EVERYWHERE_ROLES, ROLES, Administrator

COMMAND_LINE_EMAIL = "command-line@evenhand.invalid"


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

    `device_key` encrypts what the person's browsers keep; it is made at its first use.
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


def display_name(user):
    """Return the name that pages show."""
    return user.name
