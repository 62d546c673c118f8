"""The registry of a SQLite store, read without MLflow, whose import costs more than all else of a look."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churn_ops.store import address as store_address
from churn_ops.store import path_urls
from churn_ops.store import schema as store_schema

if TYPE_CHECKING:
    from mlflow import MlflowClient

_BUSY_SECONDS = 20
_OF_MODEL = re.compile(r"name = '([^']*)'")
_DELETED = "Deleted_Internal"


@dataclass(frozen=True)
class _Version:
    name: str
    version: str
    creation_timestamp: int
    current_stage: str
    run_id: str | None
    tags: dict[str, str]


@dataclass(frozen=True)
class _Page:
    """One page, which is all."""

    versions: list[_Version]
    token: None = None

    def __iter__(self) -> Iterator[_Version]:
        return iter(self.versions)


@dataclass(frozen=True)
class _Model:
    aliases: dict[str, str]
    tags: dict[str, str]


@dataclass(frozen=True)
class _RunData:
    tags: dict[str, str]
    metrics: dict[str, float]


@dataclass(frozen=True)
class _RunInfo:
    status: str


@dataclass(frozen=True)
class _Run:
    data: _RunData
    info: _RunInfo


class RegistryReader:
    """What looking at versions uses of ``MlflowClient``, on the tables of the schema that MLflow has.

    Parameters
    ----------
    database : pathlib.Path
        The SQLite file.
    """

    def __init__(self, database: Path) -> None:
        self._database = database

    def search_model_versions(self, query: str, **_pages: Any) -> _Page:
        """Give the versions of a model, by a query of its name alone."""
        asked = _OF_MODEL.fullmatch(query)
        if asked is None:
            raise ValueError(f"a look asks for the versions of a model: {query}")
        name = asked.group(1)
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT version, creation_time, current_stage, run_id FROM model_versions WHERE name = ?"
                " AND current_stage != ?",
                (name, _DELETED),
            ).fetchall()
            tags: dict[int, dict[str, str]] = {}
            query = "SELECT version, key, value FROM model_version_tags WHERE name = ?"
            for version, key, value in connection.execute(query, (name,)):
                tags.setdefault(version, {})[key] = value
        return _Page(
            [_Version(name, str(row[0]), row[1], row[2], row[3] or None, tags.get(row[0], {})) for row in rows]
        )

    def get_registered_model(self, name: str) -> _Model:
        """Give the aliases and tags of a model."""
        with self._connection() as connection:
            query = "SELECT alias, version FROM registered_model_aliases WHERE name = ?"
            aliases = {alias: str(version) for alias, version in connection.execute(query, (name,))}
            query = "SELECT key, value FROM registered_model_tags WHERE name = ?"
            return _Model(aliases, dict(connection.execute(query, (name,)).fetchall()))

    def get_run(self, run_id: str) -> _Run:
        """Give tags, last metrics and status of a run.

        Raises
        ------
        LookupError
            When there is none.
        """
        with self._connection() as connection:
            found = connection.execute("SELECT status FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
            if found is None:
                raise LookupError(run_id)
            tags = dict(connection.execute("SELECT key, value FROM tags WHERE run_uuid = ?", (run_id,)).fetchall())
            query = "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ?"
            metrics = {
                key: float("nan") if is_nan else value for key, value, is_nan in connection.execute(query, (run_id,))
            }
        return _Run(_RunData(tags, metrics), _RunInfo(found[0]))

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        uri = path_urls.read_only(self._database)
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as connection:
            yield connection


def open_without_mlflow(tracking_uri: str) -> MlflowClient | RegistryReader:
    """Open a store to look at its versions: a SQLite file of our schema without MLflow, any other store with it.

    Parameters
    ----------
    tracking_uri : str
        The store's address.

    Raises
    ------
    ChurnOpsError
        As ``connect``.
    """
    store_address.check_reachable(tracking_uri, must_exist=True)
    database = store_address.sqlite_file(tracking_uri)
    if database is not None and store_schema.revision(tracking_uri) == store_schema.head():
        return RegistryReader(database)
    from churn_ops.store.connect import connect

    return connect(tracking_uri, must_exist=True)
