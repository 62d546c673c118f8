"""The evidence of a search's best version by the contract's ranking; the tag that names it is written under a lock."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Literal

from mlflow import MlflowClient
from mlflow.entities import Metric, RunTag

from churn_ops.contract import Candidate, SearchRanking, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.training.engine.events import Drawing, Event, Leaderboard
from churn_ops.training.engine.pool import Pool
from churn_ops.training.evidence.leaderboard import markdown, ranked
from churn_ops.training.evidence.stored_version import read_version

_PARTS: tuple[Literal["importance", "pictures"], ...] = ("importance", "pictures")


class BestEvidence:
    """Asks for evidence as soon as a helper is idle, and again if another candidate turns out to be the best.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    model : str
        Name of the registered model.
    pool : Pool
        The helpers of the training.
    folder : pathlib.Path
        Work folder of the training.
    """

    def __init__(self, client: MlflowClient, model: str, pool: Pool, folder: Path) -> None:
        self._client = client
        self._model = model
        self._pool = pool
        self._folder = folder
        self._asked: Candidate | None = None
        self._open: set[str] = set()
        self._drawn: set[str] = set()

    def takes(self, event: Event) -> bool:
        """Take an event of the pool when it is about evidence."""
        if event["event"] == "evidence":
            self._drawn.add(event["id"])
            return True
        return event["event"] == "group" and event["id"] in self._open

    def offer(self, candidates: list[Candidate], complete: bool) -> None:
        """Begin with the best candidate so far when a helper is idle, or in any case when the search is complete.

        Parameters
        ----------
        candidates : list of Candidate
            Those that are registered.
        complete : bool
            No further candidate will come.
        """
        if not candidates or not (complete or self._pool.idle):
            return
        best = ranked(candidates)[0]
        if self._asked is None or best["version"] != self._asked["version"]:
            self._asked = best
            self._ask(best)
        if complete and "leaderboard" not in self._open:
            folder = str(self._folder / "leaderboard")
            board: Leaderboard = {
                "id": "leaderboard",
                "kind": "evidence",
                "part": "leaderboard",
                "folder": folder,
                "search": candidates,
            }
            self._add(board)

    def log(self, parent_run_id: str, candidates: list[Candidate]) -> list[str]:
        """Log what was drawn: to the best version's run and to the parent run.

        Returns
        -------
        list of str
            Warnings about what could not be drawn.
        """
        best = self._asked
        if best is None:
            return []
        folder = self._folder_of(best)
        if folder.is_dir():
            self._client.log_artifacts(best["runId"], str(folder))
        board = self._folder / "leaderboard"
        if board.is_dir():
            self._client.log_artifacts(parent_run_id, str(board))
        self._describe(parent_run_id, candidates, best)
        parts = [*(_task_id(best, part) for part in _PARTS), "leaderboard"]
        if self._drawn.issuperset(parts):
            return []
        return [
            f"Not all evidence of version {best['version']} could be drawn; `churn-ops report {best['version']}` "
            "says why."
        ]

    def _describe(self, parent_run_id: str, candidates: list[Candidate], best: Candidate) -> None:
        now = int(time.time() * 1000)
        named = {f"best_{name}": best["metrics"].get(name) for name in ("f1_score", SearchRanking.METRIC)}
        self._client.log_batch(
            parent_run_id,
            metrics=[Metric(name, value, now, 0) for name, value in named.items() if value is not None],
            tags=[
                RunTag("mlflow.note.content", markdown(candidates, self._model)),
                RunTag(Tag.BEST_VERSION, best["version"]),
            ],
        )

    def _ask(self, best: Candidate) -> None:
        with contextlib.suppress(ChurnOpsError):
            version = read_version(self._client, self._model, best["version"])
            for part in _PARTS:
                drawing: Drawing = {
                    "id": _task_id(best, part),
                    "kind": "evidence",
                    "part": part,
                    "folder": str(self._folder_of(best)),
                    "modelFolder": str(version.folder),
                    "name": version.name,
                    "version": version.number,
                    "estimator": version.tags[Tag.ESTIMATOR],
                    "params": version.params,
                    "threshold": version.threshold,
                    "heldMethod": version.tags[Tag.HELD_METHOD],
                    "metrics": {**version.metrics},
                }
                self._add(drawing)

    def _add(self, task: Drawing | Leaderboard) -> None:
        self._open.add(task["id"])
        self._pool.add(task)

    def _folder_of(self, best: Candidate) -> Path:
        return self._folder / f"evidence-{best['version']}"


def _task_id(best: Candidate, part: str) -> str:
    return f"{part}-{best['version']}"
