"""Make and remove Python environments; run by the base interpreter, standard library only.

Each line on standard output is one JSON object with ``event``. The lock is a kernel file lock that the installer
inherits: it is free the moment the last of them is gone, however they ended.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

# Isolated mode leaves the script's own folder out.
sys.path.insert(0, str(Path(__file__).parent))

from churn_ops_installer import InstallFailed, emit, run, tie_to_parent
from churn_ops_lock import pinned
from churn_ops_marker import MARKER, is_ready, mark_ready


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
            # Packages are no secret, and a system's administrator makes them for others too.
            os.umask(0o022)
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
            mark_ready(folder, lock_sha256, "pip" if uv is None else "uv")
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


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the lock of an environment; a waiter says who holds it.

    Parameters
    ----------
    folder : Path
        The environment; the lock is next to it, so that it stays when the folder goes.

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


def _build(folder: Path, requirements: Path, uv: str | None, lock: int) -> None:
    python = str(folder / "bin" / "python")
    # --no-deps: the lock is complete, and pip refuses a dependency with an extra (pandas[parquet]) in hash mode.
    locked_only = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(requirements)]
    if uv is None:
        run("venv", [sys.executable, "-I", "-m", "venv", str(folder)], lock)
        # --no-user: a PIP_USER of the user's own cannot work inside a virtual environment.
        quiet = ["--no-user", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
        total = len(pinned(requirements.read_text(encoding="utf-8")))
        run("pip", [python, "-I", "-m", "pip", "install", *quiet, *locked_only], lock, total)
    else:
        run("uv", [uv, "venv", "--no-project", "--python", sys.executable, str(folder)], lock)
        # Compiled once, as pip does: uncompiled, the imports of every command take twice as long.
        run("uv", [uv, "pip", "install", "--compile-bytecode", "--python", python, *locked_only], lock)


def _delete(folder: Path) -> None:
    (folder / MARKER).unlink(missing_ok=True)
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
