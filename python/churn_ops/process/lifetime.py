"""Tie this process to the one that started it, and answer its signals."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

from churn_ops.errors import Interrupted

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.5
_EXIT_TERMINATED = 143
_parent_pid = 0
_working = False
_interrupted = False


def tie_to_parent(parent_pid: int) -> None:
    """Die with the parent: by the kernel's parent-death signal on Linux, by polling elsewhere.

    Parameters
    ----------
    parent_pid : int
        Process id of the parent that started us.
    """
    global _parent_pid
    _parent_pid = parent_pid
    die_with_parent()
    if sys.platform != "linux":
        threading.Thread(target=_poll_parent, daemon=True, name="parent-watch").start()
    end_if_orphaned()


def die_with_parent() -> None:
    """Ask the kernel to end this process with its parent; only Linux can."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def end_if_orphaned() -> None:
    """End at once when the parent is gone; call it before each write to a store."""
    if _parent_pid and os.getppid() != _parent_pid:
        os._exit(1)


def handle_signals() -> None:
    """Ignore Ctrl-C, which the terminal sends to us too, and turn SIGTERM into :class:`Interrupted`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Mark the work that SIGTERM interrupts; outside of it SIGTERM ends the process."""
    global _working, _interrupted
    _interrupted = False
    _working = True
    try:
        yield
    finally:
        _working = False


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    global _interrupted
    # A second signal must neither break the cleaning up after the first nor keep its answer from leaving.
    if _interrupted:
        return
    if not _working:
        raise SystemExit(_EXIT_TERMINATED)
    _interrupted = True
    raise Interrupted


def _poll_parent() -> None:
    while True:
        end_if_orphaned()
        time.sleep(_POLL_SECONDS)
