"""A small project that tests move, copy and restore: a database, files beside it, and the tag of our own trainings."""

import hashlib
import shutil
from pathlib import Path

from mlflow import MlflowClient
from upkeep_store import UpkeepStore

from churn_ops.artifacts import root as artifact_root
from churn_ops.store import path_urls


def make_project(folder: Path, artifacts: Path | None = None, noted: bool = True) -> UpkeepStore:
    """Make a store with two trainings.

    Parameters
    ----------
    folder : pathlib.Path
        The project; made when it is not there.
    artifacts : pathlib.Path or None
        A root for files, as the setting names it.
    noted : bool
        False for a store from before we noted its place.
    """
    folder.mkdir(parents=True, exist_ok=True)
    location = (folder / "mlruns" if artifacts is None else artifacts) / "customerchurn"
    store = UpkeepStore(folder, artifacts=location.as_uri(), address=path_urls.sqlite_address(folder / "mlflow.db"))
    if noted:
        note(store.client, folder)
    for name in "ab":
        store.training(name)
    return store


def note(client: MlflowClient, folder: Path) -> None:
    """Do what a training does when it finds its experiment."""
    request = {"store": {"trackingUri": path_urls.sqlite_address(folder / "mlflow.db")}, "experiment": "customerchurn"}
    artifact_root.experiment(client, {**request, "artifacts": None})


def copied(source: Path, target: Path) -> Path:
    """Copy a project as ``cp -r`` does."""
    shutil.copytree(source, target, symlinks=True)
    return target


def bytes_in(folder: Path) -> dict[str, str]:
    """Hash every file of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".lock" not in path.name)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
