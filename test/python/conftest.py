"""Real stores and small real tables for the tests of the Python side."""

import csv
import hashlib
import shutil
from pathlib import Path

import pytest

from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import version_folder
from churn_ops.contract import Tag
from churn_ops.store.connect import connect
from churn_ops.training.train import train

DATA = Path(__file__).resolve().parents[2] / "data" / "telco-customer-churn.csv"

NUMBERS = {"SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"}


def telco_schema() -> dict:
    with DATA.open(encoding="utf-8") as file:
        header = next(csv.reader(file))
    features = [
        {"name": name, "kind": "number" if name in NUMBERS else "category", "values": [], "integer": False}
        for name in header
        if name not in ("customerID", "Churn")
    ]
    return {
        "id": "customerID",
        "target": {"column": "Churn", "positive": "Yes", "negative": "No"},
        "features": features,
    }


def sign(client, version: str, model: str = "RandomForestGridSearch") -> None:
    """List a version's files as they are now, as whoever can write both files and tags could."""
    digest = manifest.write(version_folder(client, model, version))
    client.set_model_version_tag(model, version, Tag.MANIFEST, digest)


def small_table(path: Path, rows: int = 400) -> Path:
    lines = DATA.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: rows + 1]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that MLflow has set up; a copy of it spares each test the migrations."""
    path = tmp_path_factory.mktemp("store") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def store_folder(tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an empty store and a state folder of its own."""
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    shutil.copyfile(empty_store, tmp_path / "mlflow.db")
    return tmp_path


@pytest.fixture(scope="session")
def plain_model(tmp_path_factory):
    """A small model as plain MLflow saves it, without anything of churn-ops."""
    import mlflow.sklearn
    import pandas as pd
    from mlflow.models import infer_signature
    from sklearn.dummy import DummyClassifier

    folder = tmp_path_factory.mktemp("plain") / "model"
    rows = pd.DataFrame({"tenure": [1.0, 2.0]})
    model = DummyClassifier().fit(rows, [0, 1])
    signature = infer_signature(rows, model.predict(rows))
    requirements = ["scikit-learn"]
    mlflow.sklearn.save_model(
        model, folder, signature=signature, serialization_format="skops", pip_requirements=requirements
    )
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> tuple[dict, dict]:
    """One finished training that tests only read: its request and its outcome."""
    folder = tmp_path_factory.mktemp("trained")
    shutil.copyfile(empty_store, folder / "mlflow.db")
    request = small_request(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_OPS_STATE", str(folder / ".churn-ops"))
        outcome = train(request, lambda *_: None)
    return request, outcome


@pytest.fixture
def training_request(store_folder: Path) -> dict:
    """A training of four small forests on 400 real rows, in a store of its own."""
    return small_request(store_folder)


def small_request(tmp_path: Path) -> dict:
    table = small_table(tmp_path / "table.csv")
    content = table.read_bytes()
    candidates = [
        {
            "name": f"RF_{trees}_{depth}_5",
            "estimator": "forest",
            "params": {"n_estimators": trees, "max_depth": depth, "min_samples_split": 5},
        }
        for trees in (50, 60)
        for depth in (4, None)
    ]
    return {
        "store": {"trackingUri": f"sqlite:///{tmp_path}/mlflow.db", "model": "RandomForestGridSearch"},
        "experiment": "customerchurn",
        "dataset": {
            "path": str(table),
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": content.count(b"\n") - 1,
        },
        "invalidRecords": [],
        "schema": telco_schema(),
        "candidates": candidates,
        "seed": 7,
        "splitSeed": 42,
        "split": "random",
        "threshold": {"kind": "f1"},
        "calibrate": False,
        "search": {"kind": "grid", "iterations": 3, "folds": None, "spaces": []},
        "force": False,
        "waitSeconds": 5,
        "packageVersion": "0.0.0",
        "lockSha256": "0" * 64,
    }
