"""What config/gunicorn.py does about workers, without the product."""

from config import workers as balancing  # gunicorn takes every name here that is one of its settings

balancing.PATIENCE = 2  # seconds: the other worker comes for its connection, however busy the machine is


def child_exit(server, worker) -> None:
    worker.leave()
