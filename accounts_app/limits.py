"""How often somebody may ask: counted in Redis, over all processes at once and exactly.

Limits are manners and no lock: when Redis is away, nobody is turned away for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import structlog
from django.conf import settings
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE = 0.2  # seconds for an answer of Redis
# One step for Redis, so that of many at once nobody is counted twice or not at all. A window begins with the first
# request in it; the answer tells the milliseconds until it ends.
COUNT = """
local used = redis.call('INCR', KEYS[1])
if used == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {used, redis.call('PTTL', KEYS[1])}
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds; `name` says of what."""

    name: str
    limit: int
    period: int  # seconds

    @classmethod
    def read(cls, name: str, text: str) -> Rate:
        """`600/60` is 600 in 60 seconds. Raises ValueError."""
        limit, _, period = text.partition("/")
        rate = cls(name, int(limit), int(period))
        if rate.limit < 1 or rate.period < 1:
            raise ValueError(f"{text} is no rate.")
        return rate


@dataclass(frozen=True)
class Count:
    """How much of a rate somebody has used up, this request counted in."""

    rate: Rate
    used: int
    reset: int  # seconds until the window ends

    @property
    def remaining(self) -> int:
        return max(self.rate.limit - self.used, 0)

    @property
    def is_over(self) -> bool:
        return self.used > self.rate.limit


def count(rate: Rate, who: str) -> Count | None:
    """Count one request of theirs. None when Redis does not answer."""
    try:
        used, left = _redis(settings.REDIS_URL).eval(COUNT, 1, f"tocsin:rate:{rate.name}:{who}", rate.period * 1000)
    except RedisError as problem:
        log.warning("rate_not_counted", rate=rate.name, problem=type(problem).__name__)
        return None
    return Count(rate, used, max(-(-left // 1000), 1))


@lru_cache(maxsize=4)
def _redis(url: str) -> Redis:
    """The connections of this process. They are made when they are first used, so after a fork."""
    return Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0))
