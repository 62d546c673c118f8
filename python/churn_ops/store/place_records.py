"""What a SQLite store's own tables say of the places of its files; read without MLflow, in milliseconds."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from churn_ops.contract import Tag
from churn_ops.store import path_urls

#: Every column of MLflow's tables that says where files are.
COLUMNS = (
    ("experiments", "artifact_location", ""),
    ("runs", "artifact_uri", ""),
    ("logged_models", "artifact_location", ""),
    ("model_versions", "source", ""),
    ("model_versions", "storage_location", ""),
    ("trace_tags", "value", "key = 'mlflow.artifactLocation'"),
)

_WAIT_SECONDS = 8
_EXPERIMENTS = """
    SELECT e.experiment_id, e.name, e.artifact_location, e.creation_time, t.value,
        EXISTS (SELECT 1 FROM runs r WHERE r.experiment_id = e.experiment_id)
    FROM experiments e LEFT JOIN experiment_tags t ON t.experiment_id = e.experiment_id AND t.key = ?
"""


@dataclass(frozen=True)
class Experiment:
    """One row of MLflow's experiments, with what we noted of its place."""

    id: int
    name: str
    location: str | None
    created: int | None
    database: Path | None
    has_runs: bool


def locations(connection: sqlite3.Connection) -> list[tuple[str, int, str]]:
    """List every place of files that a database holds: ``TABLE.COLUMN``, row id, location."""
    found = []
    for table, column, condition in COLUMNS:
        if column in columns(connection, table):
            where = f" AND {condition}" if condition else ""
            # Names of tables and columns are MLflow's, from the list above.
            query = f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL{where}"  # noqa: S608
            found.extend((f"{table}.{column}", row, location) for row, location in connection.execute(query))
    return found


def experiments(connection: sqlite3.Connection | None) -> list[Experiment]:
    """List MLflow's experiments; none of a database that is no store."""
    if connection is None or not all(columns(connection, name) for name in ("experiments", "experiment_tags", "runs")):
        return []
    return [
        Experiment(int(row[0]), row[1], row[2], row[3], None if row[4] is None else Path(row[4]), bool(row[5]))
        for row in connection.execute(_EXPERIMENTS, (Tag.STORE,))
    ]


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Names of a table's columns; none of a table that is not there."""
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


@contextlib.contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection | None]:
    """Open a database for reading alone; None for one that is not there or none at all, which its next user is told."""
    try:
        connection = sqlite3.connect(path_urls.read_only(database), uri=True, timeout=_WAIT_SECONDS)
    except sqlite3.Error:
        yield None
        return
    with contextlib.closing(connection):
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
        except sqlite3.Error:
            yield None
            return
        yield connection
