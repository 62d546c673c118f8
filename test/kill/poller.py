"""Reads the champion over and over while a round is killed and run again: once there is one, there always is."""

from __future__ import annotations

import contextlib
import json
import os
import select
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from kill import forks

_PAUSE_SECONDS = 0.001
_WAIT_SECONDS = 20
_FILES = ("MLmodel", "model.skops", "manifest.json")
_MOST_SHOWN = 5

# One statement is one snapshot: alias and stages as they were at one instant.
_QUERY = """
SELECT 'alias' AS kind, alias AS name, CAST(version AS VARCHAR(20)) AS number, '' AS state
FROM registered_model_aliases
UNION ALL
SELECT 'version', current_stage, CAST(version AS VARCHAR(20)), COALESCE(status, 'READY') FROM model_versions
"""
_LOCATION = """
SELECT logged_models.artifact_location FROM model_versions JOIN logged_models
ON model_versions.source = {joined} WHERE CAST(model_versions.version AS VARCHAR(20)) = {number}
"""

Row = tuple[Any, ...]
Read = Callable[[str, tuple[str, ...]], list[Row]]


@dataclass
class Watched:
    """What the poller saw.

    Attributes
    ----------
    reads : int
        Snapshots that were read, and those of them in which there was a champion.
    two_stages : int
        Snapshots with two versions in stage Production: the alias had moved and the stage followed.
    broken : list of str
        What must not be.
    """

    reads: int = 0
    with_champion: int = 0
    two_stages: int = 0
    unreadable: int = 0
    versions: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)

    def complain(self, text: str) -> None:
        """Note what must not be, the first few times."""
        if text not in self.broken and len(self.broken) < _MOST_SHOWN:
            self.broken.append(text)


@contextmanager
def watching(uri: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Read a store from a process of its own until the block ends; what it saw is in the dictionary then."""
    stop_reading, stop_writing = os.pipe()
    report_reading, report_writing = os.pipe()

    def work() -> int:
        os.close(stop_writing)
        os.close(report_reading)
        os.chdir(folder)
        seen = asdict(_watch(uri, stop_reading))
        with os.fdopen(report_writing, "w") as out:
            json.dump({**seen, "versions": sorted(seen["versions"])}, out)
        return 0

    pid = forks.fork(work)
    os.close(stop_reading)
    os.close(report_writing)
    seen: dict[str, Any] = {}
    try:
        yield seen
    finally:
        os.close(stop_writing)
        with os.fdopen(report_reading) as stream:
            text = stream.read()
        os.waitpid(pid, 0)
        seen.update(json.loads(text) if text else {**asdict(Watched()), "broken": ["the poller died"]})


def _watch(uri: str, stop: int) -> Watched:
    watched = Watched()
    with _reader(uri) as read:
        while not select.select([stop], [], [], _PAUSE_SECONDS)[0]:
            try:
                _look(read, watched)
            except sqlite3.OperationalError:
                watched.unreadable += 1
        _look(read, watched)
    return watched


def _look(read: Read, watched: Watched) -> None:
    rows = read(_QUERY, ())
    watched.reads += 1
    champions = [row[2] for row in rows if row[0] == "alias" and row[1] == "champion"]
    states = {row[2]: row[3] for row in rows if row[0] == "version"}
    staged = [row[2] for row in rows if row[0] == "version" and row[1] == "Production"]
    for number in states.keys() - watched.versions:
        watched.versions.add(number)
        _check_files(read, number, watched)
    if len(champions) > 1:
        watched.complain(f"two champions: {champions}")
    if champions:
        watched.with_champion += 1
        watched.two_stages += len(staged) > 1
        if states.get(champions[0]) != "READY":
            watched.complain(f"the champion, version {champions[0]}, is {states.get(champions[0], 'gone')}")
    elif watched.with_champion:
        watched.complain("there was a champion, and then none")


def _check_files(read: Read, number: str, watched: Watched) -> None:
    found = read(_LOCATION, (number,))
    folder = Path(unquote(urlparse(found[0][0]).path)) if found else Path("/nonexistent")
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        watched.complain(f"version {number} was in the registry without its files {', '.join(missing)}")


@contextmanager
def _reader(uri: str) -> Iterator[Read]:
    if uri.startswith("sqlite:///"):
        # Not read-only: the first reader after a kill rolls a hot journal back, whoever it is.
        with closing(sqlite3.connect(uri.removeprefix("sqlite:///"), timeout=_WAIT_SECONDS)) as connection:
            connection.execute("PRAGMA query_only = 1")
            location = _LOCATION.format(joined="'models:/' || logged_models.model_id", number="?")
            yield lambda query, values: connection.execute(location if query is _LOCATION else query, values).fetchall()
        return
    import psycopg

    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(psycopg.connect(uri, autocommit=True))
        location = _LOCATION.format(joined="'models:/' || logged_models.model_id", number="%s")
        yield lambda query, values: connection.execute(location if query is _LOCATION else query, values).fetchall()
