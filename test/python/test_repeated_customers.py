"""Several rows a customer: what is measured on training rows is what new customers will see."""

import csv
import hashlib

import numpy as np
import pytest
from conftest import small_request
from sklearn.ensemble import RandomForestClassifier

from churn_ops.artifacts.fetch import download
from churn_ops.store.connect import connect
from churn_ops.training.fit import forest as forests
from churn_ops.training.fit.out_of_sample import folds_out_of_sample, forest_out_of_sample
from churn_ops.training.train import train
from churn_ops.versions.rows import read_rows


def silent(*_):
    pass


def repeated_request(folder, copy_id):
    """600 customers twice; the copies have the id that ``copy_id`` makes of theirs."""
    request = small_request(folder)
    source = request["dataset"]["path"]
    with open(source, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    copies = [[copy_id(row[0]), *row[1:]] for row in rows]
    with open(source, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows, *copies])
    with open(source, "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    request["dataset"] = {**request["dataset"], "sha256": sha256, "rows": 2 * len(rows)}
    return request


@pytest.mark.parametrize("copy_id", [lambda name: name, lambda name: f"{name} again"], ids=["same ids", "new ids"])
def test_a_doubled_table_is_as_hard_as_the_table(store_folder, copy_id):
    request = repeated_request(store_folder, copy_id)
    request["candidates"] = [
        {"name": f"RF_{count}", "estimator": "forest", "params": {"n_estimators": count, "max_depth": None}}
        for count in (30, 200)
    ]
    outcome = train(request, silent)
    split = outcome["split"]
    assert (split["trainRows"], split["testRows"]) == (2 * split["trainCustomers"], 2 * split["testCustomers"])
    client = connect(request["store"]["trackingUri"])
    learned, left = (
        read_rows(download(client, outcome["parentRunId"], f"data/{side}.parquet"))
        for side in ("reference", "held_out")
    )
    assert not set(learned.group) & set(left.group)
    for candidate in outcome["candidates"]:
        metrics = candidate["metrics"]
        # Votes of trees that hold the copy of a row gave 0.98.
        assert metrics["f1_oof"] < 0.75
        assert metrics["f1_score_high"] - metrics["f1_score_low"] > 0.15
    methods = [
        client.get_model_version("RandomForestGridSearch", c["version"]).tags["churnops.held_method"]
        for c in outcome["candidates"]
    ]
    # 200 trees leave 27 that know neither row of a customer; 30 leave four.
    assert methods == ["five-fold", "out-of-bag"]
    assert any("five-fold" in warning for warning in outcome["warnings"])


def test_a_vote_comes_from_trees_that_hold_no_row_of_the_customer():
    random = np.random.default_rng(1)
    groups = random.integers(0, 40, 120)
    features = random.normal(size=(120, 3))
    labels = (random.random(120) < 0.4).astype(int)
    forest = RandomForestClassifier(25, random_state=3).fit(features, labels)
    answered, votes = forests.out_of_bag(forest, [25], features, groups)[25]
    rows = features.astype(np.float32)
    for row in range(120):
        free = [
            tree
            for tree, drawn in zip(forest.estimators_, forest.estimators_samples_, strict=True)
            if groups[row] not in groups[drawn]
        ]
        assert votes[row] == len(free)
        if free:
            expected = np.mean([tree.predict_proba(rows[[row]])[0, 1] for tree in free])
            assert answered[row] == pytest.approx(expected, abs=1e-12)
        else:
            assert np.isnan(answered[row])


@pytest.mark.parametrize(
    ("count", "method"), [(6, "five-fold"), (20, "five-fold"), (40, "five-fold"), (50, "out-of-bag")]
)
def test_votes_count_only_when_there_are_enough_of_them(count, method):
    random = np.random.default_rng(2)
    features = random.normal(size=(500, 4))
    labels = (random.random(500) < 0.3).astype(int)
    forest = forests.fit_forest("forest", features, labels, {"n_estimators": count}, 1, 1)
    assert (
        forest_out_of_sample("forest", forest, [count], features, labels, np.arange(500), None)[count].method == method
    )


@pytest.mark.parametrize("name", ["forest", "extra-trees", "hist-gradient-boosting", "logistic-regression"])
def test_folds_keep_the_rows_of_a_customer_together(name):
    # Features are noise that names the customer: who sees one of its rows knows the label of the other.
    random = np.random.default_rng(4)
    features = np.tile(random.normal(size=(150, 4)), (2, 1))
    labels = np.tile((random.random(150) < 0.5).astype(int), 2)
    groups = np.tile(np.arange(150), 2)
    params = {"n_estimators": 30} if name in ("forest", "extra-trees") else {}
    found = folds_out_of_sample(name, params, 5, features, labels, groups, 4)
    accuracy = np.mean((found.probabilities >= 0.5) == labels)
    assert 0.3 < accuracy < 0.65
