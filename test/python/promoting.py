"""A small store whose champion is replaced or rolled back, in processes that a test can have killed."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import Any

import churn_ops
from churn_ops.registry import versions as reading
from churn_ops.registry.moves import apply as applying
from churn_ops.store.connect import connect

MODEL = "RandomForestGridSearch"


def silent(*_: Any) -> None:
    """Take progress and tell nobody."""


def make_store(folder: Path, model_folder: Path) -> dict[str, str]:
    """Make three versions of a model that plain MLflow saved; the second is live, the first was before it."""
    store = {"trackingUri": f"sqlite:///{folder}/mlflow.db", "model": MODEL}
    client = connect(store["trackingUri"])
    client.create_registered_model(MODEL)
    experiment = client.create_experiment("customerchurn", artifact_location=(folder / "mlruns").as_uri())
    for f1 in ("0.6", "0.7", "0.8"):
        run = client.create_run(experiment).info.run_id
        client.create_model_version(MODEL, model_folder.as_uri(), run, tags={"churnops.f1_score": f1})
    applying.apply(plan(store, "1", None, [move("1", "None", "Production")]), silent)
    moves = [move("1", "Production", "Staging"), move("2", "None", "Production")]
    applying.apply(plan(store, "2", "1", moves), silent)
    client.set_registered_model_alias(MODEL, "challenger", "3")
    return store


def move(version: str, source: str, target: str) -> dict[str, Any]:
    """Make a move of a plan."""
    return {"version": version, "from": source, "to": target, "reason": f"{version} to {target}"}


def plan(store: dict[str, str], champion: str, holder: str | None, moves: list[dict[str, Any]], **more: Any) -> Any:
    """Make the request of a promotion."""
    return {
        "store": store,
        "action": "promote",
        "moves": moves,
        "champion": champion,
        "previous": holder,
        "holder": holder,
        "policy": "documents",
        "actor": "somebody",
        "waitSeconds": 5,
        **more,
    }


def promotion(store: dict[str, str], actor: str = "somebody") -> dict[str, Any]:
    """Version 3 takes the place of 2, which goes to Staging; 1 is archived."""
    moves = [move("1", "Staging", "Archived"), move("2", "Production", "Staging"), move("3", "None", "Production")]
    return plan(store, "3", "2", moves, challenger=None, actor=actor)


def rollback(store: dict[str, str]) -> dict[str, Any]:
    """Version 1 takes its place back; 2 is marked."""
    moves = [move("1", "Staging", "Production"), move("2", "Production", "Archived")]
    marks = {"set": ["2"], "clear": ["1"]}
    return plan(store, "1", "2", moves, action="rollback", rolledBack=marks)


def killed(request: dict[str, Any], place: str, state: str) -> int:
    """Carry out a plan in a process of its own that dies at a place; its exit code."""
    # Forked from a process that never opened a store, with everything imported.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["promoting", "mlflow.store.tracking.sqlalchemy_store", "skops.io"])
    # The server of forks does not take our sys.path before Python 3.12.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), str(Path(churn_ops.__file__).parents[1])])
    process = context.Process(target=_apply, args=(request, place, state))
    process.start()
    process.join(120)
    return process.exitcode if process.exitcode is not None else 0


def _apply(request: dict[str, Any], place: str, state: str) -> None:
    os.environ["CHURN_OPS_STATE"] = state
    os.environ["CHURN_OPS_CRASH_AT"] = place
    applying.apply(request, silent)


def facts(store: dict[str, str]) -> dict[str, Any]:
    """What a store holds at rest, without times and names of tags."""
    versions = reading.versions({"store": store}, silent)
    kept = ("version", "stage", "recordedStage", "aliases", "reason", "unfinished")
    entries = reading.journal({"store": store}, silent)
    told = [
        (entry["action"], entry["version"], entry["previous"], entry["from"], entry["to"], entry["reason"])
        for entry in entries
        if entry["state"] != "abandoned"
    ]
    return {
        "versions": [{**{name: each[name] for name in kept}, "back": bool(each["rolledBackAt"])} for each in versions],
        "journal": sorted(told, key=str),
    }
