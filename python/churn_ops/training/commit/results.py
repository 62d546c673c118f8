"""The candidates of a search as they come: committed in one order, or failed, with what the answer says of them."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.store.locks import file_lock
from churn_ops.store.locks.store_lock import store_lock
from churn_ops.training.commit import candidate as commit
from churn_ops.training.commit.reuse import answer_of
from churn_ops.training.engine.plan import settled
from churn_ops.training.fit.estimators import estimator_of
from churn_ops.training.split_request import SplitRequest


class Results:
    """What became of each candidate.

    Parameters
    ----------
    request : dict
        The training request.
    training : str
        Key of the training.
    candidates : list of dict
        All candidates of the search.
    folder : pathlib.Path
        Work folder of the training.
    phases : object
        Takes ``timed(phase)`` and ``add(phase, seconds)``.

    Attributes
    ----------
    done : dict of int to dict
        Registered candidates, by their position.
    keys : dict of int to str
        Keys of all that have a version, by position; a trial that drew an earlier one's parameters has its key.
    registered : dict of str to object
        Versions of the training that were there before, by key.
    resumed : set of int
        Positions of those that a cut-off attempt has fitted.
    """

    def __init__(
        self, request: SplitRequest, training: str, candidates: list[dict[str, Any]], folder: Path, phases: Any
    ) -> None:
        self._request = request
        self._training = training
        self._candidates = candidates
        self._folder = folder
        self._phases = phases
        self.done: dict[int, dict[str, Any]] = {}
        self.keys: dict[int, str] = {}
        self.registered: dict[str, Any] = {}
        self.resumed: set[int] = set()
        self._failed: list[dict[str, Any]] = []

    def take_registered(self, client: MlflowClient, keys: list[str | None]) -> None:
        """Take every candidate whose version is there already.

        Parameters
        ----------
        client : mlflow.MlflowClient
            The open store.
        keys : list of str or None
            Key of each candidate, as far as it is known.
        """
        for index, key in enumerate(keys):
            if key in self.registered:
                self._take(client, index, key, self._candidates[index])

    def commit_ready(
        self, store: commit.Store, order: list[int], waiting: dict[int, dict[str, Any]], progress: Progress
    ) -> None:
        """Commit every candidate whose turn it is: versions are numbered in one order, whichever helper is first.

        Parameters
        ----------
        store : commit.Store
            Takes them.
        order : list of int
            Positions that are still to come; those that were committed are taken out.
        waiting : dict of int to dict
            Events of helpers by position; used up likewise.
        progress : callable
            Takes phase, done, total and text.
        """
        while order and order[0] in waiting:
            index = order.pop(0)
            self._finish(store, index, waiting.pop(index), progress)
            finished = len(self.keys) + len(self._failed)
            progress("train", finished, finished + len(order), self._candidates[index]["name"])

    def answer(self) -> dict[str, Any]:
        """Give ``candidates`` in the order of the plan, ``failed`` and ``warnings``.

        Raises
        ------
        ChurnOpsError
            ``SEARCH_FAILED`` when no candidate could be trained.
        """
        if not self.done:
            first = self._failed[0]["reason"] if self._failed else "the search has no candidates"
            raise ChurnOpsError(
                "SEARCH_FAILED",
                f"No candidate could be trained: {first}. No version was registered.",
                "Change the grid with --grid and run it again.",
                {"failed": self._failed[:20]},
            )
        failures = [f"{failure['name']} could not be trained: {failure['reason']}" for failure in self._failed]
        return {
            "candidates": [
                {key: value for key, value in self.done[index].items() if key != "heldMethod"}
                for index in sorted(self.done)
            ],
            "failed": self._failed,
            "warnings": [*self._votes_warning(), *self._equal_warning(), *failures],
        }

    def _equal_warning(self) -> list[str]:
        equal = len(self.keys) - len(self.done)
        if equal == 0:
            return []
        return [
            f"{equal} of {len(self._candidates)} trials drew the same parameters as an earlier trial: each set of "
            "parameters is one version."
        ]

    def _votes_warning(self) -> list[str]:
        if self._request["search"]["folds"] is not None:
            return []
        found = [
            candidate["name"]
            for _, candidate in sorted(self.done.items())
            if estimator_of(candidate["estimator"]).forest and candidate["heldMethod"] != "out-of-bag"
        ]
        if not found:
            return []
        names = ", ".join(found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        return [
            f"Too few out-of-bag votes in {names}{more} (small forests, or several rows per customer): five-fold "
            "predictions of the training rows were used instead."
        ]

    def _take(self, client: MlflowClient, index: int, key: str, candidate: dict[str, Any]) -> None:
        if key not in self.keys.values():
            self.done[index] = answer_of(client, candidate, self.registered[key])
        self.keys[index] = key

    def _finish(self, store: commit.Store, index: int, event: dict[str, Any], progress: Progress) -> None:
        candidate = settled(self._candidates[index], event.get("params") or {}, self._training)
        folder = self._folder / f"candidate-{index}"
        key = candidate["key"]
        if event["event"] != "failed" and (key in self.registered or key in self.keys.values()):
            # A trial of a study that was run again for its later ones, or one with the parameters of an earlier one.
            self._take(store.client, index, key, candidate)
            shutil.rmtree(folder, ignore_errors=True)
            return
        lock = commit_lock(self._request, progress)
        if event["event"] == "failed":
            with lock:
                run_id = store.commit_failure(candidate, event["reason"])
            shown = {"name": candidate["name"], "estimator": candidate["estimator"], "params": candidate["params"]}
            self._failed.append({**shown, "reason": event["reason"], "runId": run_id})
            return
        for phase, seconds in event["seconds"].items():
            self._phases.add(phase, seconds)
        with self._phases.timed("log"), lock as check_lock:
            placed = store.commit(candidate, event, folder, self._folder / f"run-{index}", check_lock)
        shutil.rmtree(folder, ignore_errors=True)
        self.done[index] = {
            **placed,
            **{name: candidate[name] for name in ("name", "estimator", "params")},
            "threshold": event["threshold"],
            # What was not measured is not in the store either.
            "metrics": {name: value for name, value in event["metrics"].items() if value is not None},
            "heldMethod": event["heldMethod"],
            "reused": index in self.resumed,
        }
        self.keys[index] = key


def commit_lock(request: SplitRequest, progress: Progress) -> AbstractContextManager[file_lock.Check]:
    """Give the store's lock for one commit of a training."""
    return store_lock(
        request["store"]["trackingUri"],
        "train",
        request["waitSeconds"],
        lambda text: progress("wait", 0, 0, text),
    )
