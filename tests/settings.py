"""The product's own settings, made quick for tests: nothing here switches a part off."""

import os
import tempfile

os.environ.setdefault("TOCSIN_DATA_DIR", tempfile.mkdtemp(prefix="tocsin-test-"))
os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 40)

from config.settings import *  # noqa: F403

# Argon2 is slow on purpose; the tests that are about passwords set it back.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CELERY_BROKER_URL = "memory://"
WHITENOISE_AUTOREFRESH = True
