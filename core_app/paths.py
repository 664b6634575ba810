"""Addresses by their names, for what a page says hundreds of times."""

from __future__ import annotations

from functools import lru_cache

from django.urls import reverse


@lru_cache(maxsize=10_000)
def path_to(name: str, *arguments: str) -> str:
    """What `reverse` says, remembered: rows lead to the same few services and attackers again and again."""
    return reverse(name, args=arguments)
