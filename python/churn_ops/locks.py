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

#: Raises ``STORE_UNREACHABLE`` when a lock that was taken is no longer ours.
Check = Callable[[], None]


@contextlib.contextmanager
def held(path: Path, purpose: str, wait_seconds: float, say: Callable[[str], None]) -> Iterator[Check]:
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

    Yields
    ------
    callable
        Checks that the lock is still ours.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when the other holder is still there after the wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptors: list[int] = []

    def take() -> bool:
        for descriptor in descriptors:
            os.close(descriptor)
        # The descriptor is not inherited by helpers, so none of them can keep the lock after our death.
        descriptors[:] = [os.open(path, os.O_RDWR | os.O_CREAT, 0o600)]
        try:
            fcntl.flock(descriptors[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # Somebody may have removed the file between the two steps: a lock on it would keep nobody out.
        return _is_at(descriptors[0], path)

    try:
        wait_for(take, lambda: _read_holder(path), wait_seconds, say, str(path))
        os.ftruncate(descriptors[0], 0)
        os.pwrite(descriptors[0], json.dumps(_holder(purpose)).encode(), 0)
        yield lambda: _check(descriptors[0], path)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def wait_for(
    take: Callable[[], bool],
    read_holder: Callable[[], str],
    wait_seconds: float,
    say: Callable[[str], None],
    lock: str,
) -> None:
    """Try to take something until it is ours.

    Parameters
    ----------
    take : callable
        Tries once, without waiting.
    read_holder : callable
        Names who has it.
    wait_seconds : float
        How long to try.
    say : callable
        Takes one line when there is somebody to wait for.
    lock : str
        What is taken, for the details of the error.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` after the wait.
    """
    # The first try, which may have to connect first, is not part of the wait.
    deadline = None
    while not take():
        holder = read_holder()
        if deadline is None:
            deadline = time.monotonic() + wait_seconds
            if wait_seconds > 0:
                say(f"waiting for {holder}")
        if time.monotonic() >= deadline:
            raise busy(holder, {"lock": lock})
        time.sleep(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic())))


def busy(holder: str, details: dict[str, str]) -> ChurnOpsError:
    """Make the error for a store that another process writes to."""
    return ChurnOpsError(
        "BUSY",
        f"{holder} is writing to the same store; nothing was changed.",
        "Run the same command again when it has finished, or give a longer --wait SECONDS.",
        {**details, "holder": holder},
    )


def holder_text(purpose: str, pid: int | str, host: str, seconds: float) -> str:
    """Name a holder to whoever waits for it."""
    return f"{purpose} (pid {pid} on {host}, for {max(0, int(seconds))} s)"


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        ours, there = os.fstat(descriptor), path.stat()
    except OSError:
        return False
    return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _check(descriptor: int, path: Path) -> None:
    if not _is_at(descriptor, path):
        raise ChurnOpsError(
            "STORE_UNREACHABLE",
            f"The lock {path} was removed while this command held it; it has stopped before its next write.",
            "Leave the state folder alone and run the same command again: it goes on from there.",
            {"lock": str(path)},
        )


def _holder(purpose: str) -> dict[str, str | int]:
    return {"purpose": purpose, "pid": os.getpid(), "host": socket.gethostname(), "since": int(time.time())}


def _read_holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return holder_text(holder["purpose"], holder["pid"], holder["host"], time.time() - int(holder["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
