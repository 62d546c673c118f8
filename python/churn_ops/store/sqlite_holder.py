"""Foreign programs that hold a SQLite file: `sqlite3`, a notebook, a backup, MLflow's own server."""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

from churn_ops.store.locks import file_lock


def wait_until_writable(database: Path, wait_seconds: float, say: Callable[[str], None]) -> None:
    """Wait until nobody else is in the middle of writing to a SQLite file.

    Parameters
    ----------
    database : pathlib.Path
        The file; nothing happens when it is not there.
    wait_seconds : float
        How long to wait.
    say : callable
        Takes one line when there is somebody to wait for.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when it is still held after the wait.
    """
    if database.exists():
        file_lock.wait_for(lambda: _is_free(database), lambda: holder_of(database), wait_seconds, say, str(database))


def holder_of(database: Path) -> str:
    """Name the program that holds a lock on a SQLite file, as far as the kernel tells."""
    for pid in _lock_pids(database):
        if pid != os.getpid():
            return f"{_program(pid)} (pid {pid})"
    return "another program"


def _is_free(database: Path) -> bool:
    # With a timeout of 0 SQLite answers at once; the roll-back leaves the file as it was.
    with contextlib.closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return False
            raise
        connection.execute("ROLLBACK")
    return True


def _lock_pids(database: Path) -> list[int]:
    # In write-ahead mode the locks are on the file `-shm`.
    inodes = set()
    for path in (database, database.with_name(f"{database.name}-shm")):
        with contextlib.suppress(OSError):
            found = path.stat()
            inodes.add((os.major(found.st_dev), os.minor(found.st_dev), found.st_ino))
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return []
    pids = []
    for line in lines:
        lock = re.match(r"\d+: (?:POSIX|OFDLCK) +\S+ +WRITE +(-?\d+) +([0-9a-f]+):([0-9a-f]+):(\d+) ", line)
        # File systems of several layers name another device than `stat` does, so that the inode alone must do.
        if lock and int(lock[1]) > 0 and int(lock[4]) in {inode for _, _, inode in inodes}:
            exact = (int(lock[2], 16), int(lock[3], 16), int(lock[4])) in inodes
            pids.insert(0 if exact else len(pids), int(lock[1]))
    return pids


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() or "a program"
    except OSError:
        return "a program"
