"""Check single files of a version or of a search before they are read."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import download, version_file
from churn_ops.contract import Tag
from churn_ops.store.mlflow_errors import mlflow_errors

if TYPE_CHECKING:
    from churn_ops.store.registry_reader import RegistryClient


def verified_file(client: RegistryClient, model: str, version: str, tags: Mapping[str, str], name: str) -> Path:
    """Check one file of a version and give its path; the rest is neither read nor downloaded.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY``.
    """
    what = f"version {version} of {model}"
    expected = tags.get(Tag.MANIFEST)
    file = version_file(client, model, version, name)
    if expected is None:
        return file
    listing = version_file(client, model, version, manifest.FILE)
    return manifest.verify_file(_in_one_folder(listing, file, name), name, expected, what)


def verified_data(client: RegistryClient, run_id: str, name: str) -> Path:
    """Check one file of a search's rows and give its path.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    run_id : str
        The run that groups the search.
    name : str
        Such as ``reference.parquet``.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY``; a search of an earlier release has no manifest, and its file is taken as it is.
    """
    file = download(client, run_id, f"data/{name}")
    try:
        expected = client.get_run(run_id).data.tags.get(Tag.DATA_MANIFEST)
    except (*mlflow_errors(), LookupError):
        expected = None
    if expected is None:
        return file
    listing = download(client, run_id, f"data/{manifest.FILE}")
    return manifest.verify_file(_in_one_folder(listing, file, name), name, expected, f"the rows of search {run_id}")


def _in_one_folder(listing: Path, file: Path, name: str) -> Path:
    place = listing.parent / name
    if place != file:
        # Each download is in a folder of its own.
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, place)
    return listing.parent
