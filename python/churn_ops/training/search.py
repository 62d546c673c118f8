"""One search: what is there already, what must be fitted, and the commits in grid order."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from churn_ops import tracking
from churn_ops.errors import ChurnOpsError, Interrupted
from churn_ops.training import commit, keys
from churn_ops.training.group import read_rows
from churn_ops.training.model_folder import ModelFolders
from churn_ops.training.pool import Pool
from churn_ops.wire import Progress

_DATA_ARTIFACTS = "data"


class Search:
    """The candidates of one training.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    request : dict
        The training request.
    training : str
        Key of the training.
    folder : pathlib.Path
        Work folder with the split rows.
    phases : object
        Takes ``timed(phase)`` and ``add(phase, seconds)``.
    """

    def __init__(self, client: MlflowClient, request: dict[str, Any], training: str, folder: Path, phases: Any) -> None:
        self._client = client
        self._request = request
        self._training = training
        self._folder = folder
        self._phases = phases
        self._model = request["store"]["model"]
        self._candidates = [
            {**candidate, "key": keys.candidate_key(training, candidate["params"])}
            for candidate in request["candidates"]
        ]

    def run(self, pool: Pool, progress: Progress) -> dict[str, Any]:
        """Fit what is missing and register it.

        Returns
        -------
        dict
            ``candidates`` in grid order, ``parentRunId``, ``experimentId`` and ``warnings``.
        """
        with self._phases.timed("store"):
            commit.ensure_registered_model(self._client, self._model)
            experiment = tracking.experiment_id(
                self._client, self._request["store"]["trackingUri"], self._request["experiment"]
            )
            reused = self._find_reused()
        missing = [index for index, candidate in enumerate(self._candidates) if candidate["key"] not in reused]
        done: dict[int, dict[str, Any]] = {
            index: reused[candidate["key"]]
            for index, candidate in enumerate(self._candidates)
            if candidate["key"] in reused
        }
        parent = next((found["parentRunId"] for found in reused.values()), "")
        failures: list[str] = []
        if missing:
            parent, failures = self._train_missing(missing, experiment, pool, progress, done)
        if not done:
            raise ChurnOpsError(
                "SEARCH_FAILED",
                f"No candidate could be trained: {failures[0] if failures else 'the grid is empty'}.",
                "Change the grid with --grid and run it again.",
                {"failures": failures[:20]},
            )
        candidates = [{k: v for k, v in done[i].items() if k != "parentRunId"} for i in sorted(done)]
        return {"candidates": candidates, "parentRunId": parent, "experimentId": experiment, "warnings": failures}

    def _train_missing(
        self, missing: list[int], experiment: str, pool: Pool, progress: Progress, done: dict[int, dict[str, Any]]
    ) -> tuple[str, list[str]]:
        request = self._request
        tasks = self._tasks(missing)
        pool.shrink(max(1, min(pool.size, len(tasks))))
        cores = tracking.cores()
        job = {
            "folder": str(self._folder),
            "schema": request["schema"],
            "seed": request["seed"],
            "jobs": max(1, cores // pool.size),
        }
        pool.start(job, tasks)
        with self._phases.timed("prepare"):
            store = self._open_store(experiment)
        failures: list[str] = []
        waiting: dict[int, dict[str, Any]] = {}
        order = [candidate["index"] for task in tasks for candidate in task["candidates"]]
        total = len(missing)
        finished = 0
        progress("train", 0, total, "fitting")
        try:
            for event in pool.events():
                if event["event"] == "failed":
                    lost = next(task for task in tasks if task["id"] == event["id"])["candidates"]
                    skipped = [c["index"] for c in lost if c["index"] in order and c["index"] not in waiting]
                    names = ", ".join(self._candidates[index]["name"] for index in skipped)
                    failures.append(f"{names}: {event['reason']}")
                    order = [index for index in order if index not in skipped]
                elif event["event"] == "candidate":
                    for phase, seconds in event["seconds"].items():
                        self._phases.add(phase, seconds)
                    waiting[event["index"]] = event
                # Versions are numbered in one order, whichever worker is first.
                while order and order[0] in waiting:
                    index = order.pop(0)
                    done[index] = self._commit(store, index, waiting.pop(index))
                    finished += 1
                    progress("train", finished, total, self._candidates[index]["name"])
            store.end_unfinished("FINISHED")
        except Interrupted:
            store.end_unfinished("KILLED")
            raise
        except BaseException:
            store.end_unfinished("FAILED")
            raise
        return store.parent_run_id, failures

    def _tasks(self, missing: list[int]) -> list[dict[str, Any]]:
        groups: dict[str, dict[str, Any]] = {}
        for index in missing:
            params = dict(self._candidates[index]["params"])
            trees = params.pop("n_estimators", 100)
            key = keys.digest(params)
            group = groups.setdefault(key, {"id": key, "params": params, "candidates": []})
            group["candidates"].append({"index": index, "trees": trees})
        for group in groups.values():
            group["candidates"].sort(key=lambda candidate: candidate["trees"])
        return list(groups.values())

    def _open_store(self, experiment: str) -> commit.Store:
        request, dataset = self._request, self._request["dataset"]
        tags = {
            "churnops.training": self._training,
            "churnops.data_sha256": dataset["sha256"],
            "churnops.schema_sha256": keys.digest(request["schema"]),
            "churnops.lock_sha256": request["lockSha256"],
            "churnops.package_version": request["packageVersion"],
            "churnops.seed": str(request["seed"]),
            "churnops.split_seed": str(request["splitSeed"]),
            "churnops.estimator": "forest",
        }
        record = commit.dataset_input(
            Path(dataset["path"]).stem, dataset["path"], dataset["sha256"], dataset["rows"], request["schema"]
        )
        train = read_rows(self._folder / "reference.parquet", request["schema"])
        folders = ModelFolders(request["schema"], train, self._folder)
        parent = commit.start_parent(self._client, experiment, f"search {len(self._candidates)} forests", record, tags)
        for name in ("reference.parquet", "held_out.parquet"):
            self._client.log_artifact(parent, str(self._folder / name), _DATA_ARTIFACTS)
        return commit.Store(
            self._client,
            experiment,
            self._model,
            parent,
            folders,
            record,
            {**tags, "churnops.parent_run_id": parent},
        )

    def _commit(self, store: commit.Store, index: int, event: dict[str, Any]) -> dict[str, Any]:
        candidate = self._candidates[index]
        folder = self._folder / f"candidate-{index}"
        picture = self._folder / f"confusion-{index}.png"
        named = self._folder / "confusion_matrix.png"
        picture.rename(named)
        address = self._request["store"]["trackingUri"]
        with (
            self._phases.timed("log"),
            tracking.store_lock(address, "train", self._request["waitSeconds"], lambda _text: None),
        ):
            placed = store.commit(candidate, event, folder, named)
        shutil.rmtree(folder, ignore_errors=True)
        return {
            **placed,
            "name": candidate["name"],
            "params": candidate["params"],
            "threshold": event["threshold"],
            "metrics": event["metrics"],
            "reused": False,
        }

    def _find_reused(self) -> dict[str, dict[str, Any]]:
        """Versions of this training by candidate key, the lowest number first."""
        by_key: dict[str, Any] = {}
        wanted = {candidate["key"]: candidate for candidate in self._candidates}
        found = tracking.search_versions(
            self._client, f"name = '{self._model}' and tags.`churnops.training` = '{self._training}'"
        )
        for version in sorted(found, key=lambda version: int(version.version)):
            by_key.setdefault(version.tags.get("churnops.key", ""), version)
        reused = {}
        for key, version in by_key.items():
            if key not in wanted:
                continue
            metrics = dict(self._client.get_run(version.run_id).data.metrics)
            threshold = metrics.pop("threshold", float(version.tags["churnops.threshold"]))
            reused[key] = {
                "version": str(version.version),
                "runId": version.run_id,
                "name": wanted[key]["name"],
                "params": wanted[key]["params"],
                "threshold": threshold,
                "metrics": metrics,
                "reused": True,
                "parentRunId": version.tags.get("churnops.parent_run_id", ""),
            }
        return reused
