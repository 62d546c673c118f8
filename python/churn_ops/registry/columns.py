"""The method ``registry.columns``: which columns and values a version has learned."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from churn_ops.artifacts.fetch import download, version_folder
from churn_ops.contract import Column, KnownColumn, Tag, VersionRequest
from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.store.connect import connect
from churn_ops.table.column_types import is_whole, kind_of
from churn_ops.versions.stored import StoredVersions

if TYPE_CHECKING:
    from churn_ops.store.registry_reader import RegistryClient

#: In the run of a search; the schema as trained, with the values of its categories.
FILE = "columns.json"


def columns(request: VersionRequest, _progress: Progress) -> list[KnownColumn]:
    """Give the columns of a version, as far as they are known.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY``, or of the store.
    """
    store, version = request["store"], request["version"]
    stored = stored_versions(connect(store["trackingUri"], must_exist=True), store["model"])
    parent = stored.tags(version).get(Tag.PARENT_RUN_ID)
    if parent is None:
        return _of_signature(stored, version)
    found = _record(stored.client, parent, FILE)
    if found is not None:
        return [_column(each, each["values"]) for each in found]
    # A search of an earlier release has the schema alone.
    training = _record(stored.client, parent, "training.json")
    if training is not None:
        return [_column(each, None) for each in training["schema"]["features"]]
    return _of_signature(stored, version)


def _record(client: RegistryClient, run_id: str, name: str) -> Any:
    try:
        return json.loads(download(client, run_id, name).read_text(encoding="utf-8"))
    except (ChurnOpsError, ValueError) as error:
        if isinstance(error, ChurnOpsError) and error.code not in ("MODEL_INTEGRITY", "STORE_DELETED"):
            raise
        return None


def _column(column: Column, values: list[str] | None) -> KnownColumn:
    return {
        "name": column["name"],
        "kind": column["kind"],
        "integer": bool(column.get("integer", False)),
        "sensitive": bool(column.get("sensitive", False)),
        "required": True,
        "values": values,
    }


def _of_signature(stored: StoredVersions, version: str) -> list[KnownColumn]:
    from mlflow.models import Model

    # Checked before, wherever something of it is loaded; here it only says its columns.
    folder = version_folder(stored.client, stored.model, version)
    signature = Model.load(str(folder)).signature
    if signature is None or signature.inputs is None or not signature.inputs.has_input_names():
        return []
    found: list[KnownColumn] = []
    for column in signature.inputs.inputs:
        name = getattr(column.type, "name", "")
        found.append(
            {
                "name": column.name,
                "kind": kind_of(name),
                "integer": is_whole(name),
                "sensitive": False,
                "required": column.required,
                "values": None,
            }
        )
    return found
