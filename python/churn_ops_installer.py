"""Run pip or uv for an environment: report its lines, let it inherit the lock, and end it with our parent."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from types import FrameType
from typing import Any

_LAST_LINES = 20
_LINE_WIDTH = 80
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.5


class InstallFailed(Exception):
    """An installer ended with an error; holds its step, exit code and last lines."""

    def __init__(self, step: str, code: int, lines: list[str]) -> None:
        super().__init__(f"{step} ended with code {code}")
        self.step = step
        self.code = code
        self.lines = lines


def emit(**message: Any) -> None:
    """Print one event.

    Parameters
    ----------
    **message : Any
        Fields of the event.
    """
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def tie_to_parent(parent: int) -> None:
    """Die with the process that started us: by the kernel's signal on Linux, by polling elsewhere.

    Parameters
    ----------
    parent : int
        Process id of the parent.
    """
    if sys.platform == "linux":
        _ask_for_death_signal()
    else:
        threading.Thread(target=_poll_parent, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)
    # The terminal sends Ctrl-C to us too; our parent decides and sends SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_with_child)


_child: subprocess.Popen[str] | None = None


def _end_with_child(_number: int, _frame: FrameType | None) -> None:
    if _child is not None:
        with contextlib.suppress(OSError):
            _child.kill()
    os._exit(1)


def _poll_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    _end_with_child(0, None)


def _ask_for_death_signal() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def run(step: str, command: list[str], lock: int, total: int = 0) -> None:
    """Run one step of an installation and report its lines.

    Parameters
    ----------
    step : str
        Name for messages.
    command : list of str
        Program and arguments.
    lock : int
        Descriptor of the environment's lock, which the program inherits.
    total : int, optional
        Number of packages, when the program names each one.

    Raises
    ------
    InstallFailed
        When the program ends with an error.
    """
    global _child
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    variables |= {"PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
    lines: list[str] = []
    collected = 0
    _child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=variables,
        pass_fds=[lock],
        preexec_fn=_ask_for_death_signal if sys.platform == "linux" else None,
    )
    with _child as child:
        for line in child.stdout or ():
            text = _without_password(line.strip())
            if not text:
                continue
            lines = [*lines, text][-_LAST_LINES:]
            package = re.match(r"(Collecting|Processing) (?:\S*/)?(\S+)", text)
            if total and package is not None:
                collected += 1
                emit(event="progress", text=f"collecting {package[2]}", done=collected, total=total)
            else:
                emit(event="progress", text=textwrap.shorten(text, _LINE_WIDTH, placeholder=" …"), done=0, total=0)
    if child.returncode != 0:
        raise InstallFailed(step, child.returncode, lines)


def _without_password(text: str) -> str:
    return re.sub(r"//[^/@\s]+@", "//***@", text)
