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

_POLL_SECONDS = 0.02
_SAID_AFTER_SECONDS = 0.3

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
    lock, queue = _File(path), _File(path.with_name(f"{path.name}.queue"))
    try:
        wait_for(in_turn(queue.take, lock.take, queue.free), lambda: _read_holder(path), wait_seconds, say, str(path))
        lock.write(json.dumps(_holder(purpose)))
        yield lock.check
    finally:
        queue.free()
        lock.free()


def in_turn(queue: Callable[[], bool], lock: Callable[[], bool], leave: Callable[[], None]) -> Callable[[], bool]:
    """Make the tries of a lock fair: whoever gives it back and wants it again stands behind those who wait.

    Parameters
    ----------
    queue, lock : callable
        Take the place at the head of the queue, or the lock itself; once, without waiting.
    leave : callable
        Gives the place up.

    Returns
    -------
    callable
        Tries once, and keeps the place while the lock is not to be had.
    """
    is_first = False

    def take() -> bool:
        nonlocal is_first
        is_first = is_first or queue()
        if not is_first or not lock():
            return False
        leave()
        return True

    return take


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
    began, said = None, False
    while not take():
        began = began or time.monotonic()
        waited = time.monotonic() - began
        if waited >= wait_seconds:
            raise busy(read_holder(), {"lock": lock})
        # A commit of another training is over before anybody could read the line.
        if not said and waited >= min(_SAID_AFTER_SECONDS, wait_seconds / 2):
            say(f"waiting for {read_holder()}")
            said = True
        time.sleep(min(_POLL_SECONDS, wait_seconds - waited))


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


class _File:
    """An advisory lock on one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        self.free()
        # The descriptor is not inherited by helpers, so none of them can keep the lock after our death.
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # Somebody may have removed the file between the two steps: a lock on it would keep nobody out.
        return self._is_there()

    def free(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def write(self, text: str) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)

    def check(self) -> None:
        if not self._is_there():
            raise ChurnOpsError(
                "STORE_UNREACHABLE",
                f"The lock {self._path} was removed while in use; this command stopped before its next write.",
                "Do not touch the state folder and run the same command again: it continues from there.",
                {"lock": str(self._path)},
            )

    def _is_there(self) -> bool:
        if self._descriptor is None:
            return False
        try:
            ours, there = os.fstat(self._descriptor), self._path.stat()
        except OSError:
            return False
        return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _holder(purpose: str) -> dict[str, str | int]:
    return {"purpose": purpose, "pid": os.getpid(), "host": socket.gethostname(), "since": int(time.time())}


def _read_holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        return holder_text(holder["purpose"], holder["pid"], holder["host"], time.time() - int(holder["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
