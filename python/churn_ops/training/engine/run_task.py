"""What a helper process does: fit, measure and write the candidates of one group."""

from __future__ import annotations

import errno
import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from churn_ops.integrity.model_types import CALIBRATION
from churn_ops.process.json_values import finite
from churn_ops.statistics.resample import group_codes
from churn_ops.training.engine.events import Event, Measured, Point, Task
from churn_ops.training.engine.job import Job
from churn_ops.training.evidence.task import candidate_card, run_evidence
from churn_ops.training.fit import forest as forests
from churn_ops.training.fit.candidate_files import write_candidate
from churn_ops.training.fit.clock import Clock
from churn_ops.training.fit.estimators import build, estimator_of, tree_count
from churn_ops.training.fit.optuna_search import run_study
from churn_ops.training.fit.out_of_sample import OutOfSample, folds_out_of_sample, forest_out_of_sample
from churn_ops.training.fit.shared_trees import SharedTrees


def run_task(job: Job, task: Task) -> Iterator[Event]:
    """Fit one group and give its candidates one by one, files written.

    A group whose common fit fails is tried candidate by candidate, so that one impossible candidate costs no other.

    Parameters
    ----------
    job : Job
        What all groups share.
    task : Task
        What to do.
    """
    if task["kind"] == "optuna":
        yield from run_study(task, job.settings["seed"], functools.partial(run_task, job))
        return
    if task["kind"] == "evidence":
        yield from run_evidence(job, task)
        return
    candidates = task["candidates"]
    try:
        yield from _run_together(job, task["estimator"], candidates)
    except OSError as error:
        # A full disk says nothing about the candidate.
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise
        yield {"event": "halt", "errno": error.errno}
    except Exception as error:  # noqa: BLE001  (whatever scikit-learn raises is the candidate's failure)
        if len(candidates) == 1:
            reason = f"{type(error).__name__}: {error}"
            yield {"event": "failed", "index": candidates[0]["index"], "reason": reason[:500]}
            return
        for candidate in candidates:
            yield from run_task(job, {**task, "candidates": [candidate]})


def _run_together(job: Job, name: str, candidates: list[Point]) -> Iterator[Measured]:
    estimator = estimator_of(name)
    clock = Clock()
    preprocessing, train_matrix, test_matrix = job.prepared(estimator.linear)
    labels = job.train.label
    groups = group_codes(job.train.group)
    seed, folds = job.settings["seed"], job.settings["folds"]
    clock.lap("prepare")
    models: dict[int, tuple[Any, np.ndarray, OutOfSample]] = {}
    if estimator.forest:
        params = {**candidates[0]["params"]}
        counts = sorted({tree_count(name, candidate["params"]) for candidate in candidates})
        params["n_estimators"] = counts[-1]
        forest = forests.fit_forest(name, train_matrix, labels, params, seed, job.settings["jobs"])
        clock.lap("fit")
        test = forests.probabilities(forest, counts, test_matrix)
        held = forest_out_of_sample(name, forest, counts, train_matrix, labels, groups, folds)
        clock.lap("measure")
        for candidate in candidates:
            count = tree_count(name, candidate["params"])
            models[candidate["index"]] = (forests.first_trees(forest, count), test[count], held[count])
    else:
        for candidate in candidates:
            honest = folds_out_of_sample(name, candidate["params"], seed, train_matrix, labels, groups, folds)
            fitted = build(name, candidate["params"], seed).fit(train_matrix, labels)
            clock.lap("fit")
            models[candidate["index"]] = (fitted, fitted.predict_proba(test_matrix)[:, 1], honest)
    trees = SharedTrees()
    params_of = {candidate["index"]: candidate["params"] for candidate in candidates}
    # Everything that can fail is behind: from here on candidates are given one by one.
    for index, (classifier, answered, honest) in models.items():
        pipeline = Pipeline([("preprocessing", preprocessing), ("classifier", classifier)])
        facts = write_candidate(job, index, pipeline, answered, honest, clock, trees)
        candidate_card(job, index, name, params_of[index], facts)
        clock.lap("evidence")
        types = [*estimator.types, *(CALIBRATION if job.settings["calibrate"] else ())]
        done: Measured = {"event": "candidate", "index": index, **facts, "types": types, "seconds": clock.take()}
        yield finite(done)
