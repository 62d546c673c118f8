"""Locks that the kernel frees when their holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from churn_ops.errors import ChurnOpsError

_POLL_SECONDS = 0.2


@contextlib.contextmanager
def held(path: Path, purpose: str, wait_seconds: float, say: Callable[[str], None]) -> Iterator[None]:
    """Hold an advisory file lock.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; it stays behind, empty of meaning.
    purpose : str
        What the holder does, told to whoever waits.
    wait_seconds : float
        How long to wait for another holder.
    say : callable
        Takes one line when there is somebody to wait for.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when the other holder is still there after the wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The descriptor is not inherited by helpers, so none of them can keep the lock after our death.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, path, wait_seconds, say)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(_holder(purpose)).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, wait_seconds: float, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + wait_seconds
    said = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _read_holder(path)
        if time.monotonic() >= deadline:
            raise ChurnOpsError(
                "BUSY",
                f"{holder} is writing to the same store; nothing was changed.",
                "Run the same command again when it has finished, or give a longer --wait SECONDS.",
                {"lock": str(path), "holder": holder},
            )
        if not said:
            say(f"waiting for {holder}")
            said = True
        time.sleep(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic())))


def _holder(purpose: str) -> dict[str, str | int]:
    return {"purpose": purpose, "pid": os.getpid(), "host": socket.gethostname(), "since": int(time.time())}


def _read_holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        seconds = max(0, int(time.time()) - int(holder["since"]))
        return f"{holder['purpose']} (pid {holder['pid']} on {holder['host']}, for {seconds} s)"
    except (OSError, ValueError, KeyError):
        return "another process"
