"""Take a saved model apart into what its answers follow from, or say why that cannot be done.

It judges before a walk is offered, since only the parts listed here have a rule that TypeScript repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

_FORESTS = (RandomForestClassifier, ExtraTreesClassifier)


class NotCompilable(Exception):
    """Why a model has no walk, as the end of a sentence about it."""


@dataclass(frozen=True)
class Column:
    """One input of a model.

    Attributes
    ----------
    name : str
        As the signature has it.
    feature : int
        Number of the first feature that is made of it.
    values : list of (str or None), or None
        Of a category, each of which is one feature; None for a number, which is one itself.
    """

    name: str
    feature: int
    values: list[str | None] | None


@dataclass(frozen=True)
class ModelParts:
    """What the answers of a forest follow from.

    Attributes
    ----------
    columns : list of Column
        In the order of the signature.
    features : int
        How many the trees look at.
    trees : list of sklearn.tree._tree.Tree
        In the order in which they are added.
    threshold : float
        A row is positive when its probability is at least this.
    """

    columns: list[Column]
    features: int
    trees: list[Any]
    threshold: float


def take_apart(model: Any) -> ModelParts:
    """Take a classifier of ours apart.

    Raises
    ------
    NotCompilable
        When a part of it is none that TypeScript can repeat to the last bit.
    """
    if type(model) is not FixedThresholdClassifier or type(model.estimator) is not FrozenEstimator:
        raise NotCompilable(f"it is a {type(model).__name__}")
    pipeline = model.estimator.estimator
    if type(pipeline) is not Pipeline:
        raise NotCompilable(f"it is a {type(pipeline).__name__}")
    steps = [step for _, step in pipeline.steps]
    forest = steps[-1]
    if type(forest) not in _FORESTS:
        raise NotCompilable(f"it is a {type(forest).__name__}, which the compiled engine cannot compute")
    if len(steps) != 2 or type(steps[0]) is not ColumnTransformer:
        raise NotCompilable("its preprocessing is different")
    if forest.n_outputs_ != 1 or list(forest.classes_) != [0, 1]:
        raise NotCompilable("its classes are not 0 and 1")
    if forest.n_jobs not in (None, 1):
        raise NotCompilable(f"it adds up its trees in no fixed order (n_jobs={forest.n_jobs})")
    columns = _columns(steps[0], [str(name) for name in pipeline.feature_names_in_])
    trees = [each.tree_ for each in forest.estimators_]
    return ModelParts(columns, int(forest.n_features_in_), trees, float(model.threshold))


def _columns(preprocessing: ColumnTransformer, names: list[str]) -> list[Column]:
    made: dict[str, Column] = {}
    feature = 0
    for label, step, chosen in preprocessing.transformers_:
        if label == "numbers":
            for name in chosen:
                made[name] = Column(name, feature, None)
                feature += 1
        elif label == "categories":
            for name, values in zip(chosen, _categories(step, len(chosen)), strict=True):
                made[name] = Column(name, feature, values)
                feature += len(values)
        else:
            raise NotCompilable(f"its preprocessing has the part {label}")
    if sorted(made) != sorted(names):
        raise NotCompilable("its preprocessing does not use the columns of its signature")
    return [made[name] for name in names]


def _categories(encoder: Any, count: int) -> list[list[str | None]]:
    if count == 0:
        return []
    plain = {"handle_unknown": "ignore", "drop": None, "min_frequency": None, "max_categories": None}
    if type(encoder) is not OneHotEncoder or any(getattr(encoder, name) != value for name, value in plain.items()):
        raise NotCompilable("its categories are encoded differently")
    found = [np.asarray(values, dtype=object).tolist() for values in encoder.categories_]
    if any(not (value is None or type(value) is str) for values in found for value in values):
        raise NotCompilable("it has categories that are not text")
    return found
