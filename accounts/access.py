"""The one way to the pages of people: 403, with a sentence, to those whose role does not look after people."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from accounts.models import COMMAND_LINE_EMAIL, User
from accounts.permissions import Permission


def require(user, permission, ask):
    """Raise PermissionDenied, with a sentence and whom to `ask`, unless a role that holds everywhere allows something."""
    if not user.may(permission):
        role = f"Your role, {user.role_label.lower()}," if user.role else "Your role"
        raise PermissionDenied(f"{role} cannot {permission.value}. Ask {ask}.")


def manages_people(view):
    """Let a view be asked only by those who may look after people."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        require(request.user, Permission.MANAGE_PEOPLE, "an administrator")
        return view(request, *args, **kwargs)

    return guarded


def people():
    """Return everybody but the actor of commands, who is nobody."""
    return User.objects.exclude(email=COMMAND_LINE_EMAIL)


def get_person(public_id):
    """Return a person by public id. Raises Http404."""
    return get_object_or_404(people(), public_id=public_id)
