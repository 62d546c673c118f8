"""The method ``store.upgrade``: a backup, then MLflow's own migrations; only ever when asked for."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from churn_ops.contract import LockedRequest, StoreUpgrade
from churn_ops.errors import ChurnOpsError
from churn_ops.process import lifetime
from churn_ops.process.crash_points import around
from churn_ops.progress import Progress
from churn_ops.store import address as store_address
from churn_ops.store import backup as store_backup
from churn_ops.store import credentials, path_urls, postgres_backup
from churn_ops.store import schema as store_schema
from churn_ops.store.locks.store_lock import store_lock
from churn_ops.store.state_folder import state_folder

#: What an upgrade may not lose.
_COUNTED = ("experiments", "runs", "registered_models", "model_versions", "registered_model_aliases")


def upgrade(request: LockedRequest, progress: Progress) -> StoreUpgrade:
    """Bring a store to the schema of the installed MLflow.

    Raises
    ------
    ChurnOpsError
        ``STORE_SCHEMA``, ``STORE_UNREACHABLE``, ``NOT_WRITABLE``, ``NO_VERSIONS``, ``BUSY`` or ``USAGE``.
    """
    address = request["store"]["trackingUri"]
    if address.startswith(("http://", "https://")):
        raise ChurnOpsError(
            "USAGE",
            f"The store {credentials.shown(address)} is behind a server, and only the server can upgrade it.",
            "Ask whoever runs the server to back up its database and run `mlflow db upgrade` there.",
        )
    store_address.check_reachable(address, must_exist=True)
    store_address.check_reachable(address, must_exist=False)
    with store_lock(address, "upgrading the store", request["waitSeconds"], lambda text: progress("wait", 0, 0, text)):
        found = store_schema.revision(address)
        if found in (None, store_schema.head()):
            return {"upgraded": False, "from": found, "to": found, "backup": None}
        if not store_schema.is_older(found):
            raise store_schema.other_schema(address, found)
        progress("upgrade", 0, 0, "backing up and upgrading the store")
        database = store_address.sqlite_file(address)
        back_up = _upgrade_postgres(address, found) if database is None else _upgrade_sqlite(database, found)
        return {"upgraded": True, "from": found, "to": store_schema.head(), "backup": str(back_up)}


def _upgrade_sqlite(database: Path, found: str) -> Path:
    def migrate(draft: Path, back_up: Path) -> None:
        _migrate(path_urls.sqlite_address(draft), back_up)
        _check_whole(draft, back_up)

    return store_backup.changed(database, found, "upgrade", migrate)


def _upgrade_postgres(address: str, found: str) -> Path:
    folder = state_folder() / "backups"
    with around("backup"):
        back_up = postgres_backup.dump(address, folder, store_backup.backup_name("mlflow.dump", found))
    lifetime.end_if_orphaned()
    # One transaction of PostgreSQL: whoever dies meanwhile leaves the old schema.
    with around("upgrade"):
        _migrate(address, back_up)
    return back_up


def _migrate(address: str, back_up: Path) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.store.db import utils
    from sqlalchemy.exc import SQLAlchemyError

    engine = utils.create_sqlalchemy_engine(address)
    try:
        before = _counts(engine)
        utils._upgrade_db(engine)
        after = _counts(engine)
    except (SQLAlchemyError, MlflowException) as error:
        raise _failed(str(error), back_up) from error
    finally:
        engine.dispose()
    lost = [name for name in before if after.get(name, 0) != before[name]]
    if lost:
        raise _failed(f"the rows of {', '.join(lost)} are fewer than before", back_up)


def _counts(engine: Any) -> dict[str, int]:
    import sqlalchemy

    there = set(sqlalchemy.inspect(engine).get_table_names())
    with engine.connect() as connection:
        # Names of tables are constants.
        return {
            name: int(connection.execute(sqlalchemy.text(f"SELECT COUNT(*) FROM {name}")).scalar_one())  # noqa: S608
            for name in _COUNTED
            if name in there
        }


def _check_whole(database: Path, back_up: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        raise _failed(f"the upgraded copy is damaged: {answer}", back_up)
    if store_schema.sqlite_revision(database) != store_schema.head():
        raise _failed("the upgraded copy does not have the expected schema", back_up)


def _failed(reason: str, back_up: Path) -> ChurnOpsError:
    return ChurnOpsError(
        "STORE_SCHEMA",
        f"The store could not be upgraded: {reason[:300]}. A copy of the original is {back_up}.",
        "Use the churn-ops or MLflow that wrote it, or give another store with --tracking-uri.",
        {"reason": reason[:400], "backup": str(back_up)},
    )
