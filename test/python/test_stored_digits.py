"""Stored probabilities come back to the last digit, so that a row on the threshold stays flagged."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drift_store import SCHEMA, make_rows, make_store

import churn_ops
from churn_ops.artifacts.fetch import version_folder
from churn_ops.drift.reference import read_stored
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.store.connect import connect
from churn_ops.training.evidence.task import _probabilities

PACKAGE = Path(churn_ops.__file__).parent


@pytest.fixture(scope="module")
def awkward():
    """Probabilities that the fast reader of pandas reads as the next number below."""
    numbers = np.random.default_rng(5).random(20_000)
    read = pd.read_csv(io.StringIO("p\n" + "\n".join(map(repr, numbers.tolist()))))["p"].to_numpy()
    lower = numbers[read < numbers]
    assert len(lower) >= 60
    return lower[:60]


@pytest.fixture(scope="module")
def store(tmp_path_factory, awkward):
    folder = tmp_path_factory.mktemp("store")
    address, _ = make_store(folder, make_rows(60, 1), make_rows(60, 2))
    client = connect(address["trackingUri"])
    version = version_folder(client, address["model"], "1")
    for side in ("reference", "held_out"):
        path = version / "predictions" / f"{side}.csv"
        pd.read_csv(path).assign(probability=awkward).to_csv(path, index=False)
    # The threshold is one of the probabilities, as training chooses it.
    client.set_model_version_tag(address["model"], "1", "churnops.threshold", repr(float(awkward[0])))
    return client, address["model"], version


def test_monitoring_flags_a_row_on_the_threshold(store, awkward):
    client, model, _ = store
    for side in ("reference", "held_out"):
        stored = read_stored(client, model, "1", SCHEMA, side)
        assert stored.probabilities.tolist() == awkward.tolist()
        assert stored.probabilities[0] >= stored.threshold


def test_the_gate_flags_a_row_on_the_threshold(store, awkward):
    client, model, _ = store
    held = stored_versions(client, model).answers("1", "held_out")
    assert held.probabilities.tolist() == awkward.tolist()
    assert held.probabilities[0] >= held.threshold


def test_the_evidence_reads_the_same_numbers(store, awkward):
    assert _probabilities(store[2] / "predictions" / "reference.csv").tolist() == awkward.tolist()


def test_no_reader_of_tables_leaves_the_digits_to_chance():
    calls = {
        f"{path.name}: {call}"
        for path in PACKAGE.rglob("*.py")
        for call in re.findall(r"read_csv\((?:[^()]|\([^()]*\))*\)", path.read_text(encoding="utf-8"))
        if 'float_precision="round_trip"' not in call
    }
    assert calls == set()
