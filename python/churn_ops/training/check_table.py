"""The method ``training.check``: whether ``train`` would refuse a table for how its split falls or for a leak."""

from __future__ import annotations

from churn_ops.contract import Nothing, TableCheck
from churn_ops.progress import Progress
from churn_ops.table.read_table import model_schema, read_table
from churn_ops.training.fit import leak
from churn_ops.training.fit.enough_rows import check_sides, checked_labels
from churn_ops.training.fit.split import split_rows
from churn_ops.training.fit.time_split import time_facts


def check(request: TableCheck, _progress: Progress) -> Nothing:
    """Split a table as a first training would, without a store.

    Raises
    ------
    ChurnOpsError
        ``DATA_TOO_FEW``, ``DATA_DATES`` or ``DATA_LEAK``, as ``train`` would.
    """
    dataset, kind = request["dataset"], request["split"]
    table = read_table(
        dataset["path"], dataset["sha256"], dataset["rows"], request["invalidRecords"], request["schema"]
    )
    labels = checked_labels(table, request)
    train_index, test_index = split_rows(kind, table.customers, request["splitSeed"], {}, table.dates, table.groups)
    times = None
    if kind == "time" and table.dates is not None:
        times = time_facts(table.groups, table.dates, train_index, test_index)
    check_sides(table, train_index, test_index, request["folds"], times)
    learned = table.features.iloc[train_index]
    leak.check(learned, labels[train_index], table.groups[train_index], model_schema(request["schema"]))
    return {}
