"""All settings; what differs between places comes from the environment (see .env.example)."""

import os
import warnings
from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from scribetree.environment import (
    env_bool,
    env_choice,
    env_count,
    env_database,
    env_duration,
    env_list,
    env_text,
    read_env_file,
)

BASE_DIR = Path(__file__).resolve().parent.parent

TESTING = env_bool("SCRIBETREE_TESTING", default=False)
if TESTING:
    # the only place with secrets in the code; the tests need no environment and read no .env
    os.environ["SECRET_KEY"] = "tests " * 10
    os.environ["JWT_SECRET"] = "tests " * 10
    os.environ["SECURE_SSL"] = "0"
    os.environ["ANTHROPIC_API_KEY"] = os.environ["CLAUDE_API_KEY"] = ""
else:
    read_env_file(BASE_DIR / ".env")

DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = env_text("SECRET_KEY")
JWT_SECRET = env_text("JWT_SECRET")
if len(SECRET_KEY) < 50 and not DEBUG:
    raise ImproperlyConfigured("SECRET_KEY has fewer than 50 characters; only DEBUG=1 allows that")
JWT_EXPIRES_IN = env_duration("JWT_EXPIRES_IN", "7d")
if len(JWT_SECRET.encode()) < 32:  # not refused: it may be the original's, whose tokens must stay valid
    warnings.warn("JWT_SECRET has fewer than 32 bytes, which is easy to guess", stacklevel=1)

ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "scribetree.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "corsheaders",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "courses",
    "assignments",
    "documents",
    "analytics",
    "notifications",
    "migrate_mongo",
]

MIDDLEWARE = [
    "scribetree.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "scribetree.api.middleware.ApiPathMiddleware",
    "scribetree.content_security.ContentSecurityPolicy",
    "scribetree.page_middleware.Session",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "scribetree.page_middleware.Authentication",
    "scribetree.page_middleware.Message",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "scribetree.urls"
WSGI_APPLICATION = "scribetree.wsgi.application"
APPEND_SLASH = False  # URLs take both forms themselves; a redirect would lose a request's body

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
            ],
        },
    },
]

EMBEDDED_POSTGRES_DIR = Path(env_text("EMBEDDED_POSTGRES_DIR", str(BASE_DIR / ".postgres")))
DATABASES = {
    "default": {
        **(env_database("DATABASE_URL") or {"ENGINE": "scribetree.embedded", "NAME": "scribetree"}),
        "CONN_MAX_AGE": 60,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MONGODB_URI = env_text("MONGODB_URI", "")
EXPORT_MONGODB_URI = env_text("EXPORT_MONGODB_URI", "")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mails are unique, by lower(email)
UPGRADE_PASSWORDS = env_bool("UPGRADE_PASSWORDS", default=False)
PASSWORD_HASHERS = [
    "accounts.hashers.SourceBcryptPasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
if UPGRADE_PASSWORDS:  # the first is what new and renewed passwords get
    PASSWORD_HASHERS.reverse()
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 6}},
    {"NAME": "accounts.validators.PasswordBytesValidator"},
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "scribetree" / "static"]
STATIC_ROOT = Path(env_text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))

API_MAX_BODY_BYTES = 16 * 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BearerTokenAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["scribetree.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["scribetree.api.parsers.JSONBodyParser", "scribetree.api.parsers.NoJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "scribetree.api.renderers.OnlyOne",
    "DEFAULT_FILTER_BACKENDS": ["scribetree.api.filters.ListFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "scribetree.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "scribetree.api.errors.handle",
    "NUM_PROXIES": env_count("TRUSTED_PROXIES", default=0),
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Scribe Tree",
    "DESCRIPTION": "The API of the writing platform. Ids are 24 hex digits; dates are ISO 8601 in UTC.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "GET_LIB_DOC_EXCLUDES": "scribetree.api.schema.base_classes",
    "POSTPROCESSING_HOOKS": [],  # enumerations stay where they are used
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

UNFOLD = {
    "SITE_TITLE": "Scribe Tree",
    "SITE_HEADER": "Scribe Tree",
    "SITE_SYMBOL": "forest",
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("scribetree/admin.css")],
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
}

CORS_ALLOWED_ORIGINS = env_list("CORS_ALLOWED_ORIGINS") or ["http://localhost:5173", "http://localhost:3000"]
CORS_ALLOW_CREDENTIALS = True
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
CORS_ALLOW_HEADERS = ["content-type", "authorization", "x-requested-with"]
CORS_EXPOSE_HEADERS = ["X-Request-ID", "Retry-After"]
CORS_URLS_REGEX = r"^/api/"

THROTTLING = env_bool("THROTTLING", default=not TESTING)
ALLOW_ROLE_SELF_SWITCH = env_bool("ALLOW_ROLE_SELF_SWITCH", default=False)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # in the database, for what all workers and machines have to share
    "throttle": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "throttle_counts"},
}

# the questions of the writing coach come from a model of Anthropic's where there is a key, and from our own bank else
ANTHROPIC_API_KEY = env_text("ANTHROPIC_API_KEY", "") or env_text("CLAUDE_API_KEY", "")
ANTHROPIC_BASE_URL = env_text("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
CLAUDE_MODEL = env_text("CLAUDE_MODEL", "claude-haiku-4-5")
CLAUDE_MAX_TOKENS = env_count("CLAUDE_MAX_TOKENS", default=500)
AI_TIMEOUT = env_duration("AI_TIMEOUT", "8s")
AI_RETRIES = env_count("AI_RETRIES", default=1)
AI_REQUESTS_PER_HOUR = env_count("AI_REQUESTS_PER_HOUR", default=20)
AI_TOKENS_PER_HOUR = env_count("AI_TOKENS_PER_HOUR", default=60_000)

SECURE_SSL = env_bool("SECURE_SSL", default=True)
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_SSL else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} [{request_id}] {name}: {message}", "style": "{"}},
    "filters": {"request_id": {"()": "scribetree.request_id.RequestIdFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "loggers": {
        "embedded_postgres": {"level": "CRITICAL"},  # our own error says it in one line
        # what they say below is noise, or the texts of students
        "anthropic": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
    },
    "root": {
        "handlers": ["stderr"],
        "level": env_choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"),
    },
}

TEST_RUNNER = "scribetree.test_runner.PytestRunner"
