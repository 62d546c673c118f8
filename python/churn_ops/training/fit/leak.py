"""Columns that know the answer, and columns that know nothing: found before anything is fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from churn_ops.contract import TableSchema, TrainingRules
from churn_ops.errors import ChurnOpsError
from churn_ops.statistics.resample import group_codes

_FOLDS = TrainingRules.LEAK_FOLDS
_SEED = 0


def check(features: pd.DataFrame, labels: np.ndarray, groups: np.ndarray, schema: TableSchema) -> list[str]:
    """Look at every column alone.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        Training rows; test rows take no part.
    labels : numpy.ndarray of int, shape (rows,)
        0 or 1, both present.
    groups : numpy.ndarray, shape (rows,)
        Equal for rows of one customer.
    schema : dict
        The table's schema.

    Returns
    -------
    list of str
        Warnings, each naming its column.

    Raises
    ------
    ChurnOpsError
        ``DATA_LEAK`` when a column alone has an AUC over 0.99.
    """
    codes = group_codes(groups)
    warnings: list[str] = []
    leaks: list[tuple[str, float]] = []
    for column in schema["features"]:
        name = column["name"]
        values = features[name]
        useless = _useless(values)
        if useless:
            warnings.append(f"{name} {useless}")
            continue
        auc = column_auc(values, labels, codes, column["kind"])
        if auc > TrainingRules.LEAK_REFUSED:
            leaks.append((name, auc))
        elif auc > TrainingRules.LEAK_WARNED:
            warnings.append(
                f"{name} alone predicts churn with an AUC of {auc:.3f}: is it known before customers leave?"
            )
    if leaks:
        raise _leak(leaks)
    return warnings


def column_auc(values: pd.Series, labels: np.ndarray, groups: np.ndarray, kind: str) -> float:
    """AUC of one column alone.

    A number counts by its rank, in whichever direction, blanks below or above all others; a category by the churn rate
    of its value in the other folds, so that a column of many values cannot flatter itself.

    Parameters
    ----------
    values : pandas.Series, shape (rows,)
        The column.
    labels : numpy.ndarray of int, shape (rows,)
        0 or 1, both present.
    groups : numpy.ndarray of int, shape (rows,)
        Number of each row's customer, from 0; all rows of a customer are in one fold.
    kind : {'number', 'category'}
        How the schema calls it.

    Returns
    -------
    float
        0.5 for a column that tells nothing.
    """
    if kind == "category":
        return _auc(_rates_of_other_folds(values, labels, groups), labels)
    numbers = values.to_numpy(dtype=np.float64)
    blank = np.isnan(numbers)
    if not blank.any():
        return _either_way(numbers, labels)
    return max(_either_way(np.where(blank, end, numbers), labels) for end in (-np.inf, np.inf))


def _rates_of_other_folds(values: pd.Series, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    codes, known = pd.factorize(values, use_na_sentinel=False)
    folds = (np.random.default_rng(_SEED).permutation(int(groups.max()) + 1) % _FOLDS)[groups]
    cells = codes * _FOLDS + folds
    rows = np.bincount(cells, minlength=len(known) * _FOLDS).reshape(-1, _FOLDS)
    churned = np.bincount(cells, weights=labels, minlength=len(known) * _FOLDS).reshape(-1, _FOLDS)
    other_rows = rows.sum(axis=1, keepdims=True) - rows
    other_churned = churned.sum(axis=1, keepdims=True) - churned
    # A value that no other fold has tells nothing: it gets the rate of all rows.
    rates = np.divide(other_churned, other_rows, out=np.full(rows.shape, labels.mean()), where=other_rows > 0)
    return rates[codes, folds]


def _either_way(scores: np.ndarray, labels: np.ndarray) -> float:
    auc = _auc(scores, labels)
    return max(auc, 1 - auc)


def _auc(scores: np.ndarray, labels: np.ndarray) -> float:
    # The Mann-Whitney statistic; a third of the time of scikit-learn's curve.
    positive = labels == 1
    count = int(positive.sum())
    others = len(labels) - count
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))


def _useless(values: pd.Series) -> str | None:
    missing = int(values.isna().sum())
    if missing == len(values):
        return "is missing in every training row: nothing can be learned from it"
    first = values.iloc[0]
    if missing == 0 and (values == first).all():
        shown = first if isinstance(first, str) else f"{first:g}"
        return f"is {shown} in every training row: nothing can be learned from it"
    return None


def _leak(leaks: list[tuple[str, float]]) -> ChurnOpsError:
    named = ", ".join(f"{name} (AUC {auc:.3f})" for name, auc in leaks[:5])
    alone = "One column alone predicts" if len(leaks) == 1 else f"{len(leaks)} columns each predict, alone,"
    return ChurnOpsError(
        "DATA_LEAK",
        f"{alone} who churned: {named}. Such a column was filled in after the customer left. Nothing was trained.",
        f"Take {leaks[0][0]} out of the features in the schema file and train again.",
        {"columns": [{"name": name, "auc": auc} for name, auc in leaks[:20]]},
    )
