"""The side of the split that each customer has: kept with every training, obeyed by the next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from mlflow import MlflowClient

from churn_ops.artifacts.fetch import download
from churn_ops.contract import Tag, TrainingRequest
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import verify_file
from churn_ops.store.pages import search_versions

SIDES_FILE = "sides.parquet"


def known_sides(client: MlflowClient, request: TrainingRequest) -> dict[str, int]:
    """Read the sides of the newest training of this model with the same kind and seed of split.

    Another ``--split-seed`` asks for another split, so it takes nothing over; nor does a split by time, where only the
    dates count.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.

    Returns
    -------
    dict of str to int
        0 to train, 1 to test, by customer key; empty for a first training.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY`` when the file is not the one that was stored.
    """
    if request["split"] == "time":
        return {}
    same = {Tag.SPLIT: request["split"], Tag.SPLIT_SEED: str(request["splitSeed"])}
    versions = search_versions(client, f"name = '{request['store']['model']}'")
    matching = [v for v in versions if all(v.tags.get(name) == value for name, value in same.items())]
    if not matching:
        return {}
    newest = max(matching, key=lambda version: int(version.version))
    try:
        parent = newest.tags[Tag.PARENT_RUN_ID]
        download(client, parent, f"data/{SIDES_FILE}")
    except (ChurnOpsError, KeyError):
        # Someone took the files of that training away; then nothing is known of its customers.
        return {}
    # A changed file could move customers from one side to the other, which no later test would notice.
    path = verify_file.verified_data(client, parent, SIDES_FILE)
    stored = pd.read_parquet(path)
    return dict(zip(stored["customer"].tolist(), stored["side"].tolist(), strict=True))


def write_sides(known: dict[str, int], customers: np.ndarray, test_index: np.ndarray, path: Path) -> None:
    """Store the sides of all customers that this or an earlier training has seen.

    Parameters
    ----------
    known : dict of str to int
        What earlier trainings have stored.
    customers : numpy.ndarray of str, shape (rows,)
        Key of each row's customer.
    test_index : numpy.ndarray of int
        Test rows of this training.
    path : pathlib.Path
        The Parquet file.
    """
    side = np.zeros(len(customers), dtype=np.int8)
    side[test_index] = 1
    merged = {**known, **dict(zip(customers.tolist(), side.tolist(), strict=True))}
    frame = pd.DataFrame({"customer": list(merged), "side": np.fromiter(merged.values(), dtype=np.int8)})
    frame.to_parquet(path, index=False)
