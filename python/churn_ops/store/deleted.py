"""What somebody deleted in MLflow, in its UI or by its client, and the line that brings it back."""

from __future__ import annotations

import re

from churn_ops.errors import ChurnOpsError

CODE = "STORE_DELETED"
_KEPT = "Finished work is kept."
_ANEW = "run `churn-ops train --force` and `churn-ops promote` to make new versions"


def restore_experiment(experiment_id: str) -> str:
    """Give the command that restores an experiment with its runs."""
    return f"churn-ops mlflow experiments restore --experiment-id {experiment_id}"


def restore_run(run_id: str) -> str:
    """Give the command that restores a run."""
    return f"churn-ops mlflow runs restore --run-id {run_id}"


def experiment(experiment_id: str, name: str | None = None) -> ChurnOpsError:
    """Make the error for an experiment in MLflow's bin."""
    called = f"{name} (id {experiment_id})" if name else experiment_id
    return ChurnOpsError(
        CODE,
        f"The experiment {called} was deleted in MLflow, so nothing can be written to it. {_KEPT}",
        f'Restore it with `{restore_experiment(experiment_id)}`, or set another "experiment" in the settings.',
        {"experiment": experiment_id, "restore": restore_experiment(experiment_id)},
    )


def translate(text: str) -> ChurnOpsError | None:
    """Find out whether an error of MLflow is about something that was deleted.

    Parameters
    ----------
    text : str
        Its message; over HTTP with the code before it.

    Returns
    -------
    ChurnOpsError or None
        ``STORE_DELETED`` or ``VERSION_UNKNOWN``.
    """
    found = re.search(r"The experiment (\S+) must be in the 'active' state", text)
    if found:
        return experiment(found[1])
    found = re.search(r"The run (\w+) must be in the 'active' state", text)
    if found:
        return ChurnOpsError(
            CODE,
            f"The run {found[1]} was deleted in MLflow, so nothing can be written to it. {_KEPT}",
            f"Restore it with `{restore_run(found[1])}`, then run the same command again.",
            {"run": found[1], "restore": restore_run(found[1])},
        )
    found = re.search(r"Experiment '(.+)' already exists in deleted state", text)
    if found:
        return ChurnOpsError(
            CODE,
            f"The experiment {found[1]} was deleted in MLflow, so nothing can be written to it. {_KEPT}",
            "Restore it with `churn-ops mlflow experiments restore --experiment-id ID`; "
            "`churn-ops mlflow experiments search --view deleted_only` shows the id.",
            {"experiment": found[1]},
        )
    found = re.search(r"Model Version \(name=(.+), version=(\d+)\) not found", text)
    if found:
        return ChurnOpsError(
            "VERSION_UNKNOWN",
            f"The registry has no version {found[2]} of {found[1]} any longer. {_KEPT}",
            "Run `churn-ops models` to list its versions.",
            {"version": found[2]},
        )
    for pattern, what in _GONE:
        found = re.search(pattern, text)
        if found:
            return ChurnOpsError(
                CODE,
                f"{what} {found[1]} was deleted permanently in MLflow, with what a version needs from it. {_KEPT}",
                f"Restore the store from a backup, or {_ANEW}.",
                {"deleted": found[1]},
            )
    return None


# After `mlflow gc`, or of a registered model, there is no way back but a backup.
_GONE = (
    (r"Run with id=(\w+) not found", "The run"),
    (r"Run '(\w+)' not found", "The run"),
    (r"No Experiment with id=(\w+) exists", "The experiment"),
    (r"Registered Model with name=(.+?) not found", "The registered model"),
    (r"Logged model with ID '([\w-]+)' not found", "The logged model"),
)
