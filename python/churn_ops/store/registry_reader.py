"""The registry of a SQLite store, read without MLflow, whose import costs more than all else of a look."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

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
    artifact_uri: str


@dataclass(frozen=True)
class _Run:
    data: _RunData
    info: _RunInfo


#: What a look reads from, with or without MLflow.
RegistryClient: TypeAlias = "MlflowClient | RegistryReader"


class RegistryReader:
    """What looking at versions and their files uses of ``MlflowClient``, on the tables of the schema that MLflow has.

    Parameters
    ----------
    tracking_uri : str
        The store's address.
    database : pathlib.Path
        Its SQLite file.
    """

    def __init__(self, tracking_uri: str, database: Path) -> None:
        self.tracking_uri = tracking_uri
        self._database = database

    def search_model_versions(self, query: str, **_pages: Any) -> _Page:
        """Give the versions of a model, by a query of its name alone."""
        asked = _OF_MODEL.fullmatch(query)
        if asked is None:
            raise ValueError(f"a look asks for the versions of a model: {query}")
        return _Page(self._versions(asked.group(1)))

    def get_registered_model(self, name: str) -> _Model:
        """Give the aliases and tags of a model."""
        with self._connection() as connection:
            query = "SELECT alias, version FROM registered_model_aliases WHERE name = ?"
            aliases = {alias: str(version) for alias, version in connection.execute(query, (name,))}
            query = "SELECT key, value FROM registered_model_tags WHERE name = ?"
            return _Model(aliases, dict(connection.execute(query, (name,)).fetchall()))

    def get_model_version(self, name: str, version: str) -> _Version:
        """Give a version with its tags.

        Raises
        ------
        LookupError
            When there is none.
        """
        for found in self._versions(name, version):
            return found
        raise LookupError(_no_version(name, version))

    def get_model_version_download_uri(self, name: str, version: str) -> str:
        """Give the place of a version's files.

        Raises
        ------
        LookupError
            When there is no such version.
        """
        query = (
            "SELECT storage_location, source FROM model_versions WHERE name = ? AND version = ? AND current_stage != ?"
        )
        with self._connection() as connection:
            found = connection.execute(query, (name, version, _DELETED)).fetchone()
        if found is None:
            raise LookupError(_no_version(name, version))
        return found[0] or found[1]

    def get_run(self, run_id: str) -> _Run:
        """Give tags, last metrics and status of a run.

        Raises
        ------
        LookupError
            When there is none.
        """
        with self._connection() as connection:
            found = connection.execute("SELECT status, artifact_uri FROM runs WHERE run_uuid = ?", (run_id,)).fetchone()
            if found is None:
                raise LookupError(f"Run with id={run_id} not found")
            tags = dict(connection.execute("SELECT key, value FROM tags WHERE run_uuid = ?", (run_id,)).fetchall())
            query = "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ?"
            metrics = {
                key: float("nan") if is_nan else value for key, value, is_nan in connection.execute(query, (run_id,))
            }
        return _Run(_RunData(tags, metrics), _RunInfo(*found))

    def _versions(self, name: str, version: str | None = None) -> list[_Version]:
        asked = (name, None if version is None else int(version))
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT version, creation_time, current_stage, run_id FROM model_versions WHERE name = ?1"
                " AND (?2 IS NULL OR version = ?2) AND current_stage != ?3",
                (*asked, _DELETED),
            ).fetchall()
            tags: dict[int, dict[str, str]] = {}
            query = (
                "SELECT version, key, value FROM model_version_tags WHERE name = ?1 AND (?2 IS NULL OR version = ?2)"
            )
            for number, key, value in connection.execute(query, asked):
                tags.setdefault(number, {})[key] = value
        return [_Version(name, str(row[0]), row[1], row[2], row[3] or None, tags.get(row[0], {})) for row in rows]

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        uri = path_urls.read_only(self._database)
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as connection:
            yield connection


def _no_version(name: str, version: str) -> str:
    # In MLflow's words, which `store/deleted.py` knows.
    return f"Model Version (name={name}, version={version}) not found"


def open_without_mlflow(tracking_uri: str) -> RegistryClient:
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
        return RegistryReader(tracking_uri, database)
    from churn_ops.store.connect import connect

    return connect(tracking_uri, must_exist=True)
