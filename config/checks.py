"""Misconfiguration, named with an id and the remedy, by every command and by `manage.py check --deploy`."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

from accounts.models import User
from accounts.roles import ROLES
from standards import reader


@register()
def check_broker_address(app_configs, **options):
    """Return evenhand.E001 for a REDIS_URL that the cache and the worker do not both understand."""
    scheme = urlsplit(settings.REDIS_URL).scheme
    if settings.REDIS_URL and scheme not in ("redis", "rediss"):
        return [
            Error(
                f"REDIS_URL starts with {scheme or 'no scheme'}.",
                hint="Write it as redis://host:6379/0, or rediss:// for an encrypted connection.",
                id="evenhand.E001",
            )
        ]
    return []


@register()
def check_sweep(app_configs, **options):
    """Return evenhand.E002 for a sweep that would never come, or without a pause."""
    if settings.SWEEP_SECONDS < 1:
        return [
            Error(
                f"SWEEP_SECONDS is {settings.SWEEP_SECONDS}.",
                hint="Set it to how many seconds may pass until lost work is found: 10 is usual, 1 is the least.",
                id="evenhand.E002",
            )
        ]
    return []


@register()
def check_standards_folders(app_configs, **options):
    """Return evenhand.E003 for a folder of standards that is not there, and evenhand.E004 for each document refused."""
    errors = []
    for folder in settings.EVENHAND_STANDARDS_FOLDERS:
        if not Path(folder).is_dir():
            errors.append(
                Error(
                    f"EVENHAND_STANDARDS_FOLDERS names {folder}, which is no folder.",
                    hint="Create it, or take it out of the list.",
                    id="evenhand.E003",
                )
            )
            continue
        for path in sorted(Path(folder).glob("*.yaml")):
            try:
                reader.load(path.stem, settings.EVENHAND_STANDARDS_FOLDERS)
            except reader.MalformedDocument as malformed:
                errors.append(
                    Error(
                        f"The standards document {path.name} has faults.\n{malformed}",
                        hint="Correct them, or move the file out of the folder.",
                        id="evenhand.E004",
                    )
                )
    return errors


@register()
def check_second_step_roles(app_configs, **options):
    """Return evenhand.E008 for a role that is to need a second step at sign-in, and is none."""
    unknown = [code for code in settings.SECOND_STEP_ROLES if code not in ROLES]
    if unknown:
        return [
            Error(
                f"SECOND_STEP_ROLES names {', '.join(unknown)}, which is no role.",
                hint=f"The roles are: {', '.join(ROLES)}.",
                id="evenhand.E008",
            )
        ]
    return []


@register()
def check_openid(app_configs, **options):
    """Return evenhand.E009 for each part of an OpenID Connect provider that is missing, and evenhand.E010 for its address."""
    held = {name: getattr(settings, name) for name in ("OPENID_ISSUER", "OPENID_CLIENT_ID", "OPENID_CLIENT_SECRET")}
    if not any(held.values()):
        return []
    errors = [
        Error(
            f"{name} is missing, so nobody can sign in with OpenID Connect.",
            hint="Set it to what the provider gave, or leave the other two out.",
            id="evenhand.E009",
        )
        for name, value in held.items()
        if not value
    ]
    issuer = urlsplit(settings.OPENID_ISSUER)
    if settings.OPENID_ISSUER and (issuer.query or issuer.scheme not in ("https", "http") or not issuer.netloc):
        errors.append(
            Error(
                "OPENID_ISSUER is no address of a provider.",
                hint="Write it exactly as the provider's configuration names its issuer, as https://login.example.org/realm.",
                id="evenhand.E010",
            )
        )
    return errors


@register(deploy=True)
def check_openid_is_encrypted(app_configs, **options):
    """Return evenhand.E011 for a provider that is spoken to in the clear."""
    if settings.OPENID_ISSUER.startswith("http:"):
        return [
            Error(
                "OPENID_ISSUER starts with http://, so that anybody on the way could sign in as anybody.",
                hint="Use a provider with a certificate, and its address with https://.",
                id="evenhand.E011",
            )
        ]
    return []


@register(deploy=True)
def check_database(app_configs, **options):
    """Return evenhand.E005 for an installation on SQLite."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        return [
            Error(
                "DATABASE_URL names no PostgreSQL database.",
                hint="Write it as postgres://user:password@host/name. SQLite serves one person on one machine.",
                id="evenhand.E005",
            )
        ]
    return []


@register(deploy=True)
def check_hosts(app_configs, **options):
    """Return evenhand.E006 for an installation that answers to any name."""
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Error(
                "ALLOWED_HOSTS has a *, so that anybody's name for this machine would be believed.",
                hint="Name the hosts that this installation answers to.",
                id="evenhand.E006",
            )
        ]
    return []


@register(Tags.database, deploy=True)
def check_demonstration_accounts(app_configs, databases=None, **options):
    """Return evenhand.E007 for demonstration accounts in a production database: its data was for trying out."""
    if not databases or not settings.PRODUCTION or User._meta.db_table not in connection.introspection.table_names():
        return []
    count = User.objects.filter(is_demo=True, is_active=True).count()
    if count:
        return [
            Error(
                f"There are {count} demonstration accounts in this database.",
                hint="They cannot sign in here, but what they did is in the record. Begin with an empty database.",
                id="evenhand.E007",
            )
        ]
    return []
