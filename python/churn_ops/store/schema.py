"""Which schema a store has, read without MLflow: its client upgrades an older store unasked where it misses a table."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import re
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Any

from churn_ops.contract import Nothing, StoreRequest
from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.store import address as store_address
from churn_ops.store import credentials, path_urls, postgres_address
from churn_ops.store import errors as store_errors

#: What stands for the revision of a store from before MLflow counted them.
BEFORE_REVISIONS = "none"

_CONNECT_SECONDS = 8
_REVISION = re.compile(r"""^(down_)?revision(?::[^=]+)?\s*=\s*(?:["'](\w+)["']|None)""", re.MULTILINE)


def check(tracking_uri: str) -> None:
    """Refuse a database of another schema than ours, before MLflow opens it.

    Parameters
    ----------
    tracking_uri : str
        The store's address; a store behind HTTP is its server's to judge.

    Raises
    ------
    ChurnOpsError
        ``STORE_SCHEMA``, or ``STORE_UNREACHABLE`` when the database cannot be read.
    """
    found = revision(tracking_uri)
    if found is not None and found != head():
        raise other_schema(tracking_uri, found)


def check_store(request: StoreRequest, _progress: Progress) -> Nothing:
    """Run the method ``store.schema``: refuse a store of another schema; its request holds ``store``."""
    check(request["store"]["trackingUri"])
    return {}


def revision(tracking_uri: str) -> str | None:
    """Read a database's schema revision and change nothing.

    Returns
    -------
    str or None
        ``BEFORE_REVISIONS`` for tables without one; None for a database that is not there or empty, and for HTTP.

    Raises
    ------
    ChurnOpsError
        ``STORE_UNREACHABLE``.
    """
    database = store_address.sqlite_file(tracking_uri)
    if database is not None:
        return sqlite_revision(database) if database.exists() else None
    if postgres_address.is_postgresql(tracking_uri):
        return _postgres_revision(tracking_uri)
    return None


def sqlite_revision(database: Path) -> str | None:
    """Read the schema revision of a SQLite file, as ``revision`` does."""
    try:
        # `mode=ro` makes no file, and rolls back nothing that another process has begun.
        uri = path_urls.read_only(database)
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_CONNECT_SECONDS)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            return _revision_in(connection, tables)
    except sqlite3.Error as error:
        address = path_urls.sqlite_address(database)
        raise store_errors.translate(error, address) or store_address.unreachable(address, str(error)) from error


def _postgres_revision(tracking_uri: str) -> str | None:
    import psycopg

    try:
        with postgres_address.connect(tracking_uri, "churn-ops") as connection:
            rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))")
            return _revision_in(connection, {name for (name,) in rows})
    except psycopg.Error as error:
        raise postgres_address.refusal(tracking_uri, error) from error


def _revision_in(connection: Any, tables: set[str]) -> str | None:
    if "alembic_version" in tables:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return BEFORE_REVISIONS if row is None else str(row[0])
    # A store that is being made has its first tables, still empty, before its revision.
    if "experiments" in tables and connection.execute("SELECT 1 FROM experiments LIMIT 1").fetchone():
        return BEFORE_REVISIONS
    return None


def head() -> str:
    """Revision that the installed MLflow works with."""
    return _revisions()[0]


def is_older(found: str) -> bool:
    """Tell whether the installed MLflow can upgrade a store of this revision."""
    return found == BEFORE_REVISIONS or (found in _revisions()[1] and found != head())


@functools.cache
def _revisions() -> tuple[str, frozenset[str]]:
    # Read as text: to load them as alembic does takes MLflow's import, three seconds that `ui` need not wait.
    package = importlib.util.find_spec("mlflow")
    folder = Path(str(package and package.origin)).parent / "store" / "db_migrations" / "versions"
    revisions, parents = set(), set()
    for file in folder.glob("*.py"):
        for down, name in _REVISION.findall(file.read_text(encoding="utf-8")):
            (parents if down else revisions).add(name)
    (newest,) = revisions - parents
    return newest, frozenset(revisions)


def other_schema(tracking_uri: str, found: str) -> ChurnOpsError:
    """Make the error for a store of another schema; only an older one can be upgraded."""
    shown, installed = credentials.shown(tracking_uri), version("mlflow")
    details = {"store": shown, "found": found, "expected": head()}
    if is_older(found):
        return ChurnOpsError(
            "STORE_SCHEMA",
            f"The store {shown} was created by an MLflow older than {installed} (its schema is {found}). "
            "Nothing was changed.",
            "Run `churn-ops doctor --upgrade-store`: it makes a backup, then upgrades the store.",
            details,
        )
    return ChurnOpsError(
        "STORE_SCHEMA",
        f"The store {shown} has the schema {found}, which MLflow {installed} does not know: a newer one created it. "
        "Nothing was changed.",
        "Update churn-ops with `npm install churn-ops@latest`, or give another store with --tracking-uri.",
        details,
    )
