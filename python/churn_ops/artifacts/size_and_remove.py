"""Size and removal of folders in an artifact store, on this disk or elsewhere."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Any

from churn_ops.artifacts import s3
from churn_ops.artifacts.fetch import local_path
from churn_ops.errors import ChurnOpsError


def size(location: str) -> int:
    """Bytes of all files below an artifact location; 0 when nothing is there.

    Parameters
    ----------
    location : str
        Artifact URI of a run or a logged model.

    Returns
    -------
    int
        Bytes.
    """
    folder = local_path(location)
    if folder is not None:
        return folder_size(folder)
    repository = _repository(location)
    total = 0
    folders: list[str | None] = [None]
    # Each kind of storage has exceptions of its own for a folder that is not there.
    with contextlib.suppress(Exception):
        while folders:
            for entry in repository.list_artifacts(folders.pop()):
                if entry.is_dir:
                    folders.append(entry.path)
                else:
                    total += entry.file_size or 0
    return total


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder; 0 when it is not there."""
    total = 0
    for file in folder.rglob("*"):
        # Another process may take it away meanwhile.
        with contextlib.suppress(OSError):
            if file.is_file():
                total += file.lstat().st_size
    return total


def remove(location: str, owner_id: str) -> int:
    """Remove everything below an artifact location; what is gone already is no error.

    Parameters
    ----------
    location : str
        Artifact URI of a run or a logged model.
    owner_id : str
        Id of that run or model; the location must name it.

    Returns
    -------
    int
        Bytes that were freed.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY`` when the location is not one that MLflow gives to this id: whoever can write to the store
        could have us remove any folder.
    """
    if owner_id not in location.rstrip("/").split("/")[-2:] or ".." in location.split("/"):
        raise ChurnOpsError(
            "MODEL_INTEGRITY",
            f"The files of {owner_id} are recorded in {location}, which is not a folder of its own; they were kept.",
            "Find out who wrote that to the store, then run `churn-ops prune` again.",
            {"location": location},
        )
    freed = size(location)
    folder = local_path(location)
    if folder is None:
        _remove_remote(location)
    elif folder.exists():
        shutil.rmtree(folder)
        if folder.name != owner_id and folder.parent.name == owner_id:
            # MLflow puts the files one folder below; somebody else may have put something next to them.
            with contextlib.suppress(OSError):
                folder.parent.rmdir()
    return freed


def _remove_remote(location: str) -> None:
    s3.check(location, to_write=False)
    repository = _repository(location)
    try:
        with s3.reading(location):
            repository.delete_artifacts()
    except NotImplementedError as error:
        raise ChurnOpsError(
            "NOT_WRITABLE",
            f"The files in {location} cannot be deleted through MLflow: {str(error)[:200]}.",
            "Delete them with that storage's own tools; the versions that used them are already deleted.",
            {"location": location},
        ) from error


def _repository(location: str) -> Any:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(location)
