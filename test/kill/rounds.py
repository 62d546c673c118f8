"""One round: the work of ``work.py`` in a fresh store, killed once, run again once, and checked."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kill import checks, command, forks, poller, work
from kill.command import Place
from kill.result import Result
from kill.stores import Stores

GONE_WITHIN_SECONDS = 2.0
HELPERS = len(os.sched_getaffinity(0))

#: A candidate whose files were on their way into the store is fitted again.
_MOST_LOST = 1


@dataclass(frozen=True)
class Case:
    """How a round is killed.

    Attributes
    ----------
    kind : str
        ``point``, ``random`` or ``unbroken``.
    who : str
        ``python`` or ``node``: the process that is killed.
    step : int
        Step of the work at whose point the kill comes.
    point : str
        As ``CHURN_OPS_CRASH_AT`` takes it.
    seconds : float
        Time of a random kill, from the begin of the round.
    """

    kind: str
    who: str = "python"
    step: int = 0
    point: str = ""
    seconds: float = 0.0

    @property
    def title(self) -> str:
        """Name in reports; enough to run it again."""
        how = self.point if self.kind == "point" else f"{self.seconds:.3f}"
        return f"{self.kind} {STEPS[self.step].name + ' ' if self.point else ''}{how} kills {self.who}"


@dataclass(frozen=True)
class Step:
    """One command of the work."""

    name: str
    method: str
    request: Callable[[Place], dict[str, Any]]


def _promotion(rank: int) -> Callable[[Place], dict[str, Any]]:
    def request(place: Place) -> dict[str, Any]:
        asked = command.run(place, "registry.versions", {"store": {"trackingUri": place.uri, "model": work.MODEL}})
        if not asked["ok"]:
            raise RuntimeError(f"versions: {asked['error']}")
        return work.promotion(place.uri, asked["result"], rank)

    return request


def _pruning(place: Place) -> dict[str, Any]:
    store = {"trackingUri": place.uri, "model": work.MODEL}
    asked = [command.run(place, method, {"store": store}) for method in ("registry.versions", "prune.inventory")]
    for answer in asked:
        if not answer["ok"]:
            raise RuntimeError(f"before pruning: {answer['error']}")
    return work.pruning(place.uri, asked[0]["result"], asked[1]["result"])


STEPS = (
    Step("train", "train", lambda place: work.training(place.folder, place.uri)),
    Step("promote", "registry.apply", _promotion(0)),
    Step("promote again", "registry.apply", _promotion(1)),
    Step("prune", "prune.apply", _pruning),
)


def play(stores: Stores, folder: Path, case: Case, expected: checks.Facts | None) -> Result:
    """Play one round in a folder of its own, with a poller beside it.

    Parameters
    ----------
    stores : Stores
        Where the store comes from.
    folder : pathlib.Path
        A folder that does not exist yet; gone afterwards unless something is broken.
    case : Case
        How it is killed.
    expected : dict or None
        Facts of an unbroken round.
    """
    folder.mkdir(parents=True)
    place = Place(folder, stores.fresh(folder))
    with poller.watching(place.uri, folder) as watched:
        result = Result(**forks.apart(lambda: vars(_play(place, stores.name, case, expected))))
    result.watched = watched
    result.broken += [f"I3: {text}" for text in watched["broken"]]
    stores.discard(place.uri)
    if not result.broken or os.environ.get("CHURN_OPS_KILL_KEEP") is None:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _play(place: Place, store: str, case: Case, expected: checks.Facts | None) -> Result:
    forks.adopt_orphans()
    result = Result(case.kind, store, case.title)
    begun = time.monotonic()
    kill_at = begun + case.seconds if case.kind == "random" else None
    whole: checks.Facts = {}
    try:
        for number, step in enumerate(STEPS):
            if step.name == "prune":
                whole = checks.facts(place)
            if not _run_step(place, number, step, case, kill_at, result):
                break
        if case.kind != "unbroken" and not result.killed:
            result.broken.append("not killed: the point was not reached" if case.kind == "point" else "not killed")
        result.seconds = time.monotonic() - begun
        result.broken += checks.broken(place)
        result.broken += [f"files of model {model} outlive pruning" for model in checks.unused_models(place)]
        result.facts = {"whole": whole, "pruned": checks.facts(place)}
        if expected is not None:
            for when, found in result.facts.items():
                result.broken += checks.differences(found, expected[when])
    except Exception as error:  # noqa: BLE001  (a round that fails is a finding, and the others go on)
        result.broken.append(f"round failed: {type(error).__name__}: {error}")
    return result


def _run_step(place: Place, number: int, step: Step, case: Case, kill_at: float | None, result: Result) -> bool:
    variables, kills_itself = {}, case.kind == "point" and number == case.step
    if kills_itself:
        variables = {"CHURN_OPS_CRASH_AT": case.point}
        if case.who == "node":
            variables["CHURN_OPS_CRASH_KILLS"] = "parent"
    running = command.start(place, step.method, step.request(place), variables)
    limit = command.HANGS_SECONDS
    if kill_at is not None and not result.killed:
        limit = min(limit, max(0.0, kill_at - time.monotonic()))
    ended = forks.wait_for(running.node, limit)
    if ended is None:
        if kill_at is None or result.killed:
            result.broken.append(f"{step.name} takes over {command.HANGS_SECONDS} s")
        _kill(running, case.who)
    elif ended == 0 or not kills_itself:
        answer = running.answer()
        _all_gone(result, step.name)
        if answer["ok"]:
            return True
        result.broken.append(f"{step.name} answers {answer['error']['code']}: {answer['error']['message'][:300]}")
        return False
    result.killed = True
    result.gone_seconds = _all_gone(result, step.name)
    return _rerun(place, step, result)


def _kill(running: command.Command, who: str) -> None:
    if who == "python":
        # It may end by itself at this very moment; then its parent is still there to be killed.
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.python, signal.SIGKILL)
            return
    os.kill(running.node, signal.SIGKILL)


def _rerun(place: Place, step: Step, result: Result) -> bool:
    finished, journaled = _fitted(place), _journaled(place)
    place.fits.unlink(missing_ok=True)
    answer = command.run(place, step.method, step.request(place))
    result.reruns += 1
    _all_gone(result, f"{step.name} again")
    if not answer["ok"]:
        error = answer["error"]
        result.broken.append(f"one rerun of {step.name} is not enough: {error['code']}: {error['message'][:300]}")
        result.broken.append(str(error.get("details", {}).get("traceback", ""))[-600:])
        return False
    if step.method == "train":
        _count_lost_work(place, finished, journaled, result)
    return True


def _count_lost_work(place: Place, finished: set[int], journaled: set[int], result: Result) -> None:
    again = _fitted(place)
    result.refitted, result.lost, result.unnoted = len(again), len(again & journaled), len(again & finished)
    if result.lost > _MOST_LOST:
        result.broken.append(f"{result.lost} journaled candidates were fitted again")
    if result.unnoted > _MOST_LOST + HELPERS:
        result.broken.append(f"{result.unnoted} finished candidates were fitted again")


def _fitted(place: Place) -> set[int]:
    return {int(line) for line in place.fits.read_text().split()} if place.fits.exists() else set()


def _journaled(place: Place) -> set[int]:
    found = set()
    for file in (place.state / "work").glob("train-*/candidates.jsonl"):
        for line in file.read_text().splitlines():
            # A checksum goes before each entry; the last line may be torn.
            with contextlib.suppress(ValueError):
                found.add(json.loads(line.partition(" ")[2]).get("event", {}).get("index", -1))
    return found - {-1}


def _all_gone(result: Result, after: str) -> float:
    seconds = forks.wait_for_all(GONE_WITHIN_SECONDS)
    if seconds is None:
        result.broken.append(f"I7: processes live on {GONE_WITHIN_SECONDS} s after {after}")
        return GONE_WITHIN_SECONDS
    return seconds
