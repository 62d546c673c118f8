"""Local paths of what is in an artifact store; downloaded when it is not on this disk."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from churn_ops.artifacts import s3, s3_errors
from churn_ops.errors import ChurnOpsError
from churn_ops.store import errors as store_errors
from churn_ops.store.http_retries import long_transfers

if TYPE_CHECKING:
    from mlflow import MlflowClient


def local_path(uri: str) -> Path | None:
    """Local path of an artifact location; None when it is not on this machine's disk."""
    from mlflow.utils.file_utils import local_file_uri_to_path
    from mlflow.utils.uri import is_local_uri

    return Path(local_file_uri_to_path(uri)) if is_local_uri(uri, is_tracking_or_registry_uri=False) else None


def download(client: MlflowClient, run_id: str, artifact_path: str) -> Path:
    """Give a local path of a run's artifact, without a copy when the store is local."""
    from mlflow.exceptions import MlflowException

    try:
        uri = f"{client.get_run(run_id).info.artifact_uri}/{artifact_path}"
        path = local_path(uri) or _downloaded(client, uri)
        if not path.exists():
            raise FileNotFoundError(path)
        return path
    except (MlflowException, OSError) as error:
        raise _files_gone(f"artifact {artifact_path} of run {run_id}", error) from error


def version_folder(client: MlflowClient, model: str, version: str) -> Path:
    """Give a local path of a registered version's model folder."""
    from mlflow.exceptions import MlflowException

    try:
        uri = client.get_model_version_download_uri(model, version)
        folder = local_path(uri) or _downloaded(client, uri)
        if not (folder / "MLmodel").is_file():
            raise FileNotFoundError(folder / "MLmodel")
    except (MlflowException, OSError) as error:
        raise _files_gone(f"version {version} of {model}", error) from error
    return folder


def version_file(client: MlflowClient, model: str, version: str, path: str) -> Path:
    """Give a local path of one file in a registered version's folder; the folder itself is not downloaded."""
    from mlflow.exceptions import MlflowException

    try:
        uri = client.get_model_version_download_uri(model, version)
        folder = local_path(uri)
        return folder / path if folder is not None else _downloaded(client, f"{uri.rstrip('/')}/{path}")
    except (MlflowException, OSError) as error:
        raise _files_gone(f"version {version} of {model}", error) from error


def _downloaded(client: MlflowClient, uri: str) -> Path:
    from mlflow.artifacts import download_artifacts

    s3.check(uri, to_write=False)
    # Left to itself, MLflow makes a temporary folder for each download that nobody removes.
    folder = tempfile.mkdtemp(dir=_downloads())
    with s3.reading(uri), long_transfers():
        return Path(download_artifacts(artifact_uri=uri, tracking_uri=client.tracking_uri, dst_path=folder))


@functools.cache
def _downloads() -> str:
    folder = tempfile.mkdtemp(prefix=f"churn-ops-downloads-{os.getpid()}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def artifact_folder(client: MlflowClient, uri: str) -> Path:
    """Give a local path of an artifact location, downloaded when the store is not on this disk."""
    from mlflow.exceptions import MlflowException

    try:
        return local_path(uri) or _downloaded(client, uri)
    except (MlflowException, OSError) as error:
        raise _files_gone(uri, error) from error


def _current_store() -> str:
    import mlflow

    return mlflow.get_tracking_uri()


def _files_gone(what: str, error: Exception) -> ChurnOpsError:
    known = s3_errors.translate(error) or store_errors.translate(error, _current_store())
    if known is not None:
        # The server or the disk failed, which says nothing of the files.
        return known
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"The files of {what} cannot be read: {str(error)[:200]}.",
        "Restore them from a backup, or run `churn-ops train --force` to make new versions.",
        {"what": what},
    )
