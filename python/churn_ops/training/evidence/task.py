"""Evidence inside a helper process of a training, which has rows and libraries at hand already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import skops.io

from churn_ops.contract import Params
from churn_ops.integrity.model_types import ALLOWED_TYPES
from churn_ops.training.engine import events
from churn_ops.training.engine.events import Described, Drawing, Drawn, Leaderboard
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.evidence.write import write_card, write_importance, write_leaderboard, write_pictures
from churn_ops.training.fit.candidate_files import run_files

if TYPE_CHECKING:
    from churn_ops.training.engine.job import Job


def candidate_card(job: Job, index: int, estimator: str, params: Params, measured: events.Facts) -> None:
    """Write the card of a candidate that was just measured.

    Parameters
    ----------
    job : Job
        Rows and settings of the training; without ``training`` in the settings nothing is written.
    index : int
        Number of the candidate.
    estimator, params : str, dict
        What it is.
    measured : Facts
        Of it.
    """
    if "training" not in job.settings:
        return
    described: Described = {
        "name": job.settings["names"][index],
        "estimator": estimator,
        "params": params,
        **measured,
    }
    predictions = job.folder / f"candidate-{index}" / "predictions"
    write_card(run_files(job.folder, index), _facts(job, described, predictions))


def run_evidence(job: Job, task: Drawing | Leaderboard) -> Iterator[Drawn]:
    """Draw one part of the evidence of a registered version, or the leaderboard.

    Parameters
    ----------
    job : Job
        Rows and settings of the training.
    task : Drawing or Leaderboard
        The part.
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


def _facts(job: Job, described: Described | Drawing, predictions: Path) -> Facts:
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
        training=job.settings.get("training", {}),
        version=described.get("version"),
        candidates=len(job.settings["names"]),
    )


def _probabilities(path: Path) -> np.ndarray:
    return pd.read_csv(path, usecols=["probability"], float_precision="round_trip")["probability"].to_numpy(
        dtype=np.float64
    )
