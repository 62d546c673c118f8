"""What helper processes have finished and the store does not have yet: kept, so that a kill costs no second fit."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from churn_ops.artifacts import manifest
from churn_ops.process import crash_points
from churn_ops.training.engine.events import Measured

FILE = "candidates.jsonl"


class CandidateJournal:
    """One line a finished candidate, each with its checksum; a torn last line is dropped.

    Parameters
    ----------
    folder : pathlib.Path
        The work folder of the training; emptied when it belongs to another search or another split.
    identity : str
        Hash of all that the folder's candidates depend on.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self._folder = folder
        self._file = folder / FILE
        self._turn = threading.Lock()
        entries = _read_lines(self._file)
        if not entries or entries[0] != {"identity": identity}:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            entries = []
        self.finished: dict[str, Measured] = {
            entry["key"]: entry["event"] for entry in entries[1:] if self._is_whole(entry)
        }
        self._clear()
        # Written again, so that nothing is ever appended to a torn line.
        self._append({"identity": identity}, *[entry for entry in entries[1:] if entry["key"] in self.finished])

    def add(self, key: str, event: Measured) -> None:
        """Note a finished candidate, whose files are in the folder.

        Parameters
        ----------
        key : str
            Key of the candidate.
        event : Measured
            What the helper said of it.
        """
        # Called from a thread a helper.
        files = {part: manifest.hashes(self._folder / part) for part in _parts(event)}
        with self._turn, crash_points.around("journal"):
            self._append({"key": key, "event": event, "files": files})
            self.finished[key] = event

    def _append(self, *entries: dict[str, Any]) -> None:
        with self._file.open("ab") as stream:
            for entry in entries:
                text = json.dumps(entry, sort_keys=True)
                stream.write(f"{_checksum(text)} {text}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())

    def _clear(self) -> None:
        kept = {part for event in self.finished.values() for part in _parts(event)}
        for path in self._folder.iterdir():
            if path.name in kept:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _is_whole(self, entry: dict[str, Any]) -> bool:
        try:
            return all(manifest.hashes(self._folder / part) == files for part, files in entry["files"].items())
        except OSError:
            return False


def _parts(event: Measured) -> tuple[str, str]:
    return f"candidate-{event['index']}", f"run-{event['index']}"


def _read_lines(path: Path) -> list[dict[str, Any]]:
    entries = []
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    for line in lines:
        checksum, _, text = line.decode(errors="replace").partition(" ")
        if not text or _checksum(text) != checksum:
            break
        entries.append(json.loads(text))
    return entries


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
