"""One registered version as the store holds it: facts of its training, files, rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churn_ops.artifacts.fetch import download
from churn_ops.contract import Params, Tag
from churn_ops.integrity import model_types
from churn_ops.store.pages import search_versions
from churn_ops.training.engine.events import Ranked
from churn_ops.versions import searches
from churn_ops.versions.purpose import Purpose
from churn_ops.versions.stored import StoredVersions

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from churn_ops.training.evidence.facts import Facts

_COMPLETE = Purpose(
    "is not complete",
    "Nothing was changed.",
    "Restore its files from a backup, or run `churn-ops train --force` to make new versions.",
)
_NEEDED = (Tag.PARENT_RUN_ID, Tag.THRESHOLD, Tag.HELD_METHOD, Tag.PARAMS)


@dataclass(frozen=True)
class StoredVersion:
    """What training recorded of a version.

    Attributes
    ----------
    model, number, run_id, name : str
        Registered model, version, its run, and the run's name.
    tags : dict of str to str
        Of the version.
    params : dict
        The candidate's parameters with their types.
    metrics : dict of str to float
        Of the run.
    training : dict
        The training's request, without the store.
    folder : pathlib.Path
        The model folder on this machine.
    stored : StoredVersions
        The reader of its rows and answers.
    """

    model: str
    number: str
    run_id: str
    name: str
    tags: dict[str, str]
    params: Params
    metrics: dict[str, float]
    training: dict[str, Any]
    folder: Path
    stored: StoredVersions

    @property
    def parent_run_id(self) -> str:
        """The run that groups the search."""
        return self.tags[Tag.PARENT_RUN_ID]

    @property
    def threshold(self) -> float:
        """A row is flagged when its probability is at least this."""
        return float(self.tags[Tag.THRESHOLD])


def read_version(client: MlflowClient, model: str, number: str) -> StoredVersion:
    """Find a version and read what training recorded of it.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model, number : str
        The registered version.

    Returns
    -------
    StoredVersion
        Its rows are not read yet.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, or ``MODEL_INTEGRITY`` when records or files are missing or damaged.
    """
    from mlflow.exceptions import MlflowException

    stored = StoredVersions(client, model, _COMPLETE)
    tags = stored.tags(number)
    for name in _NEEDED:
        stored.tag(number, name)
    run_id = stored.registered(number).run_id
    try:
        run = client.get_run(str(run_id))
    except MlflowException as error:
        raise stored.unusable(number, f"its run {run_id} no longer exists") from error
    record = download(client, tags[Tag.PARENT_RUN_ID], "training.json")
    return StoredVersion(
        model=model,
        number=number,
        run_id=run.info.run_id,
        name=run.info.run_name or run.info.run_id,
        tags=tags,
        params=json.loads(tags[Tag.PARAMS]),
        metrics=dict(run.data.metrics),
        training=stored.readable(number, record, lambda path: json.loads(path.read_text(encoding="utf-8"))),
        folder=stored.folder(number),
        stored=stored,
    )


def load_model(version: StoredVersion) -> Any:
    """Load the estimator, after a check of its types against our list and not one stored next to it."""
    return version.stored.readable(version.number, version.folder / "model.skops", model_types.load_checked)


def facts_of(client: MlflowClient, version: StoredVersion) -> Facts:
    """Gather everything that the evidence is made from.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    version : StoredVersion
        The version.

    Returns
    -------
    Facts
        With model and the candidates of its search.
    """
    from churn_ops.training.evidence.facts import Facts

    stored, number = version.stored, version.number
    train, test = stored.rows(number, "reference"), stored.rows(number, "held_out")
    held, answered = (stored.answers(number, side).probabilities for side in ("reference", "held_out"))
    if len(held) != len(train) or len(answered) != len(test):
        raise stored.unusable(number, "its stored predictions are for different rows than those of its search")
    return Facts(
        name=version.name,
        registered_model=version.model,
        estimator=version.tags.get(Tag.ESTIMATOR, "forest"),
        params=version.params,
        threshold=version.threshold,
        held_method=version.tags[Tag.HELD_METHOD],
        metrics=dict(version.metrics),
        schema=version.training["schema"],
        train=train,
        test=test,
        held=held,
        answered=answered,
        training={**version.training, "gitCommit": version.tags.get(Tag.GIT_COMMIT)},
        model=load_model(version),
        version=version.number,
        search=_search(client, version),
    )


def _search(client: MlflowClient, version: StoredVersion) -> list[Ranked]:
    members = searches.members_of(client.get_run(version.parent_run_id).data.tags)
    # A search that reused versions lists them all; one that was interrupted has those that name it.
    query = f"name = '{version.model}' and tags.`{Tag.TRAINING}` = '{version.tags[Tag.TRAINING]}'"
    found: list[Ranked] = []
    for other in search_versions(client, query):
        is_ours = other.tags.get(Tag.PARENT_RUN_ID) == version.parent_run_id
        if Tag.DUPLICATE_OF in other.tags or not (is_ours if members is None else other.tags.get(Tag.KEY) in members):
            continue
        data = client.get_run(other.run_id).data
        found.append(
            {
                "name": data.tags.get("mlflow.runName", str(other.run_id)),
                "version": str(other.version),
                "params": json.loads(other.tags[Tag.PARAMS]),
                "metrics": dict(data.metrics),
                "threshold": data.metrics.get("threshold", float(other.tags[Tag.THRESHOLD])),
            }
        )
    return found
