"""Optuna's search: each trial is a candidate, and the next one learns from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from churn_ops.contract import SearchRanking
from churn_ops.training.engine.events import Event, Group, Point, Study

Run = Callable[[Group], Iterator[Event]]


def run_study(task: Study, seed: int, run: Run) -> Iterator[Event]:
    """Run one study, seeded, and give every trial's candidate.

    Akiba and others, Optuna (2019); sampler ``TPESampler``. The same seed gives the same trials.

    Parameters
    ----------
    task : Study
        Its ``grid`` has the values to choose from, by parameter.
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
        tried: Point = {"index": candidate["index"], "params": params}
        alone: Group = {"id": task["id"], "kind": "group", "estimator": task["estimator"], "candidates": [tried]}
        for event in run(alone):
            if event["event"] == "candidate":
                study.tell(trial, event["metrics"][SearchRanking.METRIC])
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            if event["event"] == "candidate" or event["event"] == "failed":
                event["params"] = params
            yield event
