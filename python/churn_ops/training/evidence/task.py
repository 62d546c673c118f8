"""Evidence inside a helper process of a training, which has rows and libraries at hand already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import skops.io

from churn_ops.integrity.model_types import ALLOWED_TYPES
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.evidence.write import write_card, write_importance, write_leaderboard, write_pictures

if TYPE_CHECKING:
    from churn_ops.training.engine.job import Job


def candidate_card(job: Job, folder: Path, described: dict[str, Any]) -> None:
    """Write the card of a candidate that was just measured.

    Parameters
    ----------
    job : Job
        Rows and settings of the training; without ``training`` in the settings nothing is written.
    folder : pathlib.Path
        Files for the candidate's run.
    described : dict
        ``index``, ``estimator``, ``params``, ``threshold``, ``metrics`` and ``heldMethod``.
    """
    if "training" not in job.settings:
        return
    name = job.settings["names"][described["index"]]
    predictions = job.folder / f"candidate-{described['index']}" / "predictions"
    write_card(folder, _facts(job, {**described, "name": name}, predictions))


def run_evidence(job: Job, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Draw one part of the evidence of a registered version, or the leaderboard.

    Parameters
    ----------
    job : Job
        Rows and settings of the training.
    task : dict
        ``id``, ``part`` (``pictures``, ``importance`` or ``leaderboard``), ``folder``, and what the part is about.

    Yields
    ------
    dict
        One event ``evidence`` with the task's ``id``.
    """
    folder = Path(task["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    if task["part"] == "leaderboard":
        write_leaderboard(folder, task["search"])
    else:
        model_folder = Path(task["modelFolder"])
        facts = _facts(job, task, model_folder / "predictions")
        if task["part"] == "pictures":
            write_pictures(folder, facts)
        else:
            # Written by a helper of this very training: the types can be no others.
            model = skops.io.load(model_folder / "model.skops", trusted=sorted(ALLOWED_TYPES))
            write_importance(folder, replace(facts, model=model))
    yield {"event": "evidence", "id": task["id"]}


def _facts(job: Job, described: dict[str, Any], predictions: Path) -> Facts:
    training = job.settings["training"]
    return Facts(
        name=described["name"],
        registered_model=job.settings["model"],
        estimator=described["estimator"],
        params=described["params"],
        threshold=described["threshold"],
        held_method=described["heldMethod"],
        metrics=described["metrics"],
        schema=job.settings["schema"],
        train=job.train,
        test=job.test,
        held=_probabilities(predictions / "reference.csv"),
        answered=_probabilities(predictions / "held_out.csv"),
        training=training,
        version=described.get("version"),
        candidates=len(job.settings["names"]),
    )


def _probabilities(path: Path) -> np.ndarray:
    return pd.read_csv(path, usecols=["probability"], float_precision="round_trip")["probability"].to_numpy(
        dtype=np.float64
    )
