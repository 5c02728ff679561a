"""Who else has a case open. Kept in the cache alone: it is a courtesy, and nothing rests on it."""

import logging
from time import monotonic, time

from django.core.cache import cache

logger = logging.getLogger(__name__)

SECONDS = 45  # how long somebody counts as there without another word
MOST = 50  # tabs that are kept for one case
REST_SECONDS = 5

_rests_until = 0.0


def others_at(case, *, user, tab, page):
    """Note that this person has this page of a case open in this tab, and return every other tab, longest there first.

    Each is `{"name", "page", "since", "you"}`, `since` in seconds since 1970. Without a cache there is nobody. Two tabs
    that speak at the very same moment may miss each other until they speak again.
    """
    global _rests_until
    if monotonic() < _rests_until:
        return []
    key, me, now = f"presence:{case.pk}", f"{user.pk}:{tab}", time()
    try:
        tabs = {held: seen for held, seen in cache.get(key, {}).items() if seen["seen"] > now - SECONDS}
        before = tabs.pop(me, None)
        others = sorted(tabs.values(), key=lambda seen: seen["since"])
        tabs = dict(list(tabs.items())[-MOST + 1 :])
        since = before["since"] if before and before["page"] == page else now
        tabs[me] = {"user": user.pk, "name": user.name, "page": page, "since": since, "seen": now}
        cache.set(key, tabs, timeout=SECONDS)
    except Exception as error:
        # Whoever asks waits for the cache to be given up: for a while nobody asks again.
        _rests_until = monotonic() + REST_SECONDS
        logger.warning("Presence is not known: the cache cannot be reached (%s).", type(error).__name__)
        return []
    return [
        {"name": seen["name"], "page": seen["page"], "since": seen["since"], "you": seen["user"] == user.pk}
        for seen in others
    ]
