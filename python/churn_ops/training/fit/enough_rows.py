"""Refuse a table that is too small to train and test on, before anything is fitted."""

from __future__ import annotations

import numpy as np

from churn_ops.contract import LeftOut, TableCheck, TrainingRequest, TrainingRules
from churn_ops.errors import ChurnOpsError
from churn_ops.table.customers import fewest_customers
from churn_ops.table.read_table import Table
from churn_ops.training.split_request import Times


def checked_labels(table: Table, request: TrainingRequest | TableCheck) -> np.ndarray:
    """Give the labels of a table that has some.

    Raises
    ------
    ChurnOpsError
        ``DATA_HEADER`` without a target column, ``DATA_TOO_FEW`` for too few rows.
    """
    if table.labels is None:
        raise ChurnOpsError(
            "DATA_HEADER",
            f"{request['dataset']['path']} has no target column; nothing was trained.",
            "Add the target column, or name it in the schema file.",
        )
    if len(table.labels) < TrainingRules.MINIMUM_ROWS:
        raise _too_few(f"{len(table.labels)} valid rows")
    return table.labels


def check_sides(
    table: Table,
    train_index: np.ndarray,
    test_index: np.ndarray,
    folds: int | None,
    times: Times | None,
) -> None:
    """Check that both sides have both classes, and the training rows enough customers for the folds.

    Parameters
    ----------
    table : Table
        All valid rows.
    train_index, test_index : numpy.ndarray of int
        Rows of each side.
    folds : int or None
        Folds that were asked for.
    times : dict or None
        Of a split by time: ``leftOut`` with ``rows`` and ``customers``.

    Raises
    ------
    ChurnOpsError
        ``DATA_TOO_FEW``.
    """
    labels = table.labels
    if labels is None:
        raise ValueError("a table without labels has no sides")
    left_out: LeftOut = {"rows": 0, "customers": 0} if times is None else times["leftOut"]
    for name, index in (("training", train_index), ("test", test_index)):
        if len(set(labels[index].tolist())) < 2:
            what = "only one class among" if len(index) else "none of its rows among"
            raise _too_few(f"{what} the {len(index)} {name} rows", left_out)
    if folds is not None:
        rarer = fewest_customers(labels[train_index], table.groups[train_index])
        if rarer < folds:
            what = f"{rarer} customers of the rarer class among the training rows for {folds} folds"
            raise _too_few(what, left_out)


def _too_few(what: str, left_out: LeftOut | None = None) -> ChurnOpsError:
    rows = 0 if left_out is None else left_out["rows"]
    if left_out is None or rows == 0:
        more, hint = "", "Use a larger table; results need at least a few hundred rows with both labels to be useful."
    else:
        more = f" ({rows} earlier rows of {left_out['customers']} test customers excluded)"
        hint = "Split by customer instead: `churn-ops train --split id`; or use a table with more customers."
    return ChurnOpsError(
        "DATA_TOO_FEW",
        f"The table has {what}{more}: too few to train and test on. Nothing was trained.",
        hint,
        {} if left_out is None else {"leftOut": left_out},
    )
