"""MLflow's connections to a PostgreSQL store: bounded in time, and one process alone makes the tables."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from churn_ops.store import postgres_address, postgres_session

#: As long as MLflow lets SQLite wait for another program.
_LOCK_SECONDS = 20
_MAKING_SECONDS = 120


@contextmanager
def opened(tracking_uri: str) -> Iterator[str]:
    """Prepare MLflow for a store and keep other processes from making its tables at the same time.

    Parameters
    ----------
    tracking_uri : str
        The store's address; any kind.

    Yields
    ------
    str
        The address to give to MLflow.
    """
    if not postgres_address.is_postgresql(tracking_uri):
        yield tracking_uri
        return
    _bound_waits()
    limited = postgres_address.with_timeouts(tracking_uri)
    if postgres_address.has_tables(tracking_uri):
        yield limited
        return
    with postgres_session.held(tracking_uri, "new-store", "setup", _MAKING_SECONDS, lambda _text: None):
        yield limited


@functools.cache
def _bound_waits() -> None:
    from mlflow.store.db import utils
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    # A server that has just gone away is asked again for one second instead of 100.
    utils.MAX_RETRY_COUNT = 4

    @event.listens_for(Engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        # The stores of a test run, or a table in SQLite, come by here too.
        if not type(connection).__module__.startswith(("psycopg", "sqlalchemy.dialects.postgresql")):
            return
        with connection.cursor() as cursor:
            # A foreign program that keeps a table locked would hold us for ever.
            cursor.execute(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        connection.commit()
