"""Figures for Prometheus beside those that django-prometheus counts: read from the database when asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily


class Gauge(NamedTuple):
    """A figure, and how it is read now."""

    name: str
    help: str
    read: Callable[[], float]


_gauges: dict[str, Gauge] = {}


def gauge(name: str, help: str) -> Callable[[Callable[[], float]], Callable[[], float]]:
    """Register a gauge `tocsin_<name>`. A higher floor does so from `AppConfig.ready()`."""

    def register(read: Callable[[], float]) -> Callable[[], float]:
        _gauges[name] = Gauge(f"tocsin_{name}", help, read)
        return read

    return register


class _Figures:
    """Our gauges as a collector, for the length of one answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for figure in _gauges.values():
            yield GaugeMetricFamily(figure.name, figure.help, value=figure.read())


def exposition() -> bytes:
    """Everything there is to tell, in Prometheus' text format.

    With several web processes each counts into files of a shared folder (see `config/gunicorn.py`),
    so that the answer is about all of them, whichever is asked.
    """
    figures = CollectorRegistry()
    figures.register(_Figures())
    counted = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)
    return generate_latest(counted) + generate_latest(figures)
