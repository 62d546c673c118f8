"""What starts the helper processes of a training, forked from the warm process instead of started and imported anew."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from churn_ops.training.engine import helpers, run_task, worker
from churn_ops.training.engine.job import Job

_WORKER = ["-m", "churn_ops.training.engine.worker"]
_PICTURE = b"\x89PNG\r\n\x1a\n"


class ForkedWorker:
    """What ``churn_ops.training.engine.helpers`` uses of ``subprocess.Popen``."""

    def __init__(self, command: list[str], pass_fds: list[int], **_how: Any) -> None:
        if command[1:3] != _WORKER:
            raise ValueError(f"not a helper process: {command}")
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _be_worker(command[3:], set(pass_fds))

    def terminate(self) -> None:
        """Ask it to end."""
        if self._reap(os.WNOHANG) is None:
            os.kill(self.pid, signal.SIGTERM)

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
    helpers.subprocess = _Subprocess()  # type: ignore[assignment]
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


def _be_worker(arguments: list[str], kept: set[int]) -> None:
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        # As with a real start: no lock, no database and no pipe of ours is the helper's.
        for descriptor in set(range(3, 1024)) - kept:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        worker.main(arguments)
        code = 0
    finally:
        os._exit(code)
