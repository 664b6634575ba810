"""How gunicorn serves Tocsin: `gunicorn --config python:config.gunicorn config.wsgi`.

What is here can be overridden on the command line or in GUNICORN_CMD_ARGS.
"""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from config.environment import data_dir, port
from config.settings import LOGGING
from config.workers import BalancingWorker


def _folder_for_counts() -> Path:
    """An empty folder in which the processes count for `/metrics`, so that whichever is asked answers for all."""
    folder = data_dir() / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


# Before the first import of prometheus_client, which looks for it once.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder_for_counts())

bind = f"127.0.0.1:{port()}"
worker_class = BalancingWorker
workers = 2
threads = 4
preload_app = True  # one import for all workers: half the start and a third less memory
graceful_timeout = 8  # seconds; less than the supervisor's
timeout = 60
keepalive = 5
limit_request_line = 8190  # bytes: a query of 2,000 characters and what is escaped of it
forwarder_headers = ""  # nobody tells us below which path we stand
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (gunicorn's heartbeat file, unlinked at once)
control_socket_disable = True
logconfig_dict = {
    **LOGGING,
    "loggers": {
        **LOGGING["loggers"],
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "CRITICAL"},  # django-structlog tells of every request already
    },
}

ANSWERS_A_LONGER_LOOK = 500  # after so many the collector looks at what was in use when it came last, too

# Few arenas: with one a thread, what a page has freed in one of them is of no use to the others. And columns of a
# million rows are given back to the system as they are freed: left alone, glibc comes to keep them between others.
M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -8, -3, -1  # from <malloc.h>
with suppress(AttributeError):  # glibc alone has it
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(M_ARENA_MAX, 2)
    mallopt(M_MMAP_THRESHOLD, 2 << 20)
    mallopt(M_TRIM_THRESHOLD, 8 << 20)


def when_ready(server: Any) -> None:
    """Import what the first page needs before there are workers, once for all of them and in memory that they share."""
    if not server.cfg.preload_app:
        return
    # Not before Django is set up.
    from django.template import engines  # noqa: PLC0415
    from django.urls import get_resolver  # noqa: PLC0415

    get_resolver().url_patterns  # noqa: B018 (views are imported as the addresses are first read)
    engines.all()
    gc.collect()


def post_worker_init(worker: Any) -> None:
    """Open the index before the first page asks for it, and let the collector look at new objects only, less often.

    A page of a thousand signals makes enough of them for several walks through everything that the process has. Older
    ones are looked at between the pages.
    """
    gc.freeze()
    gc.set_threshold(20_000, 2 * ANSWERS_A_LONGER_LOOK, 10)
    # Not before Django is set up.
    from search_app.index.bitmaps.keeper import keeper  # noqa: PLC0415
    from search_app.surfaces import surfaces  # noqa: PLC0415

    for surface in surfaces():
        if surface.held:
            keeper(surface).open_soon()


def post_request(worker: Any, request: Any, environ: Any, answer: Any) -> None:
    """Collect what making the answer has left, while it is on its way.

    A page leaves some hundred objects that refer to each other: left alone, they hold up every fortieth page for 20 ms.
    """
    gc.collect(1 if gc.get_count()[1] > ANSWERS_A_LONGER_LOOK else 0)


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges and the connections of a worker that has gone."""
    if isinstance(worker, BalancingWorker):  # and not of another class that somebody has chosen
        worker.leave()
    # Not before the folder is named above.
    from prometheus_client import multiprocess  # noqa: PLC0415

    multiprocess.mark_process_dead(worker.pid)
