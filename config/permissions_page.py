"""Draws docs/permissions.md from `config.who_may` and `accounts.roles`. Pure: the tables in, Markdown out."""

from django.urls import get_resolver

from accounts.permissions import Permission
from accounts.roles import ROLES
from config.who_may import EVERYBODY, TABLE, Of, Somebody
from inspections.drawing import put_in, table

BEGIN = "<!-- Drawn from accounts/roles.py and config/who_may.py by `manage.py draw_permissions`: change it there. -->"


def redrawn(text):
    """Return the page with its drawing put in anew. Raises ValueError when it has no place for it."""
    return put_in(text, drawing(), BEGIN)


def drawing():
    """Return the roles, what each is allowed, and who gets what at every address, as Markdown."""
    return "\n\n".join(
        [
            "## The roles",
            table(["Role", "What it does", "Holds"], [_role(role) for role in ROLES.values()]),
            "## What each role is allowed",
            table(["", *(role.label for role in ROLES.values())], [_permission(held) for held in Permission]),
            "## Who gets what at every address",
            *(part for of in Of for part in _addresses(of)),
        ]
    )


def _role(role):
    holds = "in every inspection" if role.everywhere else "in the inspections whose team one is in"
    return [role.label, role.description, holds + (", for cases of one's own" if role.own_cases_only else "")]


def _permission(permission):
    return [_sentence(permission), *("yes" if permission in role.permissions else "–" for role in ROLES.values())]


def _sentence(permission):
    return f"{permission.value[0].upper()}{permission.value[1:]}"


def _addresses(of):
    rows = [row for row in TABLE if row.of is of]
    if not rows:
        return []
    head = ["Address", "", "Needs", *(held.value if isinstance(held, Somebody) else held.label for held in EVERYBODY)]
    return [f"### What belongs to {of.value}", table(head, [_address(row) for row in rows])]


def _address(row):
    done = f"{row.method}: {row.words}" if row.words else row.method
    needs = _sentence(row.permission) if row.permission else ""
    if row.fresh:
        needs = f"{needs}, and a fresh sign-in"
    return [f"`{path_of(row.name)}`", done, needs, *(_gets(row, somebody) for somebody in EVERYBODY)]


def _gets(row, somebody):
    # What a POST is answered with depends on what is in it.
    if row.words and row.method == "POST" and row.refused(somebody) is None:
        return "yes"
    return str(row.status(somebody))


def path_of(name):
    """Return the path of an address with the names of its parts, such as /cases/<case>/."""
    *namespaces, last = name.split(":")
    resolver, prefix = get_resolver(), "/"
    for namespace in namespaces:
        more, resolver = resolver.namespace_dict[namespace]
        prefix += more
    [(path, parts)] = [form for found in resolver.reverse_dict.getlist(last) for form in found[0]]
    return prefix + path % {part: f"<{part}>" for part in parts}
