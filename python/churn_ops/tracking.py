"""The connection to MLflow: where the store is, whether it answers, where files lie."""

from __future__ import annotations

import atexit
import functools
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churn_ops import artifact_storage, new_store, postgres_engine, store_address, store_errors, store_schema
from churn_ops.errors import ChurnOpsError
from churn_ops.retries import long_transfers
from churn_ops.retries import without_retries as without_retries
from churn_ops.store_address import state_folder as state_folder
from churn_ops.store_locks import store_lock as store_lock
from churn_ops.store_locks import training_lock as training_lock

if TYPE_CHECKING:
    from mlflow import MlflowClient


def connect(tracking_uri: str, must_exist: bool = False) -> MlflowClient:
    """Open a store and make it MLflow's current one.

    Parameters
    ----------
    tracking_uri : str
        ``sqlite:///…``, ``postgresql://…`` or ``http(s)://…``.
    must_exist : bool
        Refuse to create a SQLite store that is not there.

    Returns
    -------
    mlflow.MlflowClient
        A client of tracking and registry.

    Raises
    ------
    ChurnOpsError
        ``STORE_UNREACHABLE``, ``STORE_SCHEMA``, ``NOT_WRITABLE`` or ``NO_VERSIONS``.
    """
    store_address.check_reachable(tracking_uri, must_exist)
    store_schema.check(tracking_uri)
    import mlflow
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    database = store_address.sqlite_file(tracking_uri)
    if database is not None:
        _make_no_folders()
    is_new = database is not None and not database.exists()
    from_template = is_new and new_store.copy_template(database)
    if is_new and not from_template:
        new_store.create(database)
    try:
        with postgres_engine.opened(tracking_uri) as address:
            mlflow.set_tracking_uri(address)
            mlflow.set_registry_uri(address)
            client = MlflowClient(tracking_uri=address, registry_uri=address)
            client.search_experiments(max_results=1)
    except ChurnOpsError:
        raise
    except MlflowException as error:
        raise store_errors.translate(error, tracking_uri) or store_address.store_error(tracking_uri, error) from error
    except Exception as error:
        known = store_errors.translate(error, tracking_uri)
        raise known or store_address.unreachable(tracking_uri, str(error)) from error
    if is_new and not from_template:
        new_store.keep_template(database)
    return client


def _make_no_folders() -> None:
    from mlflow.store.db import utils

    # MLflow takes an address for a path as it stands: beside `a%20b` it would make an empty `a%2520b`.
    utils._make_parent_dirs_if_sqlite = lambda _address: None


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

    artifact_storage.check(uri, to_write=False)
    # Left to itself, MLflow makes a temporary folder for each download that nobody removes.
    folder = tempfile.mkdtemp(dir=_downloads())
    with artifact_storage.reading(uri), long_transfers():
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


def search_versions(client: MlflowClient, query: str) -> list[Any]:
    """Find registered versions, all pages of them."""
    found: list[Any] = []
    token = None
    while True:
        page = client.search_model_versions(query, max_results=1000, page_token=token)
        found.extend(page)
        token = page.token
        if not token:
            return found


def _current_store() -> str:
    import mlflow

    return mlflow.get_tracking_uri()


def cores() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _files_gone(what: str, error: Exception) -> ChurnOpsError:
    known = store_errors.translate(error, _current_store())
    if known is not None:
        # The server or the disk failed, which says nothing of the files.
        return known
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"The files of {what} cannot be read: {str(error)[:200]}.",
        "Restore them from a back-up, or run `churn-ops train --force` to make new versions.",
        {"what": what},
    )
