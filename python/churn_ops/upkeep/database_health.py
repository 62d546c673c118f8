"""Whether the database behind a store is whole."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from churn_ops.contract import Finding, StoreRules
from churn_ops.store import address as store_address
from churn_ops.store import path_urls
from churn_ops.upkeep.store_state import StoreState


def check(tracking_uri: str, state: StoreState) -> list[Finding]:
    """Check a SQLite file page by page, or whether another store lets its tables be read (invariant I8).

    Parameters
    ----------
    tracking_uri : str
        The store's address.
    state : StoreState
        The store.
    """
    database = store_address.sqlite_file(tracking_uri)
    said = _ask(state) if database is None else _check_sqlite(database)
    if said is not None:
        subjects = [tracking_uri.rpartition("@")[2]]
        return [{"invariant": "I8", "ok": False, "message": said, "subjects": subjects, "code": "STORE_UNREACHABLE"}]
    well = "the store's tables can be read" if database is None else "the SQLite file is intact"
    return [{"invariant": "I8", "ok": True, "message": well, "subjects": [], "code": None}]


def _check_sqlite(database: Path) -> str | None:
    pragma = "quick_check" if database.stat().st_size > StoreRules.WHOLE_CHECK_BYTES else "integrity_check"
    try:
        uri = path_urls.read_only(database)
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=20)) as connection:
            rows = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(5)")]
    except sqlite3.Error as error:
        return f"the SQLite file {database} cannot be read: {error}"
    return None if rows == ["ok"] else f"the SQLite file {database} is damaged: {'; '.join(rows)[:300]}"


def _ask(state: StoreState) -> str | None:
    from mlflow.exceptions import MlflowException

    try:
        state.client.search_experiments(max_results=1)
        state.client.search_registered_models(max_results=1)
        state.client.search_runs(state.experiments[:1], max_results=1)
    except MlflowException as error:
        return f"tables of the store cannot be read: {str(error)[:300]}"
    return None
