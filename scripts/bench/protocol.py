"""The default training once, with the crash protocol or without it; prints wall and CPU seconds as JSON.

Without it there is no journal, no manifest, nothing forced to the disk or read back, no lock, no look for what an
earlier attempt has left, and every call is made once. Usage: ``protocol.py DATA FOLDER with|without``.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import itertools
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from churn_ops.contract import TrainingRequest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

NUMBERS = {"SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"}
GRID = {"n_estimators": [50, 100, 200], "max_depth": [10, 20, None], "min_samples_split": [2, 5, 10]}


def main() -> None:
    """Train and print."""
    data, folder, how = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3]
    os.environ["CHURN_OPS_STATE"] = str(folder / ".churn-ops")
    os.chdir(folder)
    started = time.perf_counter()
    from churn_ops.training import train as training

    training.warm({}, lambda *_: None)
    if how == "without":
        _take_protocol_away()
    training.train(cast("TrainingRequest", _request(data, folder)), lambda *_: None)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    print(json.dumps({"seconds": time.perf_counter() - started, "cpuSeconds": cpu}))


def _take_protocol_away() -> None:
    from churn_ops.artifacts import manifest
    from churn_ops.store import dead_runs
    from churn_ops.training import train as training
    from churn_ops.training.commit import candidate_journal, commit_lock, create_once, place_files, resume

    def create_run(client: Any, experiment: str, name: str, tags: dict[str, str]) -> str:
        return client.create_run(experiment, run_name=name, tags=tags).info.run_id

    def create_version(
        client: Any, model: str, model_id: str, run_id: str, tags: dict[str, str], _watched: bool
    ) -> str:
        source = f"models:/{model_id}"
        made = client.create_model_version(
            model, source, run_id=run_id, tags=tags, model_id=model_id, await_creation_for=None
        )
        return str(made.version)

    @contextlib.contextmanager
    def no_lock(*_: Any) -> Any:
        yield lambda: None

    create_once.create_run, create_once.create_version = create_run, create_version
    place_files.sync = lambda _folder: None
    manifest.write = lambda _folder: "0" * 64
    manifest.verify = lambda *_: None
    manifest.hash_file = lambda _path: "0" * 64
    setattr(candidate_journal.CandidateJournal, "add", lambda *_: None)  # noqa: B010  (typed as a method)
    dead_runs.end_dead_runs = lambda *_: []
    resume.find_parent = lambda *_: None
    resume.register_finished = lambda *_: 0
    commit_lock.store_lock = training.training_lock = no_lock


def _request(data: Path, folder: Path) -> dict[str, Any]:
    content = data.read_bytes()
    header, *rows = csv.reader(content.decode().splitlines())
    features = [
        {"name": name, "kind": "number" if name in NUMBERS else "category", "values": [], "integer": False}
        for name in header
        if name not in ("customerID", "Churn")
    ]
    return {
        "store": {"trackingUri": f"sqlite:///{folder}/mlflow.db", "model": "RandomForestGridSearch"},
        "experiment": "customerchurn",
        "dataset": {"path": str(data), "sha256": hashlib.sha256(content).hexdigest(), "rows": len(rows)},
        "invalidRecords": [],
        "schema": {
            "id": "customerID",
            "target": {"column": "Churn", "positive": "Yes", "negative": "No"},
            "features": features,
        },
        "candidates": [
            {
                "name": f"RF_{trees}_{depth}_{split}",
                "estimator": "forest",
                "params": {"n_estimators": trees, "max_depth": depth, "min_samples_split": split},
            }
            for trees, depth, split in itertools.product(*GRID.values())
        ],
        "seed": 42,
        "splitSeed": 42,
        "split": "random",
        "threshold": {"kind": "f1"},
        "calibrate": False,
        "search": {"kind": "grid", "iterations": 1, "folds": None, "spaces": []},
        "force": False,
        "waitSeconds": 60,
        "packageVersion": "0.0.0",
        "lockSha256": "0" * 64,
    }


if __name__ == "__main__":
    main()
