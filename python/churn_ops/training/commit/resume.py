"""What an earlier, cut-off attempt at the same search has left in the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import artifact_folder
from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.process import lifetime, owner
from churn_ops.store.pages import search_runs
from churn_ops.training.commit import create_once
from churn_ops.training.commit.version_tags import version_tags
from churn_ops.versions.searches import members_of

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Parent:
    """The run that groups a search.

    Attributes
    ----------
    run_id : str
        Its id.
    finished : bool
        Whether the search has ended in it.
    data_manifest : str
        Digest of the data files that it has; empty when they are not complete.
    members : list of str or None, or None
        Keys of its candidates, None for one that failed; None while it has not ended.
    known_customers : int or None
        How many rows of the first attempt were of customers that earlier trainings had seen.
    """

    run_id: str
    finished: bool
    data_manifest: str
    members: list[str | None] | None
    known_customers: int | None


def find_parent(client: MlflowClient, experiment_id: str, search_key: str, locked: bool) -> Parent | None:
    """Find the run of an earlier attempt at the same search.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    experiment_id : str
        The experiment.
    search_key : str
        Hash of the training and of all its candidates.
    locked : bool
        Whether a lock that all writers share is held, so that nobody else can be working on it.

    Returns
    -------
    Parent or None
        The newest one.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when somebody on another host may be working on it.
    """
    runs = search_runs(client, [experiment_id], f"tags.`{Tag.SEARCH_KEY}` = '{search_key}'")
    if not runs:
        return None
    run = runs[0]
    began = run.data.tags.get(Tag.OWNER, "")
    if run.info.status == "RUNNING" and not locked and owner.is_dead(began) is not True:
        raise ChurnOpsError(
            "BUSY",
            f"The same training is marked as running, by process {owner.pid_of(began)} on {owner.host_of(began)}, "
            "which cannot be checked from here. Nothing was changed.",
            "Run `churn-ops doctor --fix` on that host if the process is dead, or `churn-ops train --force` here.",
            {"runId": run.info.run_id, "owner": began},
        )
    tags = run.data.tags
    known = tags.get(Tag.KNOWN_CUSTOMERS)
    return Parent(
        run.info.run_id,
        run.info.status == "FINISHED",
        tags.get(Tag.DATA_MANIFEST, ""),
        members_of(tags),
        None if known is None else int(known),
    )


def finished_keys(client: MlflowClient, experiment_id: str, parent: Parent) -> set[str]:
    """Give the keys of the candidates that a search has finished; its own plan does not name those of a study."""
    query = f"attributes.status = 'FINISHED' and tags.`mlflow.parentRunId` = '{parent.run_id}'"
    runs = search_runs(client, [experiment_id], query)
    return {run.data.tags[Tag.KEY] for run in runs if Tag.KEY in run.data.tags}


def take_over(client: MlflowClient, parent: Parent) -> None:
    """Make an earlier attempt's run ours and open it again."""
    lifetime.end_if_orphaned()
    client.set_tag(parent.run_id, Tag.OWNER, owner.current())
    client.update_run(parent.run_id, status="RUNNING")


def register_finished(
    client: MlflowClient, model: str, experiment_id: str, training: str, wanted: set[str], watched: bool
) -> int:
    """Register candidates whose run is finished and whose files are in the store, but which have no version.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    model : str
        Name of the registered model.
    experiment_id : str
        The experiment.
    training : str
        Key of the training.
    wanted : set of str
        Keys of candidates without a version.
    watched : bool
        No lock keeps other writers out.

    Returns
    -------
    int
        How many were registered.
    """
    query = f"attributes.status = 'FINISHED' and tags.`{Tag.TRAINING}` = '{training}'"
    done = 0
    # The oldest first: versions are numbered in the order of the search.
    for run in reversed(search_runs(client, [experiment_id], query)):
        tags, outputs = run.data.tags, run.outputs.model_outputs if run.outputs else []
        key = tags.get(Tag.KEY)
        if key not in wanted or Tag.MANIFEST not in tags or not outputs:
            continue
        if not _is_intact(client, outputs[0].model_id, tags[Tag.MANIFEST]):
            continue
        own = {name: value for name, value in tags.items() if not name.startswith("mlflow.")}
        create_once.create_version(
            client, model, outputs[0].model_id, run.info.run_id, version_tags(own, run.data.metrics), watched
        )
        wanted.discard(key)
        done += 1
    return done


def _is_intact(client: MlflowClient, model_id: str, digest: str) -> bool:
    try:
        location = client.get_logged_model(model_id).artifact_location
        manifest.verify(artifact_folder(client, location), digest, f"the model {model_id}")
    # Files that are gone or changed are no reason to stop: the candidate is then trained again.
    except ChurnOpsError:
        return False
    return True
