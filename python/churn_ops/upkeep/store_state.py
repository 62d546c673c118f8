"""What a store holds of a model and of our runs, read once for checks and for pruning."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from churn_ops.contract import StoreRules, Tag
from churn_ops.process import owner
from churn_ops.store.pages import every, search_runs, search_versions
from churn_ops.versions.moves import TaggedMove, moves_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

DAY_SECONDS = 86_400


@dataclass
class StoreState:
    """The versions of one model, and the runs that churn-ops has made.

    Attributes
    ----------
    client : mlflow.MlflowClient
        An open store.
    tracking_uri : str
        Its address.
    model : str
        Name of the registered model.
    """

    client: MlflowClient
    tracking_uri: str
    model: str
    _runs: dict[str, Any] = field(default_factory=dict)
    _experiments: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def versions(self) -> list[Any]:
        """The model's versions, the oldest first."""
        found = search_versions(self.client, f"name = '{self.model}'")
        return sorted(found, key=lambda version: int(version.version))

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Version by alias."""
        if not self.versions:
            return {}
        found = self.client.get_registered_model(self.model).aliases
        return {alias: str(version) for alias, version in found.items()}

    @cached_property
    def moves(self) -> list[TaggedMove]:
        """Every move that the tags tell of, the oldest first."""
        entries = [entry for version in self.versions for entry in moves_of(version.tags).values()]
        return sorted(entries, key=lambda entry: entry["at"])

    @cached_property
    def experiments(self) -> list[str]:
        """Ids of all experiments."""
        return [str(each.experiment_id) for each in every(self.client.search_experiments)]

    @cached_property
    def runs(self) -> list[Any]:
        """Every run of ours that is not deleted; those of older releases have no owner."""
        return [run for run in search_runs(self.client, self.experiments, "") if Tag.TRAINING in run.data.tags]

    def run(self, run_id: str) -> Any | None:
        """Give a run by its id, deleted or not; None when there is none."""
        from mlflow.exceptions import MlflowException

        if not self._runs:
            self._runs = {run.info.run_id: run for run in self.runs}
        if run_id not in self._runs:
            try:
                self._runs[run_id] = self.client.get_run(run_id)
            except MlflowException:
                self._runs[run_id] = None
        return self._runs[run_id]

    def experiment(self, experiment_id: str) -> Any | None:
        """Give an experiment by its id, deleted or not; None when there is none."""
        from mlflow.exceptions import MlflowException

        if experiment_id not in self._experiments:
            try:
                self._experiments[experiment_id] = self.client.get_experiment(experiment_id)
            except MlflowException:
                self._experiments[experiment_id] = None
        return self._experiments[experiment_id]

    @cached_property
    def registered_runs(self) -> set[str]:
        """Runs that a version of any model names."""
        return {version.run_id for version in search_versions(self.client, "") if version.run_id}


def may_be_running(run: Any) -> bool:
    """Tell whether the process that began a run may still be working on it."""
    began = owner_of(run)
    if run.info.status != "RUNNING" or owner.is_dead(began):
        return False
    # An earlier release named no owners.
    return bool(began) or time.time() - run.info.start_time / 1000 < StoreRules.OWNERLESS_SECONDS


def owner_of(run: Any) -> str:
    """Give the owner tag of a run; empty for a run of an older release."""
    return run.data.tags.get(Tag.OWNER, "")
