"""What a process of ours that was killed leaves on this machine: work folders, drafts, records, temporary folders."""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from churn_ops.contract import Finding, StoreRules
from churn_ops.store import address as store_address
from churn_ops.store.state_folder import state_folder
from churn_ops.upkeep.store_state import StoreState

_JOURNAL = "candidates.jsonl"
_KEYED = re.compile(r"train-([0-9a-f]{16})$")
_TEMPORARY = re.compile(r"churn-ops-(?:bridge|check|demo|downloads|input|server|window)-(\d+)-")
_WITH_PID = re.compile(r"\.(\d+)\.(?:new|part|partial)$|^(\d+)\.partial$")


def check(state: StoreState) -> list[Finding]:
    """Look for what dead processes left here (invariant I7).

    Parameters
    ----------
    state : StoreState
        The store.
    """
    left = [str(path) for path in find(state.tracking_uri)]
    if not left:
        message, code = "dead processes left no files or folders", None
    else:
        more = f" and {len(left) - 3} more" if len(left) > 3 else ""
        message, code = f"left by dead processes: {', '.join(left[:3])}{more}", "REGISTRY_DISAGREES"
    return [{"invariant": "I7", "ok": not left, "message": message, "subjects": left, "code": code}]


def find(tracking_uri: str) -> list[Path]:
    """Find files and folders of dead processes that no later run would use.

    Parameters
    ----------
    tracking_uri : str
        The store's address.

    Returns
    -------
    list of pathlib.Path
        Of this user only; what cannot be told is not among them.
    """
    return sorted(path for path in _candidates(tracking_uri) if path.lstat().st_uid == os.getuid())


def unfinished_trainings() -> list[Path]:
    """Work folders of trainings that were interrupted and that the same command resumes."""
    return [folder for folder in work_folders() if (folder / _JOURNAL).is_file() and is_free(folder)]


def is_free(folder: Path) -> bool:
    """Tell whether no training on this machine is working in a work folder."""
    key = training_of(folder)
    if key is None:
        return True
    held = held_training_locks()
    if key in held:
        return False
    # A forced training works under a key of its own and holds the lock of the plain one.
    forced = {path.name.removeprefix("forced-") for path in folder.parent.glob("forced-*")}
    return not held & forced


def training_of(folder: Path) -> str | None:
    """First 16 digits of the training's key in the name of a work folder."""
    named = _KEYED.match(folder.name)
    return None if named is None else named[1]


def held_training_locks() -> set[str]:
    """First 16 digits of the keys of the trainings that run on this machine."""
    paths = _files(state_folder(), "training-*.lock")
    return {path.stem.removeprefix("training-") for path in paths if not _lock_is_free(path)}


def age_seconds(path: Path) -> float:
    """Seconds since anything directly in a folder was last written."""
    times = [path.lstat().st_mtime, *(each.lstat().st_mtime for each in path.iterdir())] if path.is_dir() else []
    return time.time() - max(times or [path.lstat().st_mtime])


def work_folders() -> list[Path]:
    """Work folders of trainings, whether anybody works in them or not."""
    work = state_folder() / "work"
    return sorted(path for path in work.glob("train-*") if path.is_dir()) if work.is_dir() else []


def _candidates(tracking_uri: str) -> Iterator[Path]:
    state = state_folder()
    for folder in work_folders():
        # Nothing finished in it, so nothing that a rerun would take over.
        if not (folder / _JOURNAL).is_file() and is_free(folder) and age_seconds(folder) > StoreRules.LEFT_OVER_SECONDS:
            yield folder
    database = store_address.sqlite_file(tracking_uri)
    drafts = list(database.parent.glob(f".{database.name}.*.new")) if database is not None else []
    for path in [*drafts, *_files(state, "*.part"), *_files(state / "tables", "*.partial")]:
        named = _WITH_PID.search(path.name)
        if named is not None and not lives(int(named[1] or named[2])):
            yield path
    for path in _files(state, "serve-*.json"):
        if not lives(_pid_in(path)):
            yield path
    yield from _temporary_folders()


def _temporary_folders() -> Iterator[Path]:
    for path in Path(tempfile.gettempdir()).glob("churn-ops-*"):
        named = _TEMPORARY.match(path.name)
        if named is not None and path.is_dir() and not lives(int(named[1])):
            yield path


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []


def _pid_in(path: Path) -> int:
    try:
        return int(json.loads(path.read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return os.getpid()


def lives(pid: int) -> bool:
    """Tell whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _lock_is_free(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        # Shared and for an instant: whoever wants the lock asks again within a fifth of a second.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
