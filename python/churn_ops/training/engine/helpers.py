"""The helper processes of a training: started together, so that on Linux one of them pays the imports for all."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

_PACKAGE_FOLDER = Path(__file__).resolve().parents[3]

# Threads of OpenMP and OpenBLAS spin while they wait, and helpers would take each other's cores.
_QUIET_THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}


class Helper:
    """One helper process, reached through a pipe each way.

    Attributes
    ----------
    stdin, stdout : TextIO
        Where it reads its work, and where it answers.
    starter : subprocess.Popen
        The process that was started for it. It forks its helpers, and ends as the first of them that ends badly.
    """

    def __init__(self, starter: subprocess.Popen[bytes], stdin: int, stdout: int) -> None:
        self.starter = starter
        self.stdin: TextIO = os.fdopen(stdin, "w", encoding="utf-8")
        self.stdout: TextIO = os.fdopen(stdout, encoding="utf-8")
        self._reader: threading.Thread | None = None

    def read_with(self, read: Callable[[], None]) -> None:
        """Read its answers in a thread of their own."""
        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()

    def dismiss(self) -> None:
        """Let it end, since it gets no work."""
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()
        self.stdout.close()

    def kill(self) -> None:
        """End it and all that share its starter at once; returns when it has written its last byte."""
        # Not killed: a starter reaps its helpers, and nobody else can.
        self.starter.terminate()
        self.starter.wait()
        if self._reader is None:
            self.stdout.read()
        else:
            self._reader.join()
        self.dismiss()


def start_helpers(size: int) -> list[Helper]:
    """Start helper processes; bridge descriptors and locks are not inherited, the log is.

    Parameters
    ----------
    size : int
        Number of processes.
    """
    environment = {
        **_QUIET_THREADS,
        **os.environ,
        "PYTHONPATH": str(_PACKAGE_FOLDER),
        "PYTHONSAFEPATH": "1",
    }
    pipes = [(os.pipe(), os.pipe()) for _ in range(size)]
    helpers = []
    # macOS kills what goes on after a fork and has no parent-death signal: there every helper is started by itself.
    for group in [pipes] if sys.platform == "linux" else [[pair] for pair in pipes]:
        theirs = [(to_read, to_write) for (to_read, _), (_, to_write) in group]
        starter = subprocess.Popen(
            [sys.executable, "-m", "churn_ops.training.engine.worker", *(f"{r},{w}" for r, w in theirs)],
            stdin=subprocess.DEVNULL,
            env=environment,
            pass_fds=[descriptor for pair in theirs for descriptor in pair],
        )
        for (to_read, stdin), (stdout, to_write) in group:
            os.close(to_read)
            os.close(to_write)
            helpers.append(Helper(starter, stdin, stdout))
    return helpers
