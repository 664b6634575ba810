"""Django's settings, read from the environment: see the table in README.md."""

from __future__ import annotations

import importlib.util
from datetime import timedelta

import structlog
from csp.constants import NONE, SELF

from config import environment
from config.environment import BASE_DIR, env

# `DEBUG=1`, as `make run` has it: a secret key is made, files for the browser are served from where they lie. Django's
# own debug mode stays off: it would keep every statement with its parameters, and pages have errors of their own.
TOCSIN_DEVELOPMENT = env.bool("DEBUG", default=True)
DEBUG = False
SECRET_KEY = environment.secret_key(debug=TOCSIN_DEVELOPMENT)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

TOCSIN_DATA_DIR = environment.data_dir()
TOCSIN_DEMO = env.bool("TOCSIN_DEMO", default=True)
# Seconds that one answer may spend on looking up, row by row, what the facet index does not hold.
TOCSIN_QUERY_SECONDS = env.float("TOCSIN_QUERY_SECONDS", default=2.0)
TOCSIN_METRICS_TOKEN = env.str("TOCSIN_METRICS_TOKEN", default="")

# --- who is in the house: floors from the ground up -------------------------------------------

INSTALLED_APPS = [
    "config",
    "datadog_app",
    "incidents_app",
    "cases_app",
    "signals_app",
    "search_app",
    "accounts_app",
    "core_app",
    "accounts_app.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "template_partials",
    "csp",
    "django_structlog",
    "django_prometheus",
]

MIDDLEWARE = [
    "core_app.http.WholeBodyMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "core_app.http.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts_app.middleware.LoginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts_app.middleware.RequestLogMiddleware",
    "accounts_app.middleware.ActorMiddleware",
    "accounts_app.middleware.PersonalClockMiddleware",
    "core_app.http.DomainErrorMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "accounts_app.context.person",
            ],
        },
    },
    {
        "NAME": "quick",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "quick"],
        "OPTIONS": {"environment": "config.quick.environment"},
    },
]

# --- where things are kept --------------------------------------------------------------------

DATABASES = {"default": env.db_url_config(environment.database_url())}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Immediate: a transaction takes the write lock when it begins, so that two writers queue
        # instead of failing half way with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Pages of 8 KiB, in databases made from now on: a signal is a kilobyte, and a third of a 4 KiB page lay idle.
        "init_command": "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        " PRAGMA foreign_keys=ON;"
        # The cache is of each connection, and every thread of a web process keeps one.
        " PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000;",
    }
DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = environment.redis_url()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "tocsin",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# --- people -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts_app.User"
AUTHENTICATION_BACKENDS = ["accounts_app.backend.SessionBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts_app.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_FORMS = {"reset_password": "accounts_app.forms.AskForPasswordForm"}
# Lockout: counted in the cache, so over all web processes; /key is the e-mail address tried.
TOCSIN_LOCKOUT = "5/5m/key"
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": f"20/m/ip,{TOCSIN_LOCKOUT}",
    "reset_password": "5/h/ip,3/h/key",
}
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
# Proxies in front of us that add to X-Forwarded-For: with 0 nobody can choose the address they are counted under.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TOCSIN_TRUSTED_PROXIES", default=0)
SESSION_COOKIE_NAME = "tocsin_session"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core_app.http.csrf_failed"

# --- mail -------------------------------------------------------------------------------------

# In development mail is printed in the worker's log; it holds links that set passwords, so in production it is not.
TOCSIN_HTTPS = env.bool("TOCSIN_HTTPS", default=False)
# Where people find us, for links in mails: no request says it there.
TOCSIN_URL = environment.address(https=TOCSIN_HTTPS, hosts=ALLOWED_HOSTS)
vars().update(env.email_url("EMAIL_URL", default="consolemail://" if TOCSIN_DEVELOPMENT else "dummymail://"))
DEFAULT_FROM_EMAIL = env.str("TOCSIN_MAIL_FROM", default="tocsin@localhost")
EMAIL_TIMEOUT = 20  # seconds

# --- languages and clocks ---------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# --- files for the browser --------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = None if TOCSIN_DEVELOPMENT else BASE_DIR / "staticfiles"  # None: they are served from where they lie
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # bootstrap-wrapper ships Bootstrap's files as a package without an app.
    ("bootstrap", importlib.util.find_spec("bootstrap").submodule_search_locations[0]),
]
WHITENOISE_USE_FINDERS = TOCSIN_DEVELOPMENT
WHITENOISE_AUTOREFRESH = False
if not TOCSIN_DEVELOPMENT:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

# --- borders ----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if TOCSIN_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked by machines behind the proxy
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# How often one application key may ask the endpoints of Datadog's API, as `requests/seconds`, each group of them for
# itself; and what differs for some groups, as `users=600/60,signals=60000/60`.
TOCSIN_API_RATE = environment.api_rate()
TOCSIN_API_RATES = environment.api_rates()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts_app.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core_app.parsers.PlainJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core_app.http.api_exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tocsin",
    "DESCRIPTION": "The API of Tocsin. A program proves itself with an API key and an application key.",
    "VERSION": "1",
    "SERVE_PUBLIC": False,  # what somebody may not call is not described to them
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],  # choices stay where they are used: JSON:API has a hundred called “type”
    "APPEND_COMPONENTS": {
        "schemas": {
            "Errors": {
                "type": "object",
                "description": "Sentences, or the error objects of JSON:API.",
                "properties": {
                    "errors": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}
                },
                "required": ["errors"],
            }
        }
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- the worker -------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
# A flood of detections fills its own queue and holds up nothing else.
CELERY_TASK_ROUTES = {"signals_app.tasks.*": {"queue": "intake"}}
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"

# --- what is told -----------------------------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # RequestIdMiddleware has looked at it first
LOG_FORMAT = env.str("TOCSIN_LOG_FORMAT", default="console" if TOCSIN_DEVELOPMENT else "json")
_RENDERERS = {
    # repr() of every value, so that a newline written by an attacker cannot forge a line.
    "console": structlog.dev.ConsoleRenderer(
        colors=False,
        # Never the one that prints local variables: passwords and tokens are among them.
        exception_formatter=structlog.dev.plain_traceback,
    ),
    "json": structlog.processors.JSONRenderer(),
}
_SHARED_PROCESSORS = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": _RENDERERS[LOG_FORMAT],
            "foreign_pre_chain": _SHARED_PROCESSORS,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": env.str("TOCSIN_LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # instead of Django's own, which would tell everything twice
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # The clock's tasks come every five seconds: only what goes wrong with one is news.
        "celery": {"level": "WARNING"},
        "celery.apps.worker": {"level": "INFO"},
        "django_structlog.celery": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED_PROCESSORS,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
