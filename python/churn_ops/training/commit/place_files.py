"""Bring a model's files into the store: whole, on the disk, and the same bytes as before."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import local_path
from churn_ops.process import atomic_file, crash_points
from churn_ops.store.http_retries import long_transfers

if TYPE_CHECKING:
    from mlflow import MlflowClient


def place(client: MlflowClient, folder: Path, model_id: str, location: str, digest: str) -> None:
    """Move or upload a model folder, make it survive a power cut, and hash it again where it is.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    folder : pathlib.Path
        The complete folder with its manifest.
    model_id : str
        The logged model.
    location : str
        Its place in the store.
    digest : str
        What the manifest must give.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY`` when the store gives other bytes than it was given.
    """
    destination = local_path(location)
    with crash_points.around("place"):
        if destination is None:
            with long_transfers():
                client.log_model_artifacts(model_id, str(folder))
        else:
            _move(folder, destination)
    with crash_points.around("sync"):
        if destination is not None:
            sync(destination)
            manifest.verify(destination, digest, f"the new model {model_id}")
        else:
            _verify_remote(client, model_id, location, digest, folder.parent)


def _move(folder: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    try:
        # A rename is all or nothing; the version that will name this folder does not exist yet.
        os.rename(folder, destination)
    except OSError:
        shutil.copytree(folder, destination, dirs_exist_ok=True)


def sync(folder: Path) -> None:
    """Have the kernel write a folder and all in it to the disk."""
    # A failed fsync is not tried again: the second one would say that all is well (PostgreSQL's fsyncgate).
    for path in [*folder.rglob("*"), folder, folder.parent]:
        atomic_file.sync(path)


def _verify_remote(client: MlflowClient, model_id: str, location: str, digest: str, scratch: Path) -> None:
    from mlflow.artifacts import download_artifacts

    with tempfile.TemporaryDirectory(dir=scratch) as read_back, long_transfers():
        fetched = download_artifacts(artifact_uri=location, tracking_uri=client.tracking_uri, dst_path=read_back)
        manifest.verify(Path(fetched), digest, f"the new model {model_id}")
