# SPDX-License-Identifier: Apache-2.0
"""Django's settings, derived from the one typed Settings."""

from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from jiedao.base.settings import load_settings

JIEDAO = load_settings()

_dsn = conninfo_to_dict(JIEDAO.dsn)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _dsn.get("dbname", "jiedao"),
        "USER": _dsn.get("user", ""),
        "PASSWORD": _dsn.get("password", ""),
        "HOST": _dsn.get("host", ""),
        "PORT": str(_dsn.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }
}

SECRET_KEY = JIEDAO.secret_key or "only-for-tests-and-tools-the-supervisor-sets-a-real-one"
DEBUG = False
# On this machine alone, demo seats are open: no name that a foreign page's owner controls may
# lead here. On any other bind the town's own name is not known, and passwords guard the door.
_here = JIEDAO.bind in ("127.0.0.1", "localhost", "::1")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if _here else ["*"]
if JIEDAO.public_stream_url:  # a proxy stands in front, and serves web under the same name
    ALLOWED_HOSTS.append(urlsplit(JIEDAO.public_stream_url).hostname or "")
ROOT_URLCONF = "jiedao.main.urls"
WSGI_APPLICATION = "jiedao.main.wsgi.application"
MIDDLEWARE = ["jiedao.main.middleware.headers", "jiedao.main.middleware.body_limit"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "jiedao.town",
    "jiedao.trace",
    "jiedao.catalog",
    "jiedao.signals",
    "jiedao.matters",
    "jiedao.cameras",
    "jiedao.voice",
    "jiedao.dispatch",
    "jiedao.plans.apps.PlansConfig",
    "jiedao.desk",
]
AUTH_USER_MODEL = "town.Account"
PASSWORD_HASHERS = ["jiedao.town.passwords.Hasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "zh-hans"
LOGGING_CONFIG = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
