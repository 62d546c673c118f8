"""Which models have a walk, and what is written of them."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from conftest import sign, small_request
from promoting import MODEL, silent
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from churn_ops.artifacts.fetch import version_folder
from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.serving import boundary_rows as boundaries
from churn_ops.serving.boundary_rows import boundary_rows
from churn_ops.serving.compile_forest import compile_forest
from churn_ops.serving.made_up_rows import adversarial_rows, golden_rows, thresholds
from churn_ops.serving.model_parts import NotCompilable, take_apart
from churn_ops.store.connect import connect
from churn_ops.training.fit.calibrate import calibrated
from churn_ops.training.fit.candidate_files import frozen
from churn_ops.training.fit.estimators import build
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.training.train import train

ROWS = 300


def table() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(1)
    months = random.integers(1, 70, size=ROWS).astype(float)
    months[:20] = np.nan
    plan = random.choice(np.array(["a", "b", None], dtype=object), size=ROWS)
    labels = ((np.nan_to_num(months) < 30) ^ (random.random(ROWS) < 0.2)).astype(np.int64)
    return pd.DataFrame({"plan": plan, "months": months}), labels


def fitted(name: str, **params: object) -> Pipeline:
    rows, labels = table()
    schema = {"features": [{"name": "plan", "kind": "category"}, {"name": "months", "kind": "number"}]}
    linear = name == "logistic-regression"
    preprocessing, matrix = fit_and_transform(schema, rows, linear)
    return Pipeline([("preprocessing", preprocessing), ("estimator", build(name, params, 1).fit(matrix, labels))])


def model(name: str = "forest", **params: object) -> object:
    return frozen(fitted(name, **params), 0.25, table()[0])


@pytest.mark.parametrize("name", ["forest", "extra-trees"])
def test_a_forest_is_taken_apart_in_the_order_of_its_signature(name):
    parts = take_apart(model(name, n_estimators=4))
    assert [(column.name, column.feature, column.values) for column in parts.columns] == [
        ("plan", 1, ["a", "b", None]),
        ("months", 0, None),
    ]
    assert (parts.features, len(parts.trees), parts.threshold) == (4, 4, 0.25)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: model("hist-gradient-boosting", max_iter=3), "HistGradientBoostingClassifier"),
        (lambda: model("logistic-regression"), "LogisticRegression"),
        (lambda: fitted("forest", n_estimators=2), "Pipeline"),
        (lambda: several_threads(), "n_jobs=2"),
        (lambda: scaled(), "CalibratedClassifierCV"),
        (lambda: other_words(), "categories are encoded"),
    ],
)
def test_any_other_model_is_answered_with_the_reason(made, reason):
    with pytest.raises(NotCompilable, match=reason):
        take_apart(made())


def several_threads() -> object:
    pipeline = fitted("forest", n_estimators=2)
    pipeline[-1].n_jobs = 2
    return frozen(pipeline, 0.5, table()[0])


def scaled() -> object:
    rows, labels = table()
    pipeline = fitted("forest", n_estimators=20)
    return frozen(calibrated(pipeline, labels, pipeline.predict_proba(rows)[:, 1]), 0.5, rows)


def other_words() -> object:
    made = model("forest", n_estimators=2)
    assert isinstance(made.estimator, FrozenEstimator)
    made.estimator.estimator[0].named_transformers_["categories"].min_frequency = 5
    return made


def test_golden_rows_hold_no_number_of_a_customer_and_no_text_but_the_models_own():
    parts = take_apart(model("forest", n_estimators=10))
    rows, _ = table()
    golden = golden_rows(parts, 200, 1)
    assert not set(golden["months"].dropna()) & set(rows["months"].dropna())
    assert golden["months"].isna().any()
    assert golden["plan"].isin(["a", "b"]).any()


def test_adversarial_rows_lie_on_thresholds_and_beside_them_the_same_ones_for_a_seed():
    parts = take_apart(model("forest", n_estimators=10))
    rows, _ = table()
    made = adversarial_rows(parts, rows, 3000, 5)
    splits = set(thresholds(parts, parts.columns[1]))
    months = made["months"].dropna()
    assert months.isin(splits).sum() > 100
    assert (months.isin({np.nextafter(split, np.inf) for split in splits})).sum() > 100
    assert np.isfinite(months.astype(np.float32)).all()
    assert made["months"].isna().sum() > 100
    assert (~made["plan"].isin(["a", "b"])).sum() > 100
    pd.testing.assert_frame_equal(made, adversarial_rows(parts, rows, 3000, 5))


def test_boundary_rows_come_in_pairs_that_one_tree_tells_apart():
    made = model("forest", n_estimators=10, max_depth=6)
    parts = take_apart(made)
    rows, _ = table()
    pairs = boundary_rows(parts, rows, 10_000, 1)
    assert len(pairs) == 2 * len(thresholds(parts, parts.columns[1]))
    left, right = pairs["months"].to_numpy()[::2], pairs["months"].to_numpy()[1::2]
    assert (np.nextafter(left.astype(np.float32), np.float32(np.inf)) == right.astype(np.float32)).all()
    features = made.estimator.estimator[0].transform(pairs)
    votes = np.stack([tree.predict_proba(features)[:, 1] for tree in made.estimator.estimator[-1].estimators_])
    assert np.mean((votes[:, ::2] != votes[:, 1::2]).any(axis=0)) > 0.95
    assert len(boundary_rows(parts, rows, 10, 1)) == 10


def test_a_boundary_is_the_last_float32_at_most_the_threshold_and_the_next():
    for threshold in (0.5, 0.1, np.nextafter(0.5, 0), 16777217.0, -0.1):
        left, right = boundaries._last_left(threshold), boundaries._first_right(threshold)
        assert left <= threshold < right
        assert np.nextafter(np.float32(left), np.float32(np.inf)) == np.float32(right)


@pytest.fixture(scope="module")
def store(tmp_path_factory, empty_store):
    folder = tmp_path_factory.mktemp("compiled")
    shutil.copyfile(empty_store, folder / "mlflow.db")
    request = small_request(folder)
    request["candidates"] = request["candidates"][:1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_OPS_STATE", str(folder / ".churn-ops"))
        train(request, silent)
        yield request["store"]


def asked(store: dict, folder) -> dict:
    counts = {"adversarialRows": 50, "boundaryRows": 50, "goldenRows": 5}
    return {"store": store, "version": "1", "folder": str(folder), **counts, "seed": 1}


def test_a_version_is_written_with_the_answers_to_every_row_of_its_training(store, tmp_path):
    told = []
    answer = compile_forest(asked(store, tmp_path), lambda *progress: told.append(progress))
    manifest = connect(store["trackingUri"]).get_model_version(MODEL, "1").tags[Tag.MANIFEST]
    assert answer == {"manifestSha256": manifest, "rows": 400 + 100}
    assert json.loads((tmp_path / "rows.json").read_text())["rows"] == 500
    assert json.loads((tmp_path / "forest.json").read_text())["manifestSha256"] == manifest
    assert told[-1][1:3] == (500, 500)
    # Nothing is left in the version's folder, whose files are counted.
    assert not list(version_folder(connect(store["trackingUri"]), MODEL, "1").rglob("__pycache__"))


@pytest.fixture
def signed_again(store):
    """Change files of the version and list them anew, as whoever can write both files and tags could."""
    client = connect(store["trackingUri"])
    folder = version_folder(client, MODEL, "1")
    before = {}

    def change(name: str, to: Callable[[bytes], bytes]) -> None:
        before[name] = (folder / name).read_bytes()
        (folder / name).write_bytes(to(before[name]))
        sign(client, "1")

    yield change
    for name, whole in before.items():
        (folder / name).write_bytes(whole)
    sign(client, "1")


def test_a_version_that_answers_otherwise_than_at_its_training_is_refused(store, tmp_path, signed_again):
    signed_again("predictions/held_out.csv", lambda text: re.sub(rb"0\.\d+", b"0.123", text, count=1))
    with pytest.raises(ChurnOpsError, match="different predictions") as refused:
        compile_forest(asked(store, tmp_path), silent)
    assert refused.value.code == "MODEL_INTEGRITY"
    assert list(tmp_path.iterdir()) == []


def without_arrays(model_file: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(model_file)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name == "schema.json" else b"no array")
    return made.getvalue()


def test_a_model_that_does_not_load_is_refused(store, tmp_path, signed_again):
    signed_again("model.skops", without_arrays)
    with pytest.raises(ChurnOpsError, match="its model cannot be loaded") as refused:
        compile_forest(asked(store, tmp_path), silent)
    assert refused.value.code == "MODEL_INTEGRITY"


def test_a_changed_version_is_refused_and_one_without_manifest_has_a_reason(store, tmp_path):
    client = connect(store["trackingUri"])
    file = version_folder(client, MODEL, "1") / "model.skops"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"x")
    with pytest.raises(ChurnOpsError) as refused:
        compile_forest(asked(store, tmp_path), silent)
    assert refused.value.code == "MODEL_INTEGRITY"
    assert list(tmp_path.iterdir()) == []
    file.write_bytes(whole)
    client.delete_model_version_tag(MODEL, "1", Tag.MANIFEST)
    assert "manifest" in compile_forest(asked(store, tmp_path), silent)["reason"]
