"""Make runs and versions that must not exist twice, through a connection that may lose an answer.

A server can have done what was asked and its answer be lost on the way. So nothing here is repeated by the client
itself; after an error the thing is looked for by a tag of its own, and asked for again only when it is not there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from churn_ops.contract import Tag
from churn_ops.process import lifetime
from churn_ops.store.http_retries import without_retries
from churn_ops.store.pages import search_runs, search_versions

if TYPE_CHECKING:
    from mlflow import MlflowClient

Made = TypeVar("Made")


def ensure_registered_model(client: MlflowClient, name: str) -> None:
    """Create the registered model when it is not there."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(
            name,
            tags={Tag.MODEL: "true"},
            description="Customer-churn model, trained and promoted by churn-ops.",
        )
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def create_run(client: MlflowClient, experiment_id: str, name: str, tags: dict[str, str]) -> str:
    """Make one run.

    Returns
    -------
    str
        Its id.
    """
    attempt = uuid.uuid4().hex

    def create() -> str:
        run = client.create_run(experiment_id, run_name=name, tags={**tags, Tag.ATTEMPT: attempt})
        return str(run.info.run_id)

    def look() -> str | None:
        found = search_runs(client, [experiment_id], f"tags.`{Tag.ATTEMPT}` = '{attempt}'")
        return found[0].info.run_id if found else None

    return _once(create, look)


def create_version(
    client: MlflowClient, model: str, model_id: str, run_id: str, tags: dict[str, str], watched: bool
) -> str:
    """Register one version; its key is in the call that makes it.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    model : str
        Name of the registered model.
    model_id : str
        The logged model, whose files are in the store.
    run_id : str
        Its run.
    tags : dict of str to str
        With ``churnops.key``.
    watched : bool
        No lock keeps other writers out, so look for a duplicate afterwards.

    Returns
    -------
    str
        The version that counts for the key: the one with the lowest number.
    """
    key = tags[Tag.KEY]

    def create() -> str:
        lifetime.end_if_orphaned()
        made = client.create_model_version(
            model,
            f"models:/{model_id}",
            run_id=run_id,
            tags=tags,
            model_id=model_id,
            # Declared without the None that it takes.
            await_creation_for=cast(int, None),
        )
        return str(made.version)

    def look() -> str | None:
        found = versions_of_key(client, model, key)
        return str(found[0].version) if found else None

    version = _once(create, look)
    if not watched:
        return version
    canonical, *doubles = versions_of_key(client, model, key)
    for double in doubles:
        client.set_model_version_tag(model, double.version, Tag.DUPLICATE_OF, str(canonical.version))
    return str(canonical.version)


def versions_of_key(client: MlflowClient, model: str, key: str) -> list[Any]:
    """Find the versions of one key, the canonical one, which has the lowest number, first."""
    found = search_versions(client, f"name = '{model}' and tags.`{Tag.KEY}` = '{key}'")
    return sorted(found, key=lambda version: int(version.version))


def _once(create: Callable[[], Made], look: Callable[[], Made | None]) -> Made:
    try:
        with without_retries():
            return create()
    # Whatever went wrong on the way, the store alone knows whether it was done.
    except Exception:  # noqa: BLE001
        found = look()
        if found is not None:
            return found
    with without_retries():
        return create()
