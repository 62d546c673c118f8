"""Processes forked from the warm one: each runs one function, and none is lost from sight."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that waiting finds them all."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Blocked, a child's end is waited for with a deadline and no polling.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})


def fork(function: Callable[[], int]) -> int:
    """Run a function in a forked process that ends with this one, and leave with its answer as exit code.

    Returns
    -------
    int
        Process id of the child.
    """
    pid = os.fork()
    if pid == 0:
        _leave_with(function)
    return pid


def apart(function: Callable[[], Any]) -> Any:
    """Run a function in a forked process, so that what it opens is closed with it.

    Returns
    -------
    Any
        What the function returned, by JSON.
    """
    reading, writing = os.pipe()

    def work() -> int:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(function(), out)
        return 0

    pid = fork(work)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    _, status = os.waitpid(pid, 0)
    if status != 0 or not text:
        raise RuntimeError(f"a forked step failed: {os.waitstatus_to_exitcode(status)}")
    return json.loads(text)


def wait_for(pid: int, seconds: float) -> int | None:
    """Wait for the end of one child.

    Returns
    -------
    int or None
        Its exit code, negative for a signal; None when it still runs after the time.
    """
    deadline = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        signal.sigtimedwait({signal.SIGCHLD}, left)


def wait_for_all(seconds: float) -> float | None:
    """Wait until no descendant is left; needs ``adopt_orphans``.

    Returns
    -------
    float or None
        Seconds that it took; None when some are still there after the time.
    """
    begun = time.monotonic()
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return time.monotonic() - begun
        if ended:
            continue
        left = begun + seconds - time.monotonic()
        if left <= 0:
            return None
        signal.sigtimedwait({signal.SIGCHLD}, left)


def _leave_with(function: Callable[[], int]) -> NoReturn:
    code = 70
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        # A program that we start must see its own children end.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        code = function()
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
