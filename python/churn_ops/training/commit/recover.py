"""What the store has of a search before it begins: runs of dead processes are ended, finished candidates registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from churn_ops.process import crash_points
from churn_ops.progress import Progress
from churn_ops.store import address as store_address
from churn_ops.store import dead_runs
from churn_ops.training.commit import resume
from churn_ops.training.commit.commit_lock import commit_lock
from churn_ops.training.commit.reuse import registered
from churn_ops.training.engine.plan import Planned
from churn_ops.training.split_request import SplitRequest

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Recovered:
    """What is there of a search.

    Attributes
    ----------
    parent : resume.Parent or None
        The run of an earlier attempt.
    versions : dict of str to mlflow.entities.model_registry.ModelVersion
        Versions of the training, by key.
    keys : list of str or None
        Key of each candidate of the plan, as far as it is known.
    """

    parent: resume.Parent | None
    versions: dict[str, Any]
    keys: list[str | None]


def recover(
    client: MlflowClient,
    request: SplitRequest,
    training: str,
    search_key: str,
    candidates: list[Planned],
    experiment: str,
    progress: Progress,
) -> Recovered:
    """Put right what earlier attempts left in the store, and give what can be used of it.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    training : str
        Key of the training.
    search_key : str
        Hash of the training and of all its candidates.
    candidates : list of Planned
        All candidates of the search.
    experiment : str
        Id of the experiment.
    progress : callable
        Takes phase, done, total and text.
    """
    locked = not store_address.is_http(request["store"]["trackingUri"])
    model = request["store"]["model"]
    parent = resume.find_parent(client, experiment, search_key, locked)
    keys: list[str | None] = [candidate["key"] for candidate in candidates]
    if request["search"]["kind"] == "optuna":
        # What a study draws is known when it has run to its end once.
        keys = (parent.members if parent is not None else None) or [None] * len(candidates)
    with crash_points.around("recover"), commit_lock(request, progress):
        dead_runs.end_dead_runs(client, experiment, training if locked else None)
        versions = registered(client, model, training)
        if parent is not None:
            finished = resume.finished_keys(client, experiment, parent)
            wanted = ({key for key in keys if key is not None} | finished) - versions.keys()
            if wanted and resume.register_finished(client, model, experiment, training, wanted, not locked):
                versions = registered(client, model, training)
    return Recovered(parent, versions, keys)
