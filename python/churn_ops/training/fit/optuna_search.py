"""Optuna's search: each trial is a candidate, and the next one learns from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from churn_ops.contract import SearchRanking

Run = Callable[[dict[str, Any]], Iterator[dict[str, Any]]]


def run_study(task: dict[str, Any], seed: int, run: Run) -> Iterator[dict[str, Any]]:
    """Run one study, seeded, and give every trial's candidate.

    Akiba and others, Optuna (2019); sampler ``TPESampler``. The same seed gives the same trials.

    Parameters
    ----------
    task : dict
        ``estimator``, ``grid`` (values to choose from, by parameter) and ``candidates`` with ``index``.
    seed : int
        Of the sampler.
    run : callable
        Runs a task of one candidate and gives its events.

    Yields
    ------
    dict
        Events of ``run``; a ``candidate`` also has the ``params`` that were tried.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for candidate in task["candidates"]:
        trial = study.ask()
        params = {name: trial.suggest_categorical(name, values) for name, values in task["grid"].items()}
        tried = {"index": candidate["index"], "params": params}
        for event in run({"kind": "group", "estimator": task["estimator"], "candidates": [tried]}):
            if event["event"] == "candidate":
                study.tell(trial, event["metrics"][SearchRanking.METRIC])
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            yield {**event, "params": params}
