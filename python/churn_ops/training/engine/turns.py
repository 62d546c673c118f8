"""Candidates that wait for their turn: versions are numbered in one order, whichever helper is first."""

from __future__ import annotations

import os

from churn_ops.training.engine.events import Ended, Finished, Group, Halted, Study


class Turns:
    """What helpers said of the candidates of a search, in the order in which they are committed.

    Parameters
    ----------
    tasks : sequence of Group or Study
        With all candidates that are to come.
    """

    def __init__(self, tasks: list[Group] | list[Study]) -> None:
        self._places = {task["id"]: [candidate["index"] for candidate in task["candidates"]] for task in tasks}
        self.order = [index for places in self._places.values() for index in places]
        self._waiting: dict[int, Finished] = {}

    def put(self, index: int, event: Finished) -> None:
        """Let a candidate wait."""
        self._waiting[index] = event

    def take(self, event: Finished | Ended | Halted) -> None:
        """Take what a helper said; a candidate of a task that ended without a word of it has failed.

        Raises
        ------
        OSError
            When the disk of the helper is full.
        """
        if event["event"] == "halt":
            raise OSError(event["errno"], os.strerror(event["errno"]))
        if event["event"] != "group":
            self.put(event["index"], event)
            return
        for index in self._places[event["id"]]:
            if index in self.order and index not in self._waiting:
                self.put(index, {"event": "failed", "index": index, "reason": "its helper process failed"})

    def next(self) -> Finished | None:
        """Give the candidate whose turn it is; None while it is not there yet, and at the end."""
        return self._waiting.pop(self.order.pop(0)) if self.order and self.order[0] in self._waiting else None
