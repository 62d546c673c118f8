"""Run ``mlflow ARGUMENTS`` so that nothing of it outlives us or the program that started us; standard library only.

MLflow starts its servers as grandchildren, and a parent-death signal reaches only direct children. So the whole tree
lives in one process group whose leader is a *guard*: a small process that waits on a pipe which only this
supervisor holds. Whoever dies, by whatever signal, one of the two is left to kill the group:

    Node ── supervisor ──┬── guard (leads the group; sees the supervisor's death as the end of the pipe)
                         └── mlflow ── uvicorn …
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

_PR_SET_CHILD_SUBREAPER = 36
_POLL_SECONDS = 0.2
_GRACE_SECONDS = 1.0
_REAP_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    """Start mlflow, wait until it ends or we shall end, and leave nothing behind.

    Parameters
    ----------
    arguments : list of str
        ``--parent PID --scratch FOLDER -- MLFLOW_ARGUMENTS``. The scratch folder becomes the working and the
        temporary folder of the tree and takes its output as ``server.log``; it is removed when the parent died.

    Returns
    -------
    int
        mlflow's exit code, or 0 when it was asked to stop.
    """
    parser = argparse.ArgumentParser(prog="churn_ops_launch.py")
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("mlflow", nargs="+")
    options = parser.parse_args(arguments)
    _move_output(options.scratch / "server.log")
    stopping = _StopSignal()
    _adopt_orphans()
    guard, hold = _start_guard(options.parent, options.scratch)
    code = None
    try:
        if os.getppid() == options.parent:
            code = _supervise(_start_mlflow(options.mlflow, options.scratch, guard), options.parent, stopping, guard)
    finally:
        _end_group(guard)
        os.close(hold)
        if os.getppid() != options.parent:
            shutil.rmtree(options.scratch, ignore_errors=True)
    return 0 if code is None else code


class _StopSignal:
    """Remembers SIGTERM and wakes the waiting; Ctrl-C and hang-ups are the parent's to judge."""

    def __init__(self) -> None:
        self.received = False
        self._read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._stop)
        # Only signals with a handler wake us.
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)

    def wait(self, seconds: float) -> None:
        """Sleep until a signal comes, at most so many seconds."""
        if select.select([self._read_end], [], [], seconds)[0]:
            os.read(self._read_end, 512)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.received = True


def _supervise(mlflow: subprocess.Popen[bytes], parent: int, stopping: _StopSignal, guard: int) -> int | None:
    while mlflow.poll() is None:
        if os.getppid() != parent or os.waitpid(guard, os.WNOHANG)[0] != 0:
            return None
        if stopping.received:
            _stop_gently(mlflow, guard)
            return None
        stopping.wait(_POLL_SECONDS)
    return mlflow.returncode


def _stop_gently(mlflow: subprocess.Popen[bytes], guard: int) -> None:
    # The guard ignores SIGTERM; every server of the group gets it at once.
    os.killpg(guard, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        mlflow.wait(_GRACE_SECONDS)


def _start_mlflow(arguments: list[str], scratch: Path, guard: int) -> subprocess.Popen[bytes]:
    # The working folder is ours and PYTHONSAFEPATH set: no module that is in the user's folder is taken for MLflow's.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "mlflow", *arguments],
        stdin=subprocess.DEVNULL,
        cwd=scratch,
        env={**os.environ, "TMPDIR": str(scratch), "PYTHONSAFEPATH": "1"},
        process_group=guard,
    )


def _start_guard(parent: int, scratch: Path) -> tuple[int, int]:
    read_end, write_end = os.pipe()
    guard = os.fork()
    if guard == 0:
        os.close(write_end)
        _guard(read_end, parent, scratch)
    os.close(read_end)
    # Both sides set the group: the first one wins, and the group exists before mlflow joins it.
    with contextlib.suppress(OSError):
        os.setpgid(guard, guard)
    return guard, write_end


def _guard(pipe: int, parent: int, scratch: Path) -> NoReturn:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    os.read(pipe, 1)
    group = os.getpid()
    if os.fork() == 0:
        # A child in a group of its own outlives the kill and can clean up after it.
        os.setpgid(0, 0)
        os.killpg(group, signal.SIGKILL)
        _remove_orphaned(scratch, parent)
        os._exit(0)
    while True:
        signal.pause()


def _remove_orphaned(scratch: Path, parent: int) -> None:
    # A living parent still wants to read the log, and removes the folder itself.
    time.sleep(0.1)
    if not _lives(parent):
        shutil.rmtree(scratch, ignore_errors=True)


def _end_group(guard: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(guard, signal.SIGKILL)
    deadline = time.monotonic() + _REAP_SECONDS
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)


def _adopt_orphans() -> None:
    # Grandchildren whose parent ended come to us, so that none is left as a zombie where init does not reap.
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _move_output(log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
