"""What must be true of the runs of a store at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from churn_ops.contract import Finding, Tag
from churn_ops.process import owner
from churn_ops.store import deleted
from churn_ops.upkeep import leftovers
from churn_ops.upkeep.findings import note, verdict
from churn_ops.upkeep.store_state import StoreState, owner_of

if TYPE_CHECKING:
    pass


def no_dead_runs(state: StoreState) -> list[Finding]:
    """I5: no run is said to go on whose process is gone."""
    dead, unknown = {}, []
    for run in state.runs:
        began = owner_of(run)
        if run.info.status != "RUNNING" or not began:
            continue
        judged = owner.is_dead(began)
        if judged:
            said = f"run {run.info.run_id} is RUNNING and its process, {owner.pid_of(began)}, is dead"
            dead[run.info.run_id] = said
        elif judged is None:
            unknown.append(run.info.run_id)
    found = verdict("I5", dead, "no run of a dead process is marked as running", "REGISTRY_DISAGREES")
    if unknown:
        said = f"{len(unknown)} running runs belong to processes that cannot be checked from here"
        found.append(note("I5", said, unknown))
    return found


def unfinished_trainings(state: StoreState) -> list[Finding]:
    """I6: trainings that were begun and left; interrupted moves are found from the versions."""
    found: list[Finding] = []
    folders = leftovers.unfinished_trainings()
    if folders:
        said = f"{len(folders)} trainings were interrupted; run the same `churn-ops train` again to resume them"
        found.append(note("I6", said, [str(folder) for folder in folders]))
    waiting = unregistered_runs(state)
    if waiting:
        said = f"{len(waiting)} finished candidates have no version; run the same `churn-ops train` to register them"
        found.append(note("I6", said, [run.info.run_id for run in waiting]))
    return found


def nothing_is_deleted(state: StoreState) -> list[Finding]:
    """I9: no run or experiment that versions need is deleted."""
    problems, cures = {}, []
    for run in _needed_runs(state):
        kept = state.experiment(run.info.experiment_id)
        if kept is not None and kept.lifecycle_stage == "deleted":
            # With its runs: they come back with it.
            subject, said = kept.experiment_id, f"the experiment {kept.name} (id {kept.experiment_id})"
            cure = deleted.restore_experiment(kept.experiment_id)
        elif run.info.lifecycle_stage == "deleted":
            subject, said = run.info.run_id, f"the run {run.info.run_id}"
            cure = deleted.restore_run(run.info.run_id)
        else:
            continue
        if subject not in problems:
            problems[subject] = f"{said} of our versions was deleted in MLflow; `mlflow gc` would delete it permanently"
            cures.append(cure)
    (found,) = verdict("I9", problems, "no run or experiment that a version needs was deleted in MLflow", deleted.CODE)
    return [{**found, "cure": "; ".join(cures[:3])} if cures else found]


def _needed_runs(state: StoreState) -> list[Any]:
    ours = [version for version in state.versions if Tag.KEY in version.tags]
    ids = dict.fromkeys(
        run_id for version in ours for run_id in (version.tags.get(Tag.PARENT_RUN_ID), version.run_id) if run_id
    )
    return [run for run in map(state.run, ids) if run is not None]


def unregistered_runs(state: StoreState) -> list[Any]:
    """Find finished candidates whose registration a kill prevented.

    Parameters
    ----------
    state : StoreState
        The store.

    Returns
    -------
    list of mlflow.entities.Run
        Runs in status FINISHED with a key and a manifest that no version of any model names.
    """
    finished = [
        run
        for run in state.runs
        if run.info.status == "FINISHED" and Tag.KEY in run.data.tags and Tag.MANIFEST in run.data.tags
    ]
    known = {version.tags.get(Tag.KEY) for version in state.versions}
    return [
        run for run in finished if run.data.tags[Tag.KEY] not in known and run.info.run_id not in state.registered_runs
    ]
