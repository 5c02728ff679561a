"""Settings, all from the environment; with none at all every command works on a laptop.

`EVENHAND_ENV=production` refuses to start until everything that a real installation needs is said.
docs/running.md lists the variables.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

PRODUCTION = env("EVENHAND_ENV", default="development") == "production"
DEBUG = env.bool("DEBUG", default=False) and not PRODUCTION

# What is written while running: the trying-out database, the generated key.
VAR_DIR = Path(env("EVENHAND_VAR", default=str(BASE_DIR / "var")))
with suppress(OSError):  # an installation may need nothing there; what does says so
    VAR_DIR.mkdir(parents=True, exist_ok=True)

NEEDED_IN_PRODUCTION = {
    "SECRET_KEY": "set it to a long random text that is kept secret",
    "ALLOWED_HOSTS": "set it to the host names this installation answers to, separated by commas",
    "DATABASE_URL": "set it to the PostgreSQL database, as postgres://user:password@host/name",
    "REDIS_URL": "set it to the Redis server, as redis://host:6379/0",
}
if PRODUCTION:
    missing = [
        f"{name} is missing: {remedy}." for name, remedy in NEEDED_IN_PRODUCTION.items() if not env(name, default="")
    ]
    if missing:
        raise ImproperlyConfigured("Evenhand cannot start in production.\n" + "\n".join(missing))


def generated_key() -> str:
    """Return the key kept in the var folder, making it at the first start; where nothing can be kept, one for now."""
    path = VAR_DIR / "secret_key"
    try:
        if not path.exists():
            draft = path.with_name(f"secret_key-{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(50))
            draft.replace(path)  # another process starting now never reads half a key
        return path.read_text()
    except OSError:
        return secrets.token_urlsafe(50)


SECRET_KEY = env("SECRET_KEY", default="") or generated_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "crispy_forms",
    "csp",
    "config.apps.ConfigConfig",
    "govuk",
    "audit",
    "accounts",
    "inspections",
    "cases",
    "ratings",
]

MIDDLEWARE = [
    "config.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.Probes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.second_factor.SecondStepFirst",
    "config.middleware.PrivatePages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.sign_in_page",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = ("govuk",)
CRISPY_TEMPLATE_PACK = "govuk"
CRISPY_FAIL_SILENTLY = False

# One connection per thread, kept for a minute and checked before use: twice the throughput of opening one a request.
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'evenhand.sqlite3'}"),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Values go beside a statement, and `audit.statements` has the statements of a save kept ready: half the cost.
    binding = {"server_side_binding": True, "prepare_threshold": None}
    DATABASES["default"]["OPTIONS"] = binding | DATABASES["default"].get("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    if not env("DATABASE_URL", default="") and not VAR_DIR.is_dir():
        raise ImproperlyConfigured(
            f"{VAR_DIR} is no folder and cannot be made. Set EVENHAND_VAR to a folder that can be written, or DATABASE_URL "
            "to a database."
        )
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue at their first statement instead of failing at their first write; nothing confirmed is lost.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "sign_in": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_sign_in_cache"},
        "default": {
            "BACKEND": "accounts.limits.RedisOrDatabase",
            "LOCATION": REDIS_URL,
            # By itself the client tries for seconds on end, and a page would wait with it.
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1, "retry": Retry(NoBackoff(), 1)},
        },
    }

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # A worker that dies in the middle leaves its message to another.
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A save must not wait for a broker that is away: the sweep repairs what was not queued.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 2,
    "visibility_timeout": 300,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=10)
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "ratings.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "exports": {"task": "ratings.sweep_exports", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "seal": {"task": "audit.seal", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "drafts": {"task": "cases.drop_old_drafts", "schedule": 3600, "options": {"expires": 3600}},
    "verify": {"task": "audit.verify", "schedule": crontab(hour=3, minute=0)},
}
CELERY_BEAT_SCHEDULE_FILENAME = env("CELERY_BEAT_SCHEDULE_FILENAME", default=str(VAR_DIR / "celerybeat-schedule"))

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
ACCOUNT_SESSION_REMEMBER = None
# For how long a sign-in is fresh enough for what cannot be taken back (`accounts.fresh`).
FRESH_SIGN_IN_SECONDS = ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * env.int("FRESH_SIGN_IN_MINUTES", default=10)
# Sign-in attempts are counted by client address, which only proxies that are ours may name.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",  # a whole team behind one address signs in before a meeting
    "login_failed": "20/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
}
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
MFA_ADAPTER = "accounts.adapter.SecondFactors"
MFA_FORMS = {"add_webauthn": "accounts.forms.PasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from administrators
MFA_TOTP_ISSUER = "Evenhand"
MFA_TOTP_TOLERANCE = 1  # codes of the half minute before and after: clocks of phones drift
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # passkeys work on http://localhost while trying out
# Whoever has one of these roles sets up a second step at sign-in before anything else.
SECOND_STEP_ROLES = env.list(
    "SECOND_STEP_ROLES", default=["lead_inspector", "manager", "administrator"] if PRODUCTION else []
)
# An OpenID Connect provider that people may sign in with; none without these (accounts/openid.py).
OPENID_ISSUER = env("OPENID_ISSUER", default="")
OPENID_CLIENT_ID = env("OPENID_CLIENT_ID", default="")
OPENID_CLIENT_SECRET = env("OPENID_CLIENT_SECRET", default="")
OPENID_NAME = env("OPENID_NAME", default="your organisation's account")
OPENID_HAS_SECOND_STEP = env.bool("OPENID_HAS_SECOND_STEP", default=False)
SOCIALACCOUNT_ADAPTER = "accounts.openid.Adapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Links to set a password end after three days. Without a mail server they are printed where Evenhand runs.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
globals().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="evenhand@localhost")

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.replies.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes ask without a certificate
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names need `collectstatic` first, which only an installation does.
STATICFILES_BACKEND = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATICFILES_BACKEND},
}
# Else files are served from where they lie, so that nothing need be collected first.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "Europe/London"  # How times are shown; the database holds UTC.
DATETIME_FORMAT = "j F Y, H:i"
DATE_FORMAT = "j F Y"

# A case form posts a whole page of answers and notes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# A form sends one file, of at most 20 MB. It is kept in memory, and what is above this limit is not kept at all.
FILE_UPLOAD_HANDLERS = ["config.uploads.KeptInMemory"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# Files that are made in the background: where they lie, and after how many days they are removed.
EXPORTS_FOLDER = Path(env("EXPORTS_FOLDER", default=str(VAR_DIR / "exports")))
EXPORT_DAYS = env.int("EXPORT_DAYS", default=7)

# Folders with further standards documents, beside those that ship.
EVENHAND_STANDARDS_FOLDERS = [Path(folder) for folder in env.list("EVENHAND_STANDARDS_FOLDERS", default=[])]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.logs.AddRequestId"}},
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING")},
    # Django's own handler would mail or print request bodies.
    "loggers": {"django": {"handlers": [], "propagate": True}, "django.server": {"handlers": [], "propagate": True}},
}
