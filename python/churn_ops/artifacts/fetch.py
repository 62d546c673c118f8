"""Local paths of what is in an artifact store; downloaded when it is not on this disk."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse
from urllib.request import url2pathname

from churn_ops.artifacts import s3, s3_errors
from churn_ops.errors import ChurnOpsError
from churn_ops.store import errors as store_errors
from churn_ops.store.http_retries import long_transfers
from churn_ops.store.mlflow_errors import mlflow_errors

if TYPE_CHECKING:
    from churn_ops.store.registry_reader import RegistryClient


def local_path(uri: str) -> Path | None:
    """Local path of an artifact location, as MLflow reads it; None when it is not on this machine's disk."""
    parsed = urlparse(uri)
    if not parsed.netloc and (not parsed.scheme or uri.startswith("file:")):
        # As below; MLflow's import takes a hundred times as long as all else.
        return Path(url2pathname(parsed.path if parsed.scheme else uri))
    from mlflow.utils.file_utils import local_file_uri_to_path
    from mlflow.utils.uri import is_local_uri

    return Path(local_file_uri_to_path(uri)) if is_local_uri(uri, is_tracking_or_registry_uri=False) else None


def download(client: RegistryClient, run_id: str, artifact_path: str) -> Path:
    """Give a local path of a run's artifact, without a copy when the store is local."""
    try:
        uri = f"{client.get_run(run_id).info.artifact_uri}/{artifact_path}"
        path = local_path(uri) or _downloaded(client, uri)
        if not path.exists():
            raise FileNotFoundError(path)
        return path
    except (*mlflow_errors(), LookupError, OSError) as error:
        raise _files_gone(client, f"artifact {artifact_path} of run {run_id}", error) from error


def version_folder(client: RegistryClient, model: str, version: str) -> Path:
    """Give a local path of a registered version's model folder."""
    try:
        uri = client.get_model_version_download_uri(model, version)
        folder = local_path(uri) or _downloaded(client, uri)
        if not (folder / "MLmodel").is_file():
            raise FileNotFoundError(folder / "MLmodel")
    except (*mlflow_errors(), LookupError, OSError) as error:
        raise _files_gone(client, f"version {version} of {model}", error) from error
    return folder


def version_file(client: RegistryClient, model: str, version: str, path: str) -> Path:
    """Give a local path of one file in a registered version's folder; the folder itself is not downloaded."""
    try:
        uri = client.get_model_version_download_uri(model, version)
        folder = local_path(uri)
        return folder / path if folder is not None else _downloaded(client, f"{uri.rstrip('/')}/{path}")
    except (*mlflow_errors(), LookupError, OSError) as error:
        raise _files_gone(client, f"version {version} of {model}", error) from error


def _downloaded(client: RegistryClient, uri: str) -> Path:
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


def artifact_folder(client: RegistryClient, uri: str) -> Path:
    """Give a local path of an artifact location, downloaded when the store is not on this disk."""
    try:
        return local_path(uri) or _downloaded(client, uri)
    except (*mlflow_errors(), LookupError, OSError) as error:
        raise _files_gone(client, uri, error) from error


def _files_gone(client: RegistryClient, what: str, error: BaseException) -> ChurnOpsError:
    known = s3_errors.translate(error) or store_errors.translate(error, client.tracking_uri)
    if known is not None:
        # The server or the disk failed, which says nothing of the files.
        return known
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"The files of {what} cannot be read: {str(error)[:200]}.",
        "Restore them from a backup, or run `churn-ops train --force` to make new versions.",
        {"what": what},
    )
