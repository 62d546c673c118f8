"""One search: what is there already, what must be fitted, and the commits in one order."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from churn_ops import tracking
from churn_ops.errors import ChurnOpsError, Interrupted
from churn_ops.training import commit
from churn_ops.training.best_evidence import BestEvidence
from churn_ops.training.estimators import estimator_of
from churn_ops.training.open_search import open_search
from churn_ops.training.origin import git_tags, recorded
from churn_ops.training.plan import plan_candidates
from churn_ops.training.pool import Pool
from churn_ops.training.reuse import find_reused
from churn_ops.training.tasks import make_tasks
from churn_ops.wire import Progress


class Search:
    """The candidates of one training.

    Parameters
    ----------
    request : dict
        The training request.
    training : str
        Key of the training.
    folder : pathlib.Path
        Work folder with the split rows.
    phases : object
        Takes ``timed(phase)`` and ``add(phase, seconds)``.
    """

    def __init__(self, request: dict[str, Any], training: str, folder: Path, phases: Any) -> None:
        self._request = request
        self._training = training
        self._folder = folder
        self._phases = phases
        self._model = request["store"]["model"]
        self._candidates = plan_candidates(request, training)
        self._done: dict[int, dict[str, Any]] = {}
        self._failed: list[dict[str, Any]] = []
        self._without_votes: list[str] = []
        self._warnings: list[str] = []
        self._tasks: list[dict[str, Any]] | None = None

    def start_all(self, pool: Pool) -> None:
        """Let the helpers fit every candidate while a new store, which has none of them, is still being made."""
        self._start(pool, list(range(len(self._candidates))))

    def run(self, client: MlflowClient, pool: Pool, progress: Progress) -> dict[str, Any]:
        """Fit what is missing and register it.

        Parameters
        ----------
        client : mlflow.MlflowClient
            The open store.
        pool : Pool
            The helpers.
        progress : callable
            Takes phase, done, total and text.

        Returns
        -------
        dict
            ``candidates`` in the order of the plan, ``failed``, ``parentRunId``, ``experimentId`` and ``warnings``.
        """
        with self._phases.timed("store"):
            commit.ensure_registered_model(client, self._model)
            address = self._request["store"]["trackingUri"]
            experiment = tracking.experiment_id(client, address, self._request["experiment"])
            reused = find_reused(client, self._model, self._training, self._candidates)
        missing = []
        for index, candidate in enumerate(self._candidates):
            if candidate["key"] in reused:
                self._done[index] = reused[candidate["key"]]
            else:
                missing.append(index)
        parent = next((found["parentRunId"] for found in reused.values()), "")
        if missing:
            parent = self._train_missing(client, missing, experiment, pool, progress)
        if not self._done:
            first = self._failed[0]["reason"] if self._failed else "the search has no candidates"
            raise ChurnOpsError(
                "SEARCH_FAILED",
                f"No candidate could be trained: {first}. No version was registered.",
                "Change the grid with --grid and run it again.",
                {"failed": self._failed[:20]},
            )
        answers = [self._done[index] for index in sorted(self._done)]
        return {
            "candidates": [{key: v for key, v in answer.items() if key != "parentRunId"} for answer in answers],
            "failed": self._failed,
            "parentRunId": parent,
            "experimentId": experiment,
            "warnings": [*self._votes_warning(), *self._failures(), *self._warnings],
        }

    def _failures(self) -> list[str]:
        return [f"{failure['name']} could not be trained: {failure['reason']}" for failure in self._failed]

    def _votes_warning(self) -> list[str]:
        if not self._without_votes:
            return []
        names = ", ".join(self._without_votes[:5])
        more = f" and {len(self._without_votes) - 5} more" if len(self._without_votes) > 5 else ""
        return [f"Too few out-of-bag votes in {names}{more}: five-fold predictions of the training rows took over."]

    def _start(self, pool: Pool, missing: list[int]) -> list[dict[str, Any]]:
        request = self._request
        tasks = make_tasks(request, self._candidates, missing)
        pool.shrink(max(1, min(pool.size, len(tasks))))
        settings = {
            **{name: request[name] for name in ("schema", "seed", "threshold", "calibrate")},
            "folds": request["search"]["folds"],
            "model": self._model,
            "names": [candidate["name"] for candidate in self._candidates],
            "training": {**recorded(request), "gitCommit": git_tags(Path.cwd()).get("churnops.git_commit")},
            "folder": str(self._folder),
            "jobs": max(1, tracking.cores() // pool.size),
        }
        pool.start(settings, tasks)
        self._tasks = tasks
        return tasks

    def _train_missing(
        self, client: MlflowClient, missing: list[int], experiment: str, pool: Pool, progress: Progress
    ) -> str:
        tasks = self._tasks or self._start(pool, missing)
        with self._phases.timed("prepare"):
            store = open_search(client, self._request, self._training, self._folder, experiment, len(self._candidates))
        order = [candidate["index"] for task in tasks for candidate in task["candidates"]]
        waiting: dict[int, dict[str, Any]] = {}
        finished = 0
        evidence = BestEvidence(client, self._model, pool, self._folder)
        progress("train", 0, len(order), "fitting")
        try:
            for event in pool.events():
                if evidence.takes(event):
                    continue
                if event["event"] == "group":
                    lost = next(task for task in tasks if task["id"] == event["id"])["candidates"]
                    for index in [c["index"] for c in lost if c["index"] in order and c["index"] not in waiting]:
                        waiting[index] = {"event": "failed", "index": index, "reason": "its helper process failed"}
                else:
                    waiting[event["index"]] = event
                # Versions are numbered in one order, whichever worker is first.
                while order and order[0] in waiting:
                    index = order.pop(0)
                    self._finish(store, index, waiting.pop(index))
                    finished += 1
                    progress("train", finished, finished + len(order), self._candidates[index]["name"])
                evidence.offer(list(self._done.values()), complete=not order)
            self._log_evidence(evidence, store.parent_run_id)
            store.end_unfinished("FINISHED" if self._done else "FAILED")
        except Interrupted:
            store.end_unfinished("KILLED")
            raise
        except BaseException:
            store.end_unfinished("FAILED")
            raise
        return store.parent_run_id

    def _log_evidence(self, evidence: BestEvidence, parent: str) -> None:
        address, wait = self._request["store"]["trackingUri"], self._request["waitSeconds"]
        with (
            self._phases.timed("log"),
            tracking.store_lock(address, "train", wait, lambda _text: None),
        ):
            self._warnings += evidence.log(parent, list(self._done.values()))

    def _finish(self, store: commit.Store, index: int, event: dict[str, Any]) -> None:
        planned = self._candidates[index]
        candidate = {**planned, "params": planned["params"] or event.get("params") or {}}
        if index in self._done:
            # A trial of a study that was run again for its later ones.
            shutil.rmtree(self._folder / f"candidate-{index}", ignore_errors=True)
            return
        address, wait = self._request["store"]["trackingUri"], self._request["waitSeconds"]
        lock = tracking.store_lock(address, "train", wait, lambda _text: None)
        if event["event"] == "failed":
            with lock:
                run_id = store.commit_failure(candidate, event["reason"])
            shown = {"name": candidate["name"], "estimator": candidate["estimator"], "params": candidate["params"]}
            self._failed.append({**shown, "reason": event["reason"], "runId": run_id})
            return
        for phase, seconds in event["seconds"].items():
            self._phases.add(phase, seconds)
        forest = estimator_of(candidate["estimator"]).forest
        if forest and self._request["search"]["folds"] is None and event["heldMethod"] != "out-of-bag":
            self._without_votes.append(candidate["name"])
        folder = self._folder / f"candidate-{index}"
        with self._phases.timed("log"), lock:
            placed = store.commit(candidate, event, folder, self._folder / f"run-{index}")
        shutil.rmtree(folder, ignore_errors=True)
        self._done[index] = {
            **placed,
            **{name: candidate[name] for name in ("name", "estimator", "params")},
            "threshold": event["threshold"],
            "metrics": event["metrics"],
            "reused": False,
        }
