"""Fresh stores, each a copy of an empty one that MLflow has set up."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from churn_ops.store.connect import connect
from kill import forks

sys.path.append(str(Path(__file__).resolve().parents[1] / "python"))

import postgres

if TYPE_CHECKING:
    from postgres import Cluster

_TEMPLATE = "empty_store"


class Stores(Protocol):
    """One kind of store."""

    name: str

    def fresh(self, folder: Path) -> str:
        """Make an empty store for a round and give its address."""
        ...

    def discard(self, uri: str) -> None:
        """Take a round's store away."""
        ...


class SqliteStores:
    """A file in the round's folder."""

    name = "sqlite"

    def __init__(self, base: Path) -> None:
        self._template = base / "empty.db"
        forks.apart(lambda: connect(f"sqlite:///{self._template}") and None)

    def fresh(self, folder: Path) -> str:
        """Copy the template."""
        shutil.copyfile(self._template, folder / "mlflow.db")
        return f"sqlite:///{folder / 'mlflow.db'}"

    def discard(self, uri: str) -> None:
        """Nothing to do: the folder goes as a whole."""


class PostgresStores:
    """A database of one throw-away cluster."""

    name = "postgresql"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._made = 0
        self._sql(f"CREATE DATABASE {_TEMPLATE}")
        forks.apart(lambda: connect(cluster.uri(_TEMPLATE)) and None)

    def fresh(self, folder: Path) -> str:
        """Copy the template database."""
        name = folder.name.replace("-", "_").lower()
        self._sql(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        return self._cluster.uri(name)

    def discard(self, uri: str) -> None:
        """Drop the database; a server's sessions of killed processes end with it."""
        self._sql(f"DROP DATABASE IF EXISTS {uri.rsplit('/', 1)[1]} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        def work() -> None:
            import psycopg

            with psycopg.connect(self._cluster.uri(), autocommit=True) as connection:
                connection.execute(statement)

        forks.apart(work)


def start_cluster() -> Cluster | str:
    """Start a PostgreSQL server; the reason when there can be none here."""
    try:
        return postgres.Cluster()
    except (postgres.Missing, RuntimeError, OSError) as reason:
        return str(reason)
