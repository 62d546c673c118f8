"""What a helper process does: fit, measure and write the candidates of one group."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from churn_ops.dataset import model_columns, model_schema
from churn_ops.model_types import CALIBRATION
from churn_ops.preprocessing import fit_and_transform
from churn_ops.resample import group_codes
from churn_ops.rows import Rows, read_rows
from churn_ops.training import forest as forests
from churn_ops.training.candidate_files import run_files, write_candidate
from churn_ops.training.clock import Clock
from churn_ops.training.estimators import build, estimator_of
from churn_ops.training.evidence.task import candidate_card, run_evidence
from churn_ops.training.held import Held, held_by_grid_search, held_of_forest
from churn_ops.training.optuna_search import run_study
from churn_ops.training.shared_trees import SharedTrees
from churn_ops.wire import finite


@dataclass
class Job:
    """What all groups of a training share, prepared once a process.

    Attributes
    ----------
    folder : pathlib.Path
        Work folder; ``reference.parquet`` and ``held_out.parquet`` lie in it, candidates get a folder each.
    train, test : Rows
        Both sides of the split.
    settings : dict
        ``schema``, ``seed``, ``jobs``, ``folds``, ``threshold`` and ``calibrate``.
    """

    folder: Path
    train: Rows
    test: Rows
    settings: dict[str, Any]
    _prepared: dict[bool, tuple[Any, np.ndarray, np.ndarray]] = field(default_factory=dict)

    @classmethod
    def load(cls, settings: dict[str, Any]) -> Job:
        """Read the rows; the preprocessing for trees is fitted at once, as nearly every training needs it."""
        folder = Path(settings["folder"])
        train = read_rows(folder / "reference.parquet", settings["schema"])
        test = read_rows(folder / "held_out.parquet", settings["schema"])
        return cls(folder, train, test, settings)

    def run(self, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Fit one group and give its candidates one by one, files written.

        A group whose common fit fails is tried candidate by candidate, so that one impossible candidate costs no other.

        Parameters
        ----------
        task : dict
            ``kind`` (``group`` or ``optuna``), ``estimator`` and ``candidates`` with ``index`` and ``params``.

        Yields
        ------
        dict
            Events ``candidate`` (``index``, ``threshold``, ``metrics``, ``heldMethod``, ``seconds``) and ``failed``
            (``index``, ``reason``).
        """
        if task["kind"] == "optuna":
            yield from run_study(self, task)
            return
        if task["kind"] == "evidence":
            yield from run_evidence(self, task)
            return
        candidates = task["candidates"]
        try:
            yield from self._run_together(task["estimator"], candidates)
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
                yield from self.run({**task, "candidates": [candidate]})

    def prepared(self, linear: bool) -> tuple[Any, np.ndarray, np.ndarray]:
        """Preprocessing for a kind of model, and what it makes of training and test rows."""
        if linear not in self._prepared:
            columns = model_columns(self.settings["schema"])
            fitted, matrix = fit_and_transform(
                model_schema(self.settings["schema"]), self.train.features[columns], linear
            )
            self._prepared[linear] = (
                fitted,
                matrix,
                fitted.transform(self.test.features[columns]),
            )
        return self._prepared[linear]

    def _run_together(self, name: str, candidates: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        estimator = estimator_of(name)
        clock = Clock()
        preprocessing, train_matrix, test_matrix = self.prepared(estimator.linear)
        labels = self.train.label
        groups = group_codes(self.train.group)
        seed, folds = self.settings["seed"], self.settings["folds"]
        clock.lap("prepare")
        models: dict[int, tuple[Any, np.ndarray, Held]] = {}
        if estimator.forest:
            params = {**candidates[0]["params"]}
            counts = sorted({candidate["params"].get("n_estimators", 100) for candidate in candidates})
            params["n_estimators"] = counts[-1]
            forest = forests.fit_forest(name, train_matrix, labels, params, seed, self.settings["jobs"])
            clock.lap("fit")
            test = forests.probabilities(forest, counts, test_matrix)
            held = held_of_forest(name, forest, counts, train_matrix, labels, groups, folds)
            clock.lap("measure")
            for candidate in candidates:
                count = candidate["params"].get("n_estimators", 100)
                models[candidate["index"]] = (forests.first_trees(forest, count), test[count], held[count])
        else:
            for candidate in candidates:
                honest = held_by_grid_search(name, candidate["params"], seed, train_matrix, labels, groups, folds)
                fitted = build(name, candidate["params"], seed).fit(train_matrix, labels)
                clock.lap("fit")
                models[candidate["index"]] = (fitted, fitted.predict_proba(test_matrix)[:, 1], honest)
        trees = SharedTrees()
        params_of = {candidate["index"]: candidate["params"] for candidate in candidates}
        # Everything that can fail is behind: from here on candidates are given one by one.
        for index, (classifier, answered, honest) in models.items():
            pipeline = Pipeline([("preprocessing", preprocessing), ("classifier", classifier)])
            facts = write_candidate(self, index, pipeline, answered, honest, clock, trees)
            described = {"index": index, "estimator": name, "params": params_of[index], **facts}
            candidate_card(self, run_files(self.folder, index), described)
            clock.lap("evidence")
            types = [*estimator.types, *(CALIBRATION if self.settings["calibrate"] else ())]
            yield finite({"event": "candidate", "index": index, **facts, "types": types, "seconds": clock.take()})
