"""The shared cache. While Redis is away, what guards sign-in is kept in the database, so that people can still sign in.

Attempts to sign in are counted, and codes once used are remembered, in the cache under keys that begin with "allauth".
Everything else in the cache is a courtesy, and whoever keeps it there copes with its absence.
"""

import logging
import time

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

GUARDS = "allauth"
AWAY_FOR = 10.0  # seconds for which Redis is not asked again: each attempt takes its time


class RedisOrDatabase(RedisCache):
    """Redis; for the guards of sign-in the cache `sign_in`, a table, while Redis cannot be reached."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._away_until = 0.0

    def add(self, key, *args, **kwargs):
        """Store a value unless there is one; return whether it was stored."""
        return self._guarded("add", key, *args, **kwargs)

    def get(self, key, *args, **kwargs):
        """Return a value, or the default."""
        return self._guarded("get", key, *args, **kwargs)

    def set(self, key, *args, **kwargs):
        """Store a value."""
        return self._guarded("set", key, *args, **kwargs)

    def delete(self, key, *args, **kwargs):
        """Delete a value; return whether there was one."""
        return self._guarded("delete", key, *args, **kwargs)

    def _guarded(self, method, key, *args, **kwargs):
        ask = getattr(super(), method)
        if not key.startswith(GUARDS):
            return ask(key, *args, **kwargs)
        if time.monotonic() >= self._away_until:
            try:
                return ask(key, *args, **kwargs)
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + AWAY_FOR
                logger.warning(
                    "Redis cannot be reached (%s): sign-in is guarded by the database.", type(error).__name__
                )
        return getattr(caches["sign_in"], method)(key, *args, **kwargs)
