"""A SQLite store that is changed as a copy and put back in one step, after a backup; others are kept out meanwhile."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from churn_ops.errors import ChurnOpsError
from churn_ops.process import atomic_file, lifetime
from churn_ops.process.crash_points import around


def backup_name(name: str, found: str) -> str:
    """Name a backup of a file after what the file was, and the time."""
    return f"{name}.backup-{found}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def changed(database: Path, label: str, step: str, change: Callable[[Path, Path], None]) -> Path:
    """Make a backup of a database, change a second copy, and put that in its place.

    Parameters
    ----------
    database : pathlib.Path
        The store's file; killed at any moment it is the old or the new one.
    label : str
        What the backup is called after.
    step : str
        The crash point around the change, and the ending of the second copy.
    change : callable
        Takes the copy and the backup, which errors may name.

    Returns
    -------
    pathlib.Path
        The backup.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when another process has the database open, or what ``change`` raises; the store is then as it was.
    """
    for left in database.parent.glob(f".{glob.escape(database.name)}.*.{step}*"):
        left.unlink()
    back_up = database.with_name(backup_name(database.name, label))
    draft = database.with_name(f".{database.name}.{os.getpid()}.{step}")
    with _disk_errors(), _others_kept_out(database), contextlib.ExitStack() as drafts:
        drafts.callback(draft.unlink, missing_ok=True)
        with around("backup"):
            _copy(database, draft)
            os.replace(draft, back_up)
            atomic_file.sync(database.parent)
        with around(step):
            _copy(back_up, draft)
            change(draft, back_up)
            shutil.copymode(database, draft)
            atomic_file.sync(draft)
        lifetime.end_if_orphaned()
        with around("replace"):
            os.replace(draft, database)
            atomic_file.sync(database.parent)
    return back_up


@contextlib.contextmanager
def _others_kept_out(database: Path) -> Iterator[None]:
    holder = _process_with_file_open(database)
    if holder is not None:
        raise _busy(database, holder)
    connection = sqlite3.connect(database, timeout=5, isolation_level=None)
    try:
        # Nothing may be left in a write-ahead log that the upgraded file does not have.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        connection.close()
        raise _busy(database, "another process") from error
    try:
        yield
    finally:
        connection.close()


def _process_with_file_open(database: Path) -> str | None:
    """Name another process that has the file open: what it writes would go to the file that we put aside."""
    try:
        wanted = database.stat()
        processes = [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]
    except OSError:
        return None
    for pid in processes:
        with contextlib.suppress(OSError):
            for descriptor in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    opened = os.stat(f"/proc/{pid}/fd/{descriptor}")
                    if (opened.st_dev, opened.st_ino) == (wanted.st_dev, wanted.st_ino):
                        program = Path(f"/proc/{pid}/comm").read_text().strip()
                        return f"{program} (pid {pid})"
    return None


def _busy(database: Path, holder: str) -> ChurnOpsError:
    return ChurnOpsError(
        "BUSY",
        f"{holder} has the store {database} open; nothing was changed.",
        "Stop it (perhaps an MLflow web UI or tracking server), then run the same command again.",
        {"store": str(database), "holder": holder},
    )


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, "no space for the backup and the changed copy") from error
        raise


def _copy(source: Path, target: Path) -> None:
    """Copy a database whole and have the kernel write it to the disk."""
    target.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(source)) as reader, contextlib.closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode = DELETE")
    shutil.copymode(source, target)
    atomic_file.sync(target)
