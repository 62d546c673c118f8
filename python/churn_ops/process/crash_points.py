"""Named places where a test can kill us: before or after each step that leaves something behind.

``CHURN_OPS_CRASH_AT=register:after`` sends SIGKILL to this process right after the first registration,
``register:after:3`` after the third. With ``CHURN_OPS_CRASH_KILLS=parent`` it is the parent that is killed, and we wait
for the end that this brings us. Without the variable every place is passed at the cost of one look-up.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Iterator

#: By method of the wire: every step, in the order in which they come.
POINTS: dict[str, tuple[str, ...]] = {
    "train": (
        "lock",
        "recover",
        "parent",
        "data",
        "journal",
        "run",
        "model",
        "place",
        "sync",
        "ready",
        "finish",
        "register",
        "evidence",
        "close",
        "latest",
    ),
    "promote": ("verify", "intent", "previous", "champion", "stage", "done"),
    "prune": ("row", "files"),
    "upgrade": ("backup", "upgrade", "replace"),
    "relocate": ("backup", "relocate", "replace"),
}

_passed: Counter[str] = Counter()


@contextlib.contextmanager
def around(point: str) -> Iterator[None]:
    """Mark one step; a test can have us killed before it and after it.

    Parameters
    ----------
    point : str
        One of ``POINTS``.
    """
    _reach(f"{point}:before")
    yield
    _reach(f"{point}:after")


def _reach(place: str) -> None:
    wanted = os.environ.get("CHURN_OPS_CRASH_AT")
    if not wanted:
        return
    _passed[place] += 1
    point, side, *count = wanted.split(":")
    if place == f"{point}:{side}" and _passed[place] == int(count[0] if count else 1):
        _die()


def _die() -> None:
    if os.environ.get("CHURN_OPS_CRASH_KILLS") != "parent":
        os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getppid(), signal.SIGKILL)
    while True:
        signal.pause()
