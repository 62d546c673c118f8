"""Optuna's search: each trial is a candidate, and the next one learns from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from churn_ops.training.group import Job


def run_study(job: Job, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Run one study, seeded, and give every trial's candidate.

    Akiba and others, Optuna (2019); sampler ``TPESampler``. The same seed gives the same trials.

    Parameters
    ----------
    job : Job
        Rows and settings of the training.
    task : dict
        ``estimator``, ``grid`` (values to choose from, by parameter) and ``candidates`` with ``index``.

    Yields
    ------
    dict
        Events of :meth:`Job.run`; a ``candidate`` also has the ``params`` that were tried.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=job.settings["seed"]))
    for candidate in task["candidates"]:
        trial = study.ask()
        params = {name: trial.suggest_categorical(name, values) for name, values in task["grid"].items()}
        tried = {"index": candidate["index"], "params": params}
        for event in job.run({"kind": "group", "estimator": task["estimator"], "candidates": [tried]}):
            if event["event"] == "candidate":
                study.tell(trial, event["metrics"]["f1_oof"])
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            yield {**event, "params": params}
