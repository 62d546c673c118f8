"""Make and remove Python environments; run by the base interpreter, standard library only.

Each line on standard output is one JSON object with ``event``. The lock is a kernel file lock that the installer
inherits: it is free the moment the last of them is gone, however they ended.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

# Isolated mode leaves the script's own folder out.
sys.path.insert(0, str(Path(__file__).parent))

from churn_ops_lock import pinned

MARKER = "ready.json"
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


def main(arguments: list[str]) -> int:
    """Run one subcommand.

    Parameters
    ----------
    arguments : list of str
        Command line without the program's name.

    Returns
    -------
    int
        Exit code: 0 done, 1 failed with an ``error`` event before it.
    """
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    make_command = commands.add_parser("make")
    make_command.add_argument("--folder", type=Path, required=True)
    make_command.add_argument("--requirements", type=Path, required=True)
    make_command.add_argument("--lock-sha256", required=True)
    make_command.add_argument("--uv", default=None)
    make_command.add_argument("--parent", type=int, required=True)
    remove_command = commands.add_parser("remove")
    remove_command.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        if options.command == "make":
            tie_to_parent(options.parent)
            make(options.folder, options.requirements, options.lock_sha256, options.uv)
        else:
            remove(options.folder)
    except InstallFailed as error:
        emit(event="error", kind="install", step=error.step, code=error.code, lines=error.lines)
        return 1
    except OSError as error:
        emit(event="error", kind="os", errno=error.errno, message=str(error), lines=[])
        return 1
    return 0


def make(folder: Path, requirements: Path, lock_sha256: str, uv: str | None) -> None:
    """Build the environment in its final place unless it is ready, and mark it ready last.

    Parameters
    ----------
    folder : Path
        Where the environment lives; scripts inside hold this path.
    requirements : Path
        The lock with hashes.
    lock_sha256 : str
        Hash of the lock, kept in the marker.
    uv : str or None
        Path of uv; None installs with pip.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder) as lock:
        if is_ready(folder, lock_sha256):
            emit(event="ready", created=False)
            return
        _delete(folder)
        emit(event="making", folder=str(folder), installer="pip" if uv is None else "uv")
        try:
            _build(folder, requirements, uv, lock)
            _mark_ready(folder, lock_sha256, "pip" if uv is None else "uv")
        except (InstallFailed, OSError):
            with contextlib.suppress(OSError):
                _delete(folder)
            raise
        emit(event="ready", created=True)


def remove(folder: Path) -> None:
    """Take an environment away, under its lock; from its first moment on it does not count as ready.

    Parameters
    ----------
    folder : Path
        The environment.
    """
    with locked(folder):
        _delete(folder)
    emit(event="removed")


def is_ready(folder: Path, lock_sha256: str) -> bool:
    """Tell whether an environment is finished, where it was made, and its base interpreter still there.

    Parameters
    ----------
    folder : Path
        The environment.
    lock_sha256 : str
        Hash of the lock that it must hold.

    Returns
    -------
    bool
        True when the marker fits and the interpreter can run.
    """
    interpreter = folder / "bin" / "python"
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        fits = marker["interpreter"] == str(interpreter) and marker["lockSha256"] == lock_sha256
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return fits and os.access(interpreter, os.X_OK)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the lock of an environment; a waiter says who holds it.

    Parameters
    ----------
    folder : Path
        The environment; the lock lies beside it, so that it stays when the folder goes.

    Yields
    ------
    int
        Descriptor of the lock, to be handed to child processes.
    """
    descriptor = os.open(folder.with_name(f"{folder.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            emit(event="waiting", holder=os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or None)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        # Closed and not unlocked: an installer that still lives keeps the lock.
        os.close(descriptor)


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


def _build(folder: Path, requirements: Path, uv: str | None, lock: int) -> None:
    python = str(folder / "bin" / "python")
    # --no-deps: the lock is complete, and pip refuses a dependency with an extra (pandas[parquet]) in hash mode.
    locked_only = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(requirements)]
    if uv is None:
        _run("venv", [sys.executable, "-m", "venv", str(folder)], lock)
        # --no-user: a PIP_USER of the user's own cannot work inside a virtual environment.
        quiet = ["--no-user", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
        total = len(pinned(requirements.read_text(encoding="utf-8")))
        _run("pip", [python, "-m", "pip", "install", *quiet, *locked_only], lock, total)
    else:
        _run("uv", [uv, "venv", "--no-project", "--python", sys.executable, str(folder)], lock)
        _run("uv", [uv, "pip", "install", "--python", python, *locked_only], lock)


def _run(step: str, command: list[str], lock: int, total: int = 0) -> None:
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


def _mark_ready(folder: Path, lock_sha256: str, installer: str) -> None:
    facts = {
        "interpreter": str(folder / "bin" / "python"),
        "pythonVersion": ".".join(str(part) for part in sys.version_info[:3]),
        "lockSha256": lock_sha256,
        "installer": installer,
        "madeAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    # Renamed into place: a marker is whole or not there.
    draft = folder / f"{MARKER}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / MARKER)


def _delete(folder: Path) -> None:
    (folder / MARKER).unlink(missing_ok=True)
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
