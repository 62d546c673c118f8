"""The list of kills: each named point, and random instants from a printed seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from churn_ops.process.crash_points import POINTS
from kill.rounds import STEPS, Case

_SIDES = ("before", "after")
_WHO = ("python", "node")

#: Points that a training passes for each candidate: the second time one version is there and others are not.
_EACH_CANDIDATE = ("journal", "run", "model", "place", "sync", "ready", "finish", "register")

#: Points that the first promotion passes too, when there is no champion yet.
_FIRST_PROMOTION = ("intent", "champion", "stage", "done")


def at_points() -> list[Case]:
    """Every named point, before and after it, killing Python and killing its parent."""
    first = [
        Case("point", who, step, f"{point}:{side}") for step, point in _places() for side in _SIDES for who in _WHO
    ]
    return first + [Case("point", "python", 0, f"{point}:{side}:2") for point in _EACH_CANDIDATE for side in _SIDES]


def sampled(cases: list[Case], count: int, seed: int) -> list[Case]:
    """Take some of the cases, spread over all."""
    return cases if count >= len(cases) else random.Random(seed).sample(cases, count)


def at_random(count: int, seconds: float, seed: int) -> list[Case]:
    """Kills at instants that are uniform over the length of an unbroken round; every other one kills Node."""
    chance = random.Random(seed)
    return [Case("random", _WHO[number % 2], seconds=chance.uniform(0, seconds)) for number in range(count)]


def _places() -> Iterator[tuple[int, str]]:
    steps = {step.name: number for number, step in enumerate(STEPS)}
    for point in POINTS["train"]:
        yield steps["train"], point
    for point in POINTS["promote"]:
        # Only the second one has a previous champion to name.
        yield steps["promote again"], point
    for point in _FIRST_PROMOTION:
        yield steps["promote"], point
    if "prune" in steps:
        for point in POINTS["prune"]:
            yield steps["prune"], point
