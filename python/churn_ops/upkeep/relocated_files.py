"""Whether the files that a store shall name from now on are there, and are those that were registered."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from churn_ops.artifacts import manifest
from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.store import place_records

#: By column: how its rows are called, and the query for row id, name and manifest.
_OWNERS = {
    "model_versions.storage_location": (
        "version {name}",
        "SELECT v.rowid, v.version || ' of ' || v.name, t.value FROM model_versions v LEFT JOIN model_version_tags t "
        "ON t.name = v.name AND t.version = v.version AND t.key = ?",
        Tag.MANIFEST,
    ),
    "model_versions.source": (
        "version {name}",
        "SELECT rowid, version || ' of ' || name, NULL FROM model_versions WHERE ? IS NOT NULL",
        Tag.MANIFEST,
    ),
    "runs.artifact_uri": (
        "run {name}",
        "SELECT r.rowid, r.run_uuid, t.value FROM runs r LEFT JOIN tags t ON t.run_uuid = r.run_uuid AND t.key = ?",
        Tag.DATA_MANIFEST,
    ),
}
_SHOWN = 3


@dataclass(frozen=True)
class Owner:
    """A version or run whose files are elsewhere by the store's word.

    Attributes
    ----------
    what : str
        How messages call it.
    old, new : pathlib.Path
        Where its files are said to be, and where they should be.
    hashed : pathlib.Path
        The part of the new folder that the manifest is of.
    digest : str or None
        The manifest's hash.
    """

    what: str
    old: Path
    new: Path
    hashed: Path
    digest: str | None


def check(database: Path, moves: list[tuple[str, int, Path, Path]], progress: Progress) -> list[str]:
    """Check the files of every version and every search at their new places.

    Parameters
    ----------
    database : pathlib.Path
        The store.
    moves : list of tuple
        Column, row id, old folder, path of the files in it.
    progress : callable
        Takes phase, done, total and text.

    Returns
    -------
    list of str
        What is missing or damaged here and no better at the old place: a sentence each.

    Raises
    ------
    ChurnOpsError
        ``STORE_MOVED``: the old place has what the new one has not, or the new one has nothing at all.
    """
    owners = _owners(database, moves)
    reasons, warnings = [], []
    for done, owner in enumerate(owners, start=1):
        progress("verify", done, len(owners), owner.what)
        fault = _fault(owner)
        if fault is not None:
            (reasons if owner.old.exists() else warnings).append(f"{owner.what}: {fault}")
    versions = [owner for owner in owners if owner.what.startswith("version")]
    if versions and not any(owner.new.exists() for owner in versions):
        reasons = [f"none of the {len(versions)} versions has files here"]
    if reasons:
        raise _refused(database, owners, reasons)
    return warnings


def _owners(database: Path, moves: list[tuple[str, int, Path, Path]]) -> list[Owner]:
    found: list[Owner] = []
    placed: dict[int, tuple[Path, Path]] = {}
    with place_records.opened(database) as connection:
        for column, (what, query, tag) in _OWNERS.items():
            own = {row: (old, inside) for named, row, old, inside in moves if named == column}
            placed = placed or own
            if connection is None or not own:
                continue
            for row, name, digest in connection.execute(query, (tag,)):
                # The source of a version is where its files are only when there is no other place.
                if row in own and not (column.endswith("source") and row in placed):
                    old, inside = own[row]
                    new = database.parent / inside
                    hashed = new / "data" if tag == Tag.DATA_MANIFEST else new
                    found.append(Owner(what.format(name=name), old / inside, new, hashed, digest))
    return found


def _fault(owner: Owner) -> str | None:
    if not owner.new.exists():
        # A run without files has no folder, here or there; a version without files is worth a word.
        return f"{owner.new} does not exist" if owner.old.exists() or owner.what.startswith("version") else None
    if owner.old.exists() and os.path.samefile(owner.old, owner.new):
        return f"{owner.new} is a link to the files in {owner.old}"
    if owner.digest is None:
        return None
    try:
        manifest.verify(owner.hashed, owner.digest, owner.what)
    except ChurnOpsError as error:
        return f"its files in {owner.hashed} differ from the registered ones ({', '.join(error.details['files'][:3])})"
    return None


def _refused(database: Path, owners: list[Owner], reasons: list[str]) -> ChurnOpsError:
    here, old = database.parent, owners[0].old
    more = f" and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
    top = next((part for part in (old, *old.parents) if part.name == "mlruns"), old.parent)
    return ChurnOpsError(
        "STORE_MOVED",
        f"The files of the store {database} are not all in {here}: {'; '.join(reasons[:_SHOWN])}{more}. "
        f"The store names {old} and similar paths. Nothing was changed, here or there.",
        f"Copy all of {top} to {here} (from the old place or a backup), then run `churn-ops doctor --relocate` again.",
        {"store": str(database), "folder": str(here), "recorded": str(top), "reasons": reasons[:20]},
    )
