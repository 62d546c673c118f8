"""Where a new experiment keeps its files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from churn_ops.artifacts import s3, s3_location
from churn_ops.contract import Nothing, ReachableRequest, Tag
from churn_ops.store import address as store_address
from churn_ops.store import deleted, path_urls
from churn_ops.store import place as store_place

if TYPE_CHECKING:
    from mlflow import MlflowClient


def check(request: ReachableRequest) -> None:
    """Refuse a setting that cannot be used, before anything is made.

    Raises
    ------
    ChurnOpsError
        ``ARTIFACTS_UNREACHABLE``.
    """
    wanted = _wanted(request)
    if wanted is not None:
        s3.check(wanted, to_write=True)


def reachable(request: ReachableRequest, _progress: object) -> Nothing:
    """Run the method ``store.reachable``: ask store and storage, before the imports of a training.

    Raises
    ------
    ChurnOpsError
        As ``store_address.check_reachable``, or ``ARTIFACTS_UNREACHABLE``.
    """
    store_address.check_reachable(request["store"]["trackingUri"], must_exist=False)
    wanted = _wanted(request)
    if wanted is not None:
        s3.check(wanted, to_write=False)
    return {}


def experiment(client: MlflowClient, request: ReachableRequest) -> tuple[str, list[str]]:
    """Find or create the experiment of a training.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.

    Returns
    -------
    tuple of str and list of str
        MLflow's id, and what there is to say about the place of its files.

    Raises
    ------
    ChurnOpsError
        ``ARTIFACTS_UNREACHABLE``.
    """
    from mlflow.exceptions import MlflowException

    name, wanted = request["experiment"], _wanted(request)
    found = client.get_experiment_by_name(name)
    if found is None:
        location = wanted or _default(request["store"]["trackingUri"], name)
        if location is not None:
            s3.check(location, to_write=True)
        try:
            made = client.create_experiment(name, artifact_location=location, tags=_place(request))
            return str(made), _server_decides(request)
        except MlflowException:
            # Another training may have been faster.
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    if found.lifecycle_stage == "deleted":
        raise deleted.experiment(str(found.experiment_id), name)
    s3.check(found.artifact_location, to_write=True)
    _note_place(client, found, request)
    if wanted is None or _is_same(wanted, found.artifact_location):
        return str(found.experiment_id), _server_decides(request)
    here = found.artifact_location
    note = f"The experiment {name} still keeps its files in {here}; the setting artifacts is for new experiments."
    return str(found.experiment_id), [note]


def _wanted(request: ReachableRequest) -> str | None:
    root = request.get("artifacts")
    if root is None or _is_http(request):
        return None
    name = request["experiment"]
    return f"{root}/{quote(name, safe='')}" if s3_location.is_s3(root) else path_urls.file_url(Path(root) / name)


def _default(tracking_uri: str, name: str) -> str | None:
    if store_address.is_http(tracking_uri):
        return None
    database = store_address.sqlite_file(tracking_uri)
    # MLflow would take the folder in which the next command runs.
    folder = Path.cwd() if database is None else database.parent
    return path_urls.file_url(folder / "mlruns" / name)


def _place(request: ReachableRequest) -> dict[str, str]:
    database = store_address.sqlite_file(request["store"]["trackingUri"])
    return {} if database is None else {Tag.STORE: str(database)}


def _note_place(client: MlflowClient, found: Any, request: ReachableRequest) -> None:
    database = store_address.sqlite_file(request["store"]["trackingUri"])
    if database is None or found.tags.get(Tag.STORE) == str(database):
        return
    # The files are in place, or training would have been refused. A copy stays a copy while its original exists.
    if store_place.original_of(database) is None:
        client.set_experiment_tag(found.experiment_id, Tag.STORE, str(database))


def _server_decides(request: ReachableRequest) -> list[str]:
    if request.get("artifacts") is None or not _is_http(request):
        return []
    return ["The tracking server decides where files are kept; the setting artifacts was not used."]


def _is_http(request: ReachableRequest) -> bool:
    return store_address.is_http(request["store"]["trackingUri"])


def _is_same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(location: str) -> str:
    from churn_ops.artifacts.fetch import local_path

    path = local_path(location)
    return re.sub(r"/+$", "", location) if path is None else str(path.resolve())
