"""What the helper processes of a training are given and what they say, each as one JSON line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from churn_ops.contract import EstimatorName, Metrics, Params, TableSchema, ThresholdRule


class Settings(TypedDict):
    """What all tasks of a training share."""

    schema: TableSchema
    seed: int
    threshold: ThresholdRule
    calibrate: bool
    folds: int | None
    jobs: int
    #: Work folder, with the rows of both sides.
    folder: str
    #: Of the registered model, and of each candidate by its position.
    model: str
    names: list[str]
    #: The request as it is recorded; without one no cards are written.
    training: NotRequired[dict[str, Any]]


class Trial(TypedDict):
    """The place of a candidate whose study chooses the parameters."""

    index: int


class Point(Trial):
    """A candidate of a task: its place in the plan and its parameters."""

    params: Params


class Group(TypedDict):
    """Candidates that share a fit."""

    id: str
    kind: Literal["group"]
    estimator: EstimatorName
    candidates: list[Point]


class Study(TypedDict):
    """A study of Optuna, whose trials learn from those before."""

    id: str
    kind: Literal["optuna"]
    estimator: EstimatorName
    prefix: str
    grid: dict[str, list[float | str | bool | None]]
    candidates: list[Trial]


class Described(TypedDict):
    """What evidence tells of a candidate beside its rows."""

    name: str
    estimator: str
    params: Params
    threshold: float
    heldMethod: str
    metrics: Metrics


class Drawing(Described):
    """A part of the evidence of a registered version."""

    id: str
    kind: Literal["evidence"]
    part: Literal["importance", "pictures"]
    folder: str
    modelFolder: str
    version: str


class Ranked(TypedDict):
    """A registered candidate as a leaderboard shows it."""

    name: str
    version: str
    params: Params
    metrics: Metrics
    threshold: float


class Leaderboard(TypedDict):
    """The candidates of a search side by side."""

    id: str
    kind: Literal["evidence"]
    part: Literal["leaderboard"]
    folder: str
    search: Sequence[Ranked]


Task: TypeAlias = Group | Study | Drawing | Leaderboard


class Facts(TypedDict):
    """What was measured of a candidate."""

    threshold: float
    metrics: Metrics
    heldMethod: str


class Measured(Facts):
    """A candidate is fitted and its files are written."""

    event: Literal["candidate"]
    index: int
    #: Beside skops' own, in its file.
    types: list[str]
    seconds: dict[str, float]
    params: NotRequired[Params]


class Failed(TypedDict):
    """A candidate could not be trained."""

    event: Literal["failed"]
    index: int
    reason: str
    params: NotRequired[Params]


class Halted(TypedDict):
    """The machine, and no candidate, is at fault: the disk is full."""

    event: Literal["halt"]
    errno: int


class Ended(TypedDict):
    """A task has ended, whatever became of its candidates."""

    event: Literal["group"]
    id: str
    seconds: float


class Drawn(TypedDict):
    """A part of evidence is drawn."""

    event: Literal["evidence"]
    id: str


Finished: TypeAlias = Measured | Failed
Event: TypeAlias = Measured | Failed | Halted | Ended | Drawn
