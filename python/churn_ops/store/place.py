"""Whether a SQLite store is where it says that its files are; a copy never touches the files of its original.

Each experiment of ours has a tag with the path of its database. Files below the folder of another database than the
opened one belong to that one; a folder or bucket that was named with ``artifacts`` is outside of both and is free.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from churn_ops.contract import Finding
from churn_ops.errors import ChurnOpsError
from churn_ops.store import address as store_address
from churn_ops.store import file_location, path_urls
from churn_ops.store.place_records import Experiment, experiments, locations, opened


def require_here(tracking_uri: str) -> None:
    """Refuse a store whose files are recorded next to another location of its database.

    Raises
    ------
    ChurnOpsError
        ``STORE_MOVED``; nothing was touched.
    """
    database = store_address.sqlite_file(tracking_uri)
    found = None if database is None else elsewhere(database)
    if database is not None and found is not None:
        raise _moved(database, *found)


def require_original(tracking_uri: str) -> None:
    """Refuse to change or delete files for a copy whose original still exists: they are the original's too.

    Raises
    ------
    ChurnOpsError
        ``STORE_MOVED``; nothing was touched.
    """
    database = store_address.sqlite_file(tracking_uri)
    original = None if database is None else original_of(database)
    if original is None:
        return
    raise ChurnOpsError(
        "STORE_MOVED",
        f"The store {database} is a copy of {original}, which has the same versions and the same files. "
        "Nothing was touched.",
        f"Run the same command with --tracking-uri '{path_urls.sqlite_address(original)}'.",
        {"store": str(database), "original": str(original)},
    )


def finding(tracking_uri: str) -> Finding | None:
    """Say as a finding of ``store.check`` that files are elsewhere; None when all is well."""
    try:
        require_here(tracking_uri)
    except ChurnOpsError as error:
        subjects = [str(error.details["files"])]
        return {"invariant": "I10", "ok": False, "message": error.message, "subjects": subjects, "code": error.code}
    return None


def elsewhere(database: Path) -> tuple[Path, str] | None:
    """Find files that a store says are next to another place of its database.

    Parameters
    ----------
    database : pathlib.Path
        Real path of the opened SQLite file.

    Returns
    -------
    tuple of pathlib.Path and str, or None
        The folder where the database was before, and the first location below it.
    """
    with opened(database) as connection:
        if connection is None:
            return None
        olds = former_folders(connection, database)
        if not olds:
            return None
        for _, _, location in locations(connection):
            found = file_location.below(location, [database.parent, *olds])
            if found is not None and found[0] in olds:
                return found[0], location
    return None


def original_of(database: Path) -> Path | None:
    """Find the database that this one was copied from, when it still is where it was."""
    with opened(database) as connection:
        for each in experiments(connection):
            if each.database is not None and not same(each.database, database) and _holds(each.database, each):
                return each.database
    return None


def former_folders(connection: sqlite3.Connection, database: Path) -> list[Path]:
    """List the real folders where a database has been by its own word, without the one where it is."""
    found = {folder for each in experiments(connection) if (folder := _folder_of(each, database)) is not None}
    return sorted(Path(os.path.realpath(folder)) for folder in found if not same(folder, database.parent))


def _folder_of(experiment: Experiment, database: Path) -> Path | None:
    if experiment.database is not None:
        return experiment.database.parent
    # Made by MLflow itself, or by us before we noted the place: then only what is found on the disk tells.
    location = file_location.path_of(experiment.location)
    if location is None or (experiment.id == 0 and not experiment.has_runs):
        return None
    for folder in location.parents:
        if _holds(folder / database.name, experiment):
            return folder
    moved_along = location.parent.name == "mlruns" and (database.parent / "mlruns" / location.name).exists()
    return location.parent.parent if moved_along else None


def _holds(database: Path, experiment: Experiment) -> bool:
    if not database.is_file():
        return False
    with opened(database) as connection:
        return any(
            (other.id, other.name, other.created) == (experiment.id, experiment.name, experiment.created)
            for other in experiments(connection)
        )


def same(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one place, by links or by mounts."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _moved(database: Path, old: Path, location: str) -> ChurnOpsError:
    return ChurnOpsError(
        "STORE_MOVED",
        f"The store {database} says that its files are in {old}, where it was before it was moved or copied. "
        "Nothing was touched, here or there.",
        "Run `churn-ops doctor --relocate`: it makes the store name the files next to it.",
        {"store": str(database), "folder": str(database.parent), "recorded": str(old), "files": location},
    )
