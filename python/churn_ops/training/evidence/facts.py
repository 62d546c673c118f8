"""Everything that the evidence of one candidate is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from churn_ops.contract import Metrics, Params, TableSchema
from churn_ops.table.read_table import model_columns
from churn_ops.training.engine.events import Ranked
from churn_ops.versions.rows import Rows


@dataclass(frozen=True)
class Facts:
    """One candidate with its rows and its honest answers.

    Attributes
    ----------
    name, registered_model : str
        Name of the run, and of the registered model.
    params : dict
        Parameters of the estimator.
    threshold : float
        A row is flagged when its probability is at least this.
    held_method : str
        Where ``held`` comes from, such as ``out-of-bag``.
    metrics : dict of str to float or None
        MLflow's names; ``f1_score`` with ``f1_score_low`` and ``f1_score_high``.
    schema : dict
        The table's schema.
    train, test : Rows
        Both sides of the split.
    held : numpy.ndarray of float, shape (training rows,)
        Answers of a model that did not learn from the row; NaN without one.
    answered : numpy.ndarray of float, shape (test rows,)
        Answers to the test rows.
    training : dict
        The recorded request of the training: ``dataset``, seeds, versions; empty when it is not known.
    model : estimator or None
        Any fitted classifier on raw rows; without it there is no importance.
    version : str or None
        Number of the registered version, when it has one.
    search : sequence of Ranked
        Candidates of the search; empty when they are not known.
    candidates : int
        How many the search has.
    """

    name: str
    registered_model: str
    params: Params
    threshold: float
    held_method: str
    metrics: Metrics
    schema: TableSchema
    train: Rows
    test: Rows
    held: np.ndarray
    answered: np.ndarray
    training: dict[str, Any] = field(default_factory=dict)
    estimator: str = "forest"
    model: Any = None
    version: str | None = None
    search: Sequence[Ranked] = ()
    candidates: int = 0

    @property
    def features(self) -> list[str]:
        """Names of the columns that the model learns from, in schema order."""
        return model_columns(self.schema)

    @property
    def labels(self) -> np.ndarray:
        """Labels of the test rows."""
        return self.test.label

    @property
    def flagged(self) -> np.ndarray:
        """Whether each test row is flagged."""
        return self.answered >= self.threshold

    @property
    def label_names(self) -> tuple[str, str]:
        """Names of label 0 and label 1."""
        return self.schema["target"]["negative"], self.schema["target"]["positive"]
