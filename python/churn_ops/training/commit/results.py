"""The candidates of a search as they come: committed in one order, or failed, with what the answer says of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, TypedDict

from mlflow import MlflowClient

from churn_ops.contract import Candidate, CandidatePlan, FailedCandidate
from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.training.commit import candidate as commit
from churn_ops.training.commit import search_warnings
from churn_ops.training.commit.commit_lock import commit_lock
from churn_ops.training.commit.reuse import answer_of
from churn_ops.training.engine.events import Finished
from churn_ops.training.engine.plan import Planned, Settled, settled
from churn_ops.training.engine.turns import Turns
from churn_ops.training.phases import Phases
from churn_ops.training.split_request import SplitRequest


class Answer(TypedDict):
    """What came of the candidates, in the order of the plan."""

    candidates: list[Candidate]
    failed: list[FailedCandidate]
    warnings: list[str]


class Results:
    """What became of each candidate.

    Parameters
    ----------
    request : dict
        The training request.
    training : str
        Key of the training.
    candidates : list of Planned
        All candidates of the search.
    folder : pathlib.Path
        Work folder of the training.
    phases : Phases
        Count the time.

    Attributes
    ----------
    done : dict of int to Candidate
        Registered candidates, by their position.
    keys : dict of int to str
        Keys of all that have a version, by position; a trial that drew an earlier one's parameters has its key.
    registered : dict of str to object
        Versions of the training that were there before, by key.
    resumed : set of int
        Positions of those that a cut-off attempt has fitted.
    """

    def __init__(
        self, request: SplitRequest, training: str, candidates: list[Planned], folder: Path, phases: Phases
    ) -> None:
        self._request = request
        self._training = training
        self._candidates = candidates
        self._folder = folder
        self._phases = phases
        self.done: dict[int, Candidate] = {}
        self.keys: dict[int, str] = {}
        self.registered: dict[str, Any] = {}
        self.resumed: set[int] = set()
        self._failed: list[FailedCandidate] = []
        self._held_methods: dict[int, str] = {}

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

    def commit_ready(self, store: commit.Store, turns: Turns, progress: Progress) -> None:
        """Commit every candidate whose turn it is: versions are numbered in one order, whichever helper is first.

        Parameters
        ----------
        store : commit.Store
            Takes them.
        turns : Turns
            Who is next.
        progress : callable
            Takes phase, done, total and text.
        """
        while (event := turns.next()) is not None:
            self._finish(store, event, progress)
            finished = len(self.keys) + len(self._failed)
            progress("train", finished, finished + len(turns.order), self._candidates[event["index"]]["name"])

    def answer(self) -> Answer:
        """Give what came of the candidates.

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
            "candidates": [self.done[index] for index in sorted(self.done)],
            "failed": self._failed,
            "warnings": [
                *search_warnings.warn_of_few_votes(self._request, self.done, self._held_methods),
                *search_warnings.warn_of_equal_trials(len(self._candidates), len(self.keys) - len(self.done)),
                *failures,
            ],
        }

    def _take(self, client: MlflowClient, index: int, key: str, candidate: Planned | Settled) -> None:
        if key not in self.keys.values():
            self.done[index], self._held_methods[index] = answer_of(client, candidate, self.registered[key])
        self.keys[index] = key

    def _finish(self, store: commit.Store, event: Finished, progress: Progress) -> None:
        index = event["index"]
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
            self._failed.append({**_plan_of(candidate), "reason": event["reason"], "runId": run_id})
            return
        for phase, seconds in event["seconds"].items():
            self._phases.add(phase, seconds)
        with self._phases.timed("log"), lock as check_lock:
            placed = store.commit(candidate, event, folder, self._folder / f"run-{index}", check_lock)
        shutil.rmtree(folder, ignore_errors=True)
        self.done[index] = {
            **placed,
            **_plan_of(candidate),
            "threshold": event["threshold"],
            # What was not measured is not in the store either.
            "metrics": {name: value for name, value in event["metrics"].items() if value is not None},
            "reused": index in self.resumed,
        }
        self._held_methods[index] = event["heldMethod"]
        self.keys[index] = key


def _plan_of(candidate: Settled) -> CandidatePlan:
    return {"name": candidate["name"], "estimator": candidate["estimator"], "params": candidate["params"]}
