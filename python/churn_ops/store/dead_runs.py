"""Runs that a dead process left open: found by their owner, ended with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from churn_ops.contract import Tag
from churn_ops.process import owner
from churn_ops.store.pages import search_runs

if TYPE_CHECKING:
    from mlflow import MlflowClient


def open_runs(client: MlflowClient, experiment_id: str) -> list[Any]:
    """Give the runs of ours that are still in status RUNNING, whoever began them."""
    found = search_runs(client, [experiment_id], "attributes.status = 'RUNNING'")
    return [run for run in found if Tag.OWNER in run.data.tags]


def end_dead_runs(client: MlflowClient, experiment_id: str, held_training: str | None = None) -> list[dict[str, Any]]:
    """Mark the open runs of dead processes as KILLED, with the reason as a tag.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    experiment_id : str
        The experiment of the runs.
    held_training : str or None
        Key of a training whose lock this process holds: whoever began its runs is dead, on whatever host.

    Returns
    -------
    list of dict
        ``runId``, ``name`` and ``owner`` of the runs that were ended. Runs of living owners, and of owners that cannot
        be judged from here, are left alone.
    """
    ended = []
    for run in open_runs(client, experiment_id):
        tags = run.data.tags
        began = tags[Tag.OWNER]
        held = held_training is not None and tags.get(Tag.TRAINING) == held_training
        if began == owner.current() or not (held or owner.is_dead(began)):
            continue
        why = f"process {owner.pid_of(began)} on {owner.host_of(began)} ended without finishing it"
        client.set_tag(run.info.run_id, Tag.ENDED_BECAUSE, why)
        client.set_terminated(run.info.run_id, "KILLED")
        ended.append({"runId": run.info.run_id, "name": run.info.run_name or "", "owner": began})
    return ended
