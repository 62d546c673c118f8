"""How often MLflow's HTTP client asks again, and how long it waits for an answer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

#: A server may copy a large file on to a bucket before it answers.
_TRANSFER_SECONDS = 60


@contextmanager
def without_retries() -> Iterator[None]:
    """Keep MLflow's HTTP client from repeating a call that must not be done twice."""
    with _variable("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0"):
        yield


@contextmanager
def long_transfers() -> Iterator[None]:
    """Give the server of an HTTP store time for large files; every other call is told to be silent within seconds."""
    seconds = max(_TRANSFER_SECONDS, int(os.environ.get("MLFLOW_HTTP_REQUEST_TIMEOUT") or 0))
    with _variable("MLFLOW_HTTP_REQUEST_TIMEOUT", str(seconds)):
        yield


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before
