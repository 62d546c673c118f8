"""A helper process of a training, forked from the warm process instead of started and imported anew."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from matplotlib.figure import Figure

from churn_ops.training.engine import pool, run_task, worker
from churn_ops.training.engine.job import Job

_WORKER = ["-m", "churn_ops.training.engine.worker"]
_PICTURE = b"\x89PNG\r\n\x1a\n"


class ForkedWorker:
    """What ``churn_ops.training.engine.pool`` uses of ``subprocess.Popen``."""

    def __init__(self, command: list[str], **_how: Any) -> None:
        if command[1:] != _WORKER:
            raise ValueError(f"not a helper process: {command}")
        to_read, stdin = os.pipe()
        stdout, to_write = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _be_worker(to_read, to_write)
        os.close(to_read)
        os.close(to_write)
        self.stdin: TextIO = os.fdopen(stdin, "w", encoding="utf-8")
        self.stdout: TextIO = os.fdopen(stdout, encoding="utf-8")

    def poll(self) -> int | None:
        """Exit code when it has ended."""
        return self._reap(os.WNOHANG)

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    terminate = kill

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        del timeout
        code = self._reap(0)
        return -1 if code is None else code

    def _reap(self, how: int) -> int | None:
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, how)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


class _Subprocess:
    """The module ``subprocess`` with our way to start a helper."""

    Popen = ForkedWorker

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)


def note_modules() -> None:
    """Add the names of this process' modules to the file that ``CHURN_OPS_KILL_MODULES`` names, if it does."""
    path = os.environ.get("CHURN_OPS_KILL_MODULES")
    if path:
        with Path(path).open("a") as out:
            out.write("\n".join(sys.modules) + "\n")


def install(fits: Path) -> None:
    """Let the pool of this process fork its helpers, which write down each candidate that they have fitted."""
    pool.subprocess = _Subprocess()  # type: ignore[assignment]
    # Drawing takes half of so small a training, and nothing can be half done in it.
    Figure.savefig = _draw_nothing  # type: ignore[method-assign]
    run_task.run_task = _written_down(run_task.run_task, fits)


def _draw_nothing(_figure: Figure, path: Path, **_how: Any) -> None:
    Path(path).write_bytes(_PICTURE)


def _written_down(run: Callable[..., Any], fits: Path) -> Callable[..., Any]:
    def noted(job: Job, task: dict[str, Any]) -> Any:
        for event in run(job, task):
            if event["event"] == "candidate":
                with fits.open("a") as out:
                    out.write(f"{event['index']}\n")
            yield event
        note_modules()

    return noted


def _be_worker(to_read: int, to_write: int) -> None:
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(to_read, 0)
        os.dup2(to_write, 1)
        # As with a real start: no lock, no database and no pipe of ours is the helper's.
        os.closerange(3, 1024)
        sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb", closefd=False), encoding="utf-8")
        worker.main()
        code = 0
    finally:
        os._exit(code)
