"""Whether the files of registered versions are there and unchanged."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from churn_ops.artifacts import manifest, s3
from churn_ops.artifacts.fetch import local_path
from churn_ops.contract import Alias, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.upkeep.store_state import StoreState


def find_damaged(state: StoreState, quick: bool) -> dict[str, str]:
    """Check the files of every version that churn-ops made.

    Parameters
    ----------
    state : StoreState
        The store.
    quick : bool
        Look only whether the listed files are there; the champion's are hashed all the same.

    Returns
    -------
    dict of str to str
        By version, what is wrong with its files.
    """
    champion = state.aliases.get(Alias.CHAMPION)
    damaged = {}
    for version in state.versions:
        number = str(version.version)
        if Tag.KEY not in version.tags and number != champion:
            continue
        try:
            _check(state, version, quick and number != champion)
        except ChurnOpsError as error:
            if error.code != "MODEL_INTEGRITY":
                # The storage does not answer, which says nothing of the files.
                raise
            files = ", ".join(error.details.get("files", [])[:3])
            named = f" ({files})" if files and files not in error.message else ""
            damaged[number] = f"{error.message.removesuffix(' Nothing was changed.')}{named}"
    return damaged


def _check(state: StoreState, version: Any, quick: bool) -> None:
    expected, what = version.tags.get(Tag.MANIFEST), f"version {version.version}"
    location = state.client.get_model_version_download_uri(state.model, version.version)
    folder = local_path(location)
    if folder is None:
        _check_remote(state, location, expected, quick, what)
    elif not folder.is_dir():
        raise _missing(what, [str(folder)])
    elif expected is None:
        _check_names(["MLmodel"], _names(folder), what)
    elif quick:
        manifest.verify_file(folder, "MLmodel", expected, what)
        _check_names(_listed(folder), _names(folder), what)
    else:
        manifest.verify(folder, expected, what)


def _check_remote(state: StoreState, location: str, expected: str | None, quick: bool, what: str) -> None:
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    s3.check(location, to_write=False)
    with tempfile.TemporaryDirectory(prefix=f"churn-ops-check-{os.getpid()}-") as scratch:

        def fetch(uri: str) -> Path:
            try:
                with s3.reading(location):
                    return Path(download_artifacts(uri, dst_path=scratch, tracking_uri=state.tracking_uri))
            # Each kind of storage has exceptions of its own for a file that is not there.
            except (MlflowException, OSError, RuntimeError) as error:
                raise _missing(what, [uri.removeprefix(location).lstrip("/") or uri]) from error

        if expected is None:
            fetch(f"{location}/MLmodel")
        elif quick:
            fetch(f"{location}/MLmodel")
            fetch(f"{location}/{manifest.FILE}")
            manifest.verify_file(Path(scratch), "MLmodel", expected, what)
            _check_names(_listed(Path(scratch)), _remote_names(location), what)
        else:
            manifest.verify(fetch(location), expected, what)


def _listed(folder: Path) -> list[str]:
    return list(json.loads((folder / manifest.FILE).read_text())["files"])


def _names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def _remote_names(location: str) -> set[str]:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repository = get_artifact_repository(location)
    found: set[str] = set()
    folders: list[str | None] = [None]
    while folders:
        for entry in repository.list_artifacts(folders.pop()):
            if entry.is_dir:
                folders.append(entry.path)
            else:
                found.add(entry.path)
    return found


def _check_names(wanted: list[str], found: set[str], what: str) -> None:
    gone = sorted(set(wanted) - found)
    if gone:
        raise _missing(what, gone)


def _missing(what: str, files: list[str]) -> ChurnOpsError:
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"The files of {what} are not all there: {', '.join(files[:3])}.",
        "Restore them from a backup, or run `churn-ops rollback` to an intact version.",
        {"what": what, "files": files[:20]},
    )
