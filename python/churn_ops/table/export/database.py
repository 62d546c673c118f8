"""Read the rows of a query, in batches, from a database that SQLAlchemy reaches.

User and password come from the environment alone and are put into the URL here; no text that leaves this module holds
them.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from churn_ops.errors import ChurnOpsError
from churn_ops.store import credentials, path_urls
from churn_ops.table.export.database_errors import (
    PASSWORD_VARIABLE,
    USER_VARIABLE,
    failed,
    hidden,
    no_driver,
    reason,
    unreachable,
)

_BATCH_ROWS = 5_000
_CONNECT_SECONDS = 10
# The drivers that the lock brings; SQLAlchemy itself would look for others.
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}

Columns = list[Any]


def source_name(url: str, query: str) -> str:
    """Name the rows of a query: the URL without user, password and parameters, and the hash of the query.

    Parameters
    ----------
    url : str
        As the user gave it.
    query : str
        The statement.

    Returns
    -------
    str
        Such as ``postgresql+psycopg://host/customers#query=0123456789abcdef``.
    """
    return f"{credentials.shown(url)}#query={hashlib.sha256(query.encode()).hexdigest()[:16]}"


@contextmanager
def query_rows(url: str, query: str) -> Iterator[tuple[list[str], Iterator[Columns]]]:
    """Run a query in a transaction that only reads, and is rolled back.

    Parameters
    ----------
    url : str
        Without a password.
    query : str
        One statement.

    Yields
    ------
    names : list of str
        Columns of the result.
    batches : iterator of list
        Values by column; memory holds one batch.

    Raises
    ------
    ChurnOpsError
        ``DATABASE_UNREACHABLE``, ``DATA_UNREADABLE``, ``PYTHON_PACKAGES`` or ``URL_INVALID``; also while iterating.
    """
    with _without_credentials(url):
        address = _address(url)
        engine = _engine(address)
        try:
            with _connected(engine, address) as connection:
                options = {"stream_results": True, "max_row_buffer": _BATCH_ROWS, "no_parameters": True}
                result = connection.execution_options(**options).exec_driver_sql(query)
                if not result.returns_rows:
                    raise failed(credentials.shown(url), "the statement does not return a table")
                yield list(result.keys()), (list(zip(*part, strict=True)) for part in result.partitions(_BATCH_ROWS))
        finally:
            engine.dispose()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except exc.ArgumentError:
        raise ChurnOpsError(
            "URL_INVALID",
            "The database URL is not one that SQLAlchemy reads.",
            "For example: postgresql+psycopg://host/database or sqlite:///customers.db.",
        ) from None
    address = address.set(drivername=_DRIVERS.get(address.drivername, address.drivername))
    if address.get_backend_name() == "sqlite":
        return address
    user, password = os.environ.get(USER_VARIABLE), os.environ.get(PASSWORD_VARIABLE)
    if address.username is None and user:
        address = address.set(username=user)
    return address.set(password=password) if password else address


def _engine(address: URL) -> Engine:
    try:
        if address.get_backend_name() == "sqlite":
            file = Path(address.database or "")
            if not file.is_file():
                what = "does not exist" if not file.exists() else "is not a regular file"
                raise ChurnOpsError(
                    "DATA_UNREADABLE",
                    f"The SQLite file {file} {what}. Nothing was read.",
                    "Give an existing file: sqlite:///customers.db is in the current folder.",
                    {"source": str(file)},
                )
            location = path_urls.read_only(file)
            return create_engine("sqlite://", creator=lambda: sqlite3.connect(location, uri=True))
        engine = create_engine(address, connect_args=_connect_arguments(address), hide_parameters=True)
    except exc.NoSuchModuleError:
        raise no_driver(address, f"SQLAlchemy knows no {address.drivername}") from None
    except ImportError as error:
        raise no_driver(address, str(error)) from None
    if address.get_backend_name() in ("mysql", "mariadb"):
        event.listen(engine, "connect", _read_only_session)
    return engine


def _read_only_session(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")


def _connect_arguments(address: URL) -> dict[str, Any]:
    if address.get_backend_name() != "postgresql" or "connect_timeout" in address.query:
        return {}
    return {"connect_timeout": _CONNECT_SECONDS}


@contextmanager
def _connected(engine: Engine, address: URL) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except exc.DBAPIError as error:
        if engine.dialect.name == "sqlite":
            raise failed(str(address.database), reason(error)) from None
        raise unreachable(address, reason(error)) from None
    with connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(postgresql_readonly=True)
        yield connection


@contextmanager
def _without_credentials(url: str) -> Iterator[None]:
    try:
        yield
    except ChurnOpsError as error:
        raise ChurnOpsError(error.code, hidden(error.message, url), error.hint, error.details) from None
    except exc.DBAPIError as error:
        told = unreachable if error.connection_invalidated else failed
        raise told(credentials.shown(url), hidden(reason(error), url)) from None
    except (exc.SQLAlchemyError, UnicodeError, ValueError) as error:
        raise failed(credentials.shown(url), hidden(f"{type(error).__name__}: {error}", url)) from None
