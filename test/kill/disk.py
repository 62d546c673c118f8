"""A disk that is too small by more or less: the command says so, nothing is broken, and with more room it finishes."""

from __future__ import annotations

import ctypes
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from kill import checks, command, forks, rounds, work
from kill.command import Place
from kill.result import Result
from kill.stores import Stores

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_REMOUNT = 32
_MS_REC_PRIVATE = 0x4000 | 0x40000
_KILOBYTE = 1024
_ROOMY_KILOBYTES = 200 * _KILOBYTE

_libc = ctypes.CDLL(None, use_errno=True)


def why_not(folder: Path) -> str | None:
    """Why no small disk can be made here; None when one can."""
    folder.mkdir(parents=True)

    def attempt() -> str:
        try:
            _mount(folder, _KILOBYTE)
        except OSError as error:
            return f"no small disk can be mounted: {error.strerror}"
        return ""

    reason = forks.apart(attempt) or None
    folder.rmdir()
    return reason


def sizes(base: Path, stores: Stores, count: int) -> list[int]:
    """Sizes in kB from a disk that holds little more than the empty store to one on which nearly all fits."""
    folder = base / "disk-measured"

    def measure() -> list[int]:
        forks.adopt_orphans()
        folder.mkdir()
        _mount(folder, _ROOMY_KILOBYTES)
        place = _place(stores, folder)
        empty = _used(folder)
        answer = command.run(place, "train", work.training(folder, place.uri))
        if not answer["ok"]:
            raise RuntimeError(str(answer["error"]))
        return [empty, _used(folder)]

    empty, full = forks.apart(measure)
    # Files of work lie beside those of the store: at its peak a training needs more than what is left of it.
    step = (full * 1.2 - empty) / count
    return [int(empty + step * (number + 0.5)) for number in range(count)]


def play(stores: Stores, folder: Path, kilobytes: int, expected: checks.Facts) -> Result:
    """Run all the work on a small disk, enlarge it at the first failure, and go on."""
    folder.mkdir(parents=True)
    result = Result("disk full", stores.name, f"{kilobytes} kB")
    forks.adopt_orphans()
    try:
        _mount(folder, kilobytes)
        place = _place(stores, folder)
        for step in rounds.STEPS:
            answer = _attempt(place, step)
            if answer["ok"]:
                continue
            result.killed = True
            _check_failure(place, step.name, answer["error"], result)
            _mount(folder, _ROOMY_KILOBYTES, _MS_REMOUNT)
            result.reruns += 1
            answer = _attempt(place, step)
            if not answer["ok"]:
                result.broken.append(f"one rerun of {step.name} is not enough: {answer['error']}"[:600])
                break
        result.broken += checks.broken(place)
        result.facts = checks.facts(place)
        result.broken += checks.differences(result.facts, expected["pruned"])
    except Exception as error:  # noqa: BLE001  (a round that fails is a finding, and the others go on)
        result.broken.append(f"round failed: {type(error).__name__}: {error}")
    _libc.umount2(os.fsencode(folder), 2)
    for path in (folder, folder.with_name(f"{folder.name}-beside")):
        shutil.rmtree(path, ignore_errors=True)
    return result


def _place(stores: Stores, folder: Path) -> Place:
    # What stands for the terminal and for the pipe to Node has room.
    beside = folder.with_name(f"{folder.name}-beside")
    beside.mkdir()
    place = Place(folder, stores.fresh(folder), beside)
    work.write_table(folder)
    return place


def _attempt(place: Place, step: rounds.Step) -> dict:
    try:
        request = step.request(place)
    except RuntimeError as error:
        # Even the reading before it may find no room.
        return {
            "ok": False,
            "error": {"code": "DISK_FULL" if "DISK_FULL" in str(error) else "?", "message": str(error)},
        }
    except OSError as error:
        return {"ok": False, "error": {"code": "TEST", "message": f"the harness itself had no room: {error}"}}
    return command.run(place, step.method, request)


def _check_failure(place: Place, name: str, error: dict, result: Result) -> None:
    if error["code"] != "DISK_FULL":
        result.broken.append(f"{name} on a full disk answers {error['code']}: {error['message'][:400]}")
    if forks.wait_for_all(rounds.GONE_WITHIN_SECONDS) is None:
        result.broken.append("I7: processes live on")
    with closing(sqlite3.connect(place.uri.removeprefix("sqlite:///"))) as database:
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            result.broken.append(f"I8: {verdict}")


def _used(folder: Path) -> int:
    status = os.statvfs(folder)
    return (status.f_blocks - status.f_bfree) * status.f_frsize // _KILOBYTE


def _mount(folder: Path, kilobytes: int, flags: int = 0) -> None:
    if flags == 0:
        _own_namespace()
    options = f"size={kilobytes}k".encode()
    if _libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _own_namespace() -> None:
    root = os.geteuid() == 0
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(_CLONE_NEWNS | (0 if root else _CLONE_NEWUSER)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if not root:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    if _libc.mount(b"none", b"/", None, _MS_REC_PRIVATE, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
