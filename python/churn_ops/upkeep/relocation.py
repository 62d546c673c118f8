"""The methods ``store.relocation`` and ``store.relocate``: a moved store names the files that are next to it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from churn_ops.contract import LockedRequest, Relocated, Relocation, StoreRequest, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.store import address as store_address
from churn_ops.store import backup as store_backup
from churn_ops.store import credentials, file_location, path_urls, place_records
from churn_ops.store import place as store_place
from churn_ops.store import schema as store_schema
from churn_ops.store.locks.store_lock import store_lock
from churn_ops.upkeep import relocated_files


@dataclass(frozen=True)
class Plan:
    """What is to be written.

    Attributes
    ----------
    database : pathlib.Path
        The opened SQLite file.
    olds : list of pathlib.Path
        Folders where it was before.
    moves : list of tuple
        Column, row id, old folder, path of the files in it.
    tags : list of int
        Experiments whose tag names another database.
    """

    database: Path
    olds: list[Path]
    moves: list[tuple[str, int, Path, Path]]
    tags: list[int]

    @property
    def is_empty(self) -> bool:
        """Whether all is in place."""
        return not self.moves and not self.tags


def relocation(request: StoreRequest, progress: Progress) -> Relocation:
    """Say what a relocation would do, after a check that the files are there; changes nothing.

    Raises
    ------
    ChurnOpsError
        ``STORE_MOVED`` when the files are not next to the store, ``USAGE`` for another store than SQLite,
        ``NO_VERSIONS`` or ``STORE_SCHEMA``.
    """
    plan = _plan(_database(request))
    return _described(plan, relocated_files.check(plan.database, plan.moves, progress))


def relocate(request: LockedRequest, progress: Progress) -> Relocated:
    """Have a store name the files next to it, in one step and after a backup.

    Raises
    ------
    ChurnOpsError
        As ``relocation``, ``BUSY`` or ``NOT_WRITABLE``; the store is then as it was.
    """
    database, address = _database(request), request["store"]["trackingUri"]
    store_address.check_reachable(address, must_exist=False)
    with store_lock(address, "relocating the store", request["waitSeconds"], lambda text: progress("wait", 0, 0, text)):
        plan = _plan(database)
        warnings = relocated_files.check(database, plan.moves, progress)
        if plan.is_empty:
            return {**_described(plan, warnings), "backup": None}
        progress("relocate", 0, 0, "backing up and writing the new paths")
        back_up = store_backup.changed(database, "relocate", "relocate", lambda draft, _: _write(draft, plan))
        return {**_described(plan, warnings), "backup": str(back_up)}


def _database(request: StoreRequest) -> Path:
    address = request["store"]["trackingUri"]
    database = store_address.sqlite_file(address)
    if database is None:
        raise ChurnOpsError(
            "USAGE",
            f"The store {credentials.shown(address)} is not a SQLite file: its files are not next to it.",
            "Run `churn-ops doctor`; docs/stores.md explains how to move such a store.",
        )
    store_address.check_reachable(address, must_exist=True)
    store_schema.check(address)
    return database


def _plan(database: Path) -> Plan:
    with place_records.opened(database) as connection:
        if connection is None:
            return Plan(database, [], [], [])
        olds = store_place.former_folders(connection, database)
        moves = []
        for column, row, location in place_records.locations(connection) if olds else []:
            found = file_location.below(location, [database.parent, *olds])
            if found is not None and found[0] in olds:
                moves.append((column, row, *found))
        moved = {row for column, row, _, _ in moves if column == "experiments.artifact_location"}
        known = place_records.experiments(connection)
    is_copy = store_place.original_of(database) is not None
    # Where the original still is, files outside of its folder stay those of both, and the tag goes on saying so.
    tags = [
        each.id
        for each in known
        if each.id in moved or (not is_copy and each.database is not None and each.database != database)
    ]
    return Plan(database, olds, moves, tags)


def _write(draft: Path, plan: Plan) -> None:
    here = plan.database.parent
    with contextlib.closing(sqlite3.connect(draft)) as connection:
        # One transaction for all.
        with connection:
            for named, row, _, inside in plan.moves:
                table, _, column = named.partition(".")
                # As a URL in any case: MLflow unquotes plain paths too, and a folder may be called `a%20b`.
                location = path_urls.file_url(here / inside)
                # Names of tables and columns are constants of `store/place_records.py`.
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (location, row))  # noqa: S608
            for experiment in plan.tags:
                connection.execute(
                    "INSERT OR REPLACE INTO experiment_tags (key, value, experiment_id) VALUES (?, ?, ?)",
                    (Tag.STORE, str(plan.database), experiment),
                )
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        raise ChurnOpsError(
            "STORE_DAMAGED",
            f"The store {plan.database} is damaged: {answer}. It was not relocated.",
            "Restore the database from a backup, then run `churn-ops doctor --relocate` again.",
            {"store": str(plan.database)},
        )


def _described(plan: Plan, warnings: list[str]) -> Relocation:
    return {
        "from": sorted({str(old) for _, _, old, _ in plan.moves}),
        "to": str(plan.database.parent),
        "places": dict(Counter(column for column, _, _, _ in plan.moves)),
        "isEmpty": plan.is_empty,
        "warnings": warnings,
    }
