"""One search: what is there already, what must be fitted, and the commits in one order."""

from __future__ import annotations

from pathlib import Path

from mlflow import MlflowClient

from churn_ops.artifacts import root as artifact_root
from churn_ops.contract import Tag
from churn_ops.errors import Interrupted
from churn_ops.process import crash_points
from churn_ops.process.cores import cores
from churn_ops.progress import Progress
from churn_ops.training.commit import create_once, keys, resume
from churn_ops.training.commit.candidate_journal import CandidateJournal
from churn_ops.training.commit.commit_lock import commit_lock
from churn_ops.training.commit.open_search import open_search
from churn_ops.training.commit.origin import git_tags, recorded
from churn_ops.training.commit.recover import recover
from churn_ops.training.commit.results import Answer, Results
from churn_ops.training.engine.events import Event, Settings
from churn_ops.training.engine.plan import plan_candidates
from churn_ops.training.engine.pool import Pool
from churn_ops.training.engine.tasks import make_tasks
from churn_ops.training.engine.turns import Turns
from churn_ops.training.evidence.best_evidence import BestEvidence
from churn_ops.training.phases import Phases
from churn_ops.training.split_request import SplitRequest
from churn_ops.versions import searches


class SearchOutcome(Answer):
    """What came of a search."""

    parentRunId: str
    experimentId: str
    knownCustomers: int


class Search:
    """The candidates of one training.

    Parameters
    ----------
    request : dict
        The training request.
    training : str
        Key of the training.
    split_key : str
        Hash of the rows on each side of the split.
    folder : pathlib.Path
        Work folder of the training; what a cut-off attempt left in it is used.
    phases : Phases
        Count the time.
    """

    def __init__(self, request: SplitRequest, training: str, split_key: str, folder: Path, phases: Phases) -> None:
        self._request = request
        self._training = training
        self._folder = folder
        self._phases = phases
        self._model = request["store"]["model"]
        self._candidates = plan_candidates(request, training)
        self._key = keys.digest([training, request["search"]["kind"], [each["key"] for each in self._candidates]])
        self._journal = CandidateJournal(folder, keys.digest([self._key, split_key]))
        # As an earlier attempt left them; the journal grows from here on.
        self._kept = dict(self._journal.finished)
        self._results = Results(request, training, self._candidates, folder, phases)
        self._warnings: list[str] = []
        self._started = False

    @property
    def has_finished_candidates(self) -> bool:
        """Whether the work folder holds candidates that the store may not have."""
        return bool(self._journal.finished)

    def start_all(self, pool: Pool) -> None:
        """Let the helpers fit every candidate while a new store, which has none of them, is still being made."""
        self._start(pool, list(range(len(self._candidates))))

    def run(self, client: MlflowClient, pool: Pool, progress: Progress) -> SearchOutcome:
        """Fit what is missing and register it.

        Parameters
        ----------
        client : mlflow.MlflowClient
            The open store.
        pool : Pool
            The helpers.
        progress : callable
            Takes phase, done, total and text.
        """
        with self._phases.timed("store"):
            experiment, notes = artifact_root.experiment(client, self._request)
            self._warnings += notes
            create_once.ensure_registered_model(client, self._model)
            there = recover(client, self._request, self._training, self._key, self._candidates, experiment, progress)
            self._results.registered = there.versions
            self._results.take_registered(client, there.keys)
            earlier = there.parent
        missing = [index for index in range(len(self._candidates)) if index not in self._results.keys]
        if missing or earlier is None or not earlier.finished:
            parent = self._train_missing(client, missing, experiment, earlier, pool, progress)
        else:
            parent = earlier.run_id
        answer = self._results.answer()
        with self._phases.timed("store"), crash_points.around("latest"), commit_lock(self._request, progress):
            if earlier is not None and earlier.members is None and not missing:
                # Made by a release that did not list them.
                searches.write_members(client, parent, self._members())
            searches.mark_latest(client, self._model, parent)
        known = self._request["knownCustomers"] if earlier is None else earlier.known_customers
        return {
            "candidates": answer["candidates"],
            "failed": answer["failed"],
            "parentRunId": parent,
            "experimentId": experiment,
            "knownCustomers": self._request["knownCustomers"] if known is None else known,
            "warnings": [*answer["warnings"], *self._warnings],
        }

    def _members(self) -> list[str | None]:
        return [self._results.keys.get(index) for index in range(len(self._candidates))]

    def _start(self, pool: Pool, missing: list[int]) -> None:
        request = self._request
        unfitted = [index for index in missing if self._candidates[index]["key"] not in self._kept]
        tasks = make_tasks(request, self._candidates, unfitted)
        pool.shrink(max(1, min(pool.size, len(tasks))))
        settings: Settings = {
            "schema": request["schema"],
            "seed": request["seed"],
            "threshold": request["threshold"],
            "calibrate": request["calibrate"],
            "folds": request["search"]["folds"],
            "model": self._model,
            "names": [candidate["name"] for candidate in self._candidates],
            "training": {**recorded(request), "gitCommit": git_tags(Path.cwd()).get(Tag.GIT_COMMIT)},
            "folder": str(self._folder),
            "jobs": max(1, cores() // pool.size),
        }
        pool.start(settings, tasks, self._note)
        self._started = True

    def _train_missing(
        self,
        client: MlflowClient,
        missing: list[int],
        experiment: str,
        earlier: resume.Parent | None,
        pool: Pool,
        progress: Progress,
    ) -> str:
        if not self._started:
            self._start(pool, missing)
        identity = {"training": self._training, "search": self._key, "size": str(len(self._candidates))}
        with self._phases.timed("prepare"):
            lock = commit_lock(self._request, progress)
            store = open_search(client, self._request, identity, self._folder, experiment, earlier, lock)
        turns = Turns(make_tasks(self._request, self._candidates, missing))
        for index in turns.order:
            if (kept := self._kept.get(self._candidates[index]["key"])) is not None:
                turns.put(index, kept)
                self._results.resumed.add(index)
        evidence = BestEvidence(client, self._model, pool, self._folder)
        progress("train", 0, len(turns.order), "fitting")
        try:
            self._results.commit_ready(store, turns, progress)
            evidence.offer(list(self._results.done.values()), complete=not turns.order)
            for event in pool.events():
                if evidence.takes(event) or event["event"] == "evidence":
                    continue
                turns.take(event)
                self._results.commit_ready(store, turns, progress)
                evidence.offer(list(self._results.done.values()), complete=not turns.order)
            self._log_evidence(evidence, store.parent_run_id, progress)
            if self._results.done:
                store.close(self._members())
            else:
                store.end_unfinished("FAILED")
        except Interrupted:
            store.end_unfinished("KILLED")
            raise
        except BaseException:
            store.end_unfinished("FAILED")
            raise
        return store.parent_run_id

    def _note(self, event: Event) -> None:
        # A trial of a study has to be made again for the sake of those after it, so noting it would save nothing.
        if event["event"] == "candidate" and self._candidates[event["index"]]["params"] is not None:
            self._journal.add(self._candidates[event["index"]]["key"], event)

    def _log_evidence(self, evidence: BestEvidence, parent: str, progress: Progress) -> None:
        with self._phases.timed("log"), crash_points.around("evidence"), commit_lock(self._request, progress):
            self._warnings += evidence.log(parent, list(self._results.done.values()))
