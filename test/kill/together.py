"""Four trainings and then two promotions that are started at the same instant on one store."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from kill import checks, command, forks, poller, programs, work
from kill.command import Place
from kill.result import Result
from kill.rounds import GONE_WITHIN_SECONDS
from kill.stores import Stores

#: Two of the four trainings are the same.
_SEEDS = (1, 1, 2, 3)
_BUSY = 6
_GRID = ("--grid", "n_estimators=6", "--grid", "max_depth=3,none")


def play(stores: Stores, folder: Path, real: bool) -> Result:
    """Play one round.

    Parameters
    ----------
    stores : Stores
        Where the store comes from.
    folder : pathlib.Path
        A folder that does not exist yet.
    real : bool
        Start the built program, on a store that none of them has made yet, instead of forked processes.
    """
    programs.write_folder(folder)
    uri = f"sqlite:///{folder / 'mlflow.db'}" if real else stores.fresh(folder)
    place = Place(folder, uri)
    title = f"four trainings and two promotions{' of the real program on a new store' if real else ''}"
    result = Result("at once", stores.name, title)
    if real:
        _play(place, result, real)
    else:
        with poller.watching(uri, folder) as watched:
            _play(place, result, real)
        result.watched = watched
        result.broken += [f"I3: {text}" for text in watched["broken"]]
        stores.discard(uri)
    if not result.broken or os.environ.get("CHURN_OPS_KILL_KEEP") is None:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _play(place: Place, result: Result, real: bool) -> None:
    outcome = forks.apart(lambda: _real(place) if real else _forked(place))
    result.broken += outcome["broken"]
    result.reruns = outcome["reruns"]
    if result.broken:
        return
    result.broken += checks.broken(place)
    result.facts = checks.facts(place)
    each = 2 if real else work.CANDIDATES
    versions = sorted(int(number) for number in result.facts["versions"])
    keys = {facts[0] for facts in result.facts["versions"].values()}
    expected = each * len(set(_SEEDS))
    if versions != list(range(1, expected + 1)) or len(keys) != expected:
        result.broken.append(f"versions {versions} with {len(keys)} keys instead of {expected}")
    if result.facts["parents"] != len(set(_SEEDS)) or result.facts["unfinished"]:
        result.broken.append(f"{result.facts['parents']} parents, {result.facts['unfinished']} running runs")


def _forked(place: Place) -> dict[str, Any]:
    forks.adopt_orphans()
    trainings = [("train", work.training(place.folder, place.uri, seed)) for seed in _SEEDS]
    found = _at_once(place, trainings)
    versions = command.run(place, "registry.versions", {"store": {"trackingUri": place.uri, "model": work.MODEL}})
    promotions = [("registry.apply", work.promotion(place.uri, versions["result"], rank)) for rank in (0, 1)]
    # The slower one was planned on what the quicker one has changed since: it may be refused.
    later = _at_once(place, promotions, may_all_be_refused=False)
    return {"broken": found["broken"] + later["broken"], "reruns": found["reruns"]}


def _at_once(
    place: Place, commands: list[tuple[str, dict[str, Any]]], may_all_be_refused: bool = True
) -> dict[str, Any]:
    started = [
        command.start(place, method, payload, name=f"answer-{number}")
        for number, (method, payload) in enumerate(commands)
    ]
    broken, refused = [], 0
    for running in started:
        forks.wait_for(running.node, command.HANGS_SECONDS * len(commands))
        answer = running.answer()
        if not answer["ok"]:
            refused += 1
            broken += _refusal(answer["error"])
    if forks.wait_for_all(GONE_WITHIN_SECONDS) is None:
        broken.append("I7: processes live on")
    if refused == len(commands) and not may_all_be_refused:
        broken.append("all were refused")
    return {"broken": broken, "reruns": refused}


def _real(place: Place) -> dict[str, Any]:
    forks.adopt_orphans()
    trainings = [("train", "--json", "--data", "table.csv", "--seed", str(seed), *_GRID) for seed in _SEEDS]
    found = _programs_at_once(place, trainings)
    later = _programs_at_once(place, [("promote", "--json", "--policy", policy) for policy in ("documents", "gated")])
    return {"broken": found["broken"] + later["broken"], "reruns": found["reruns"] + later["reruns"]}


def _programs_at_once(place: Place, lines: list[tuple[str, ...]]) -> dict[str, Any]:
    started = [
        programs.start(place.folder, f"{line[0]}-{number}", *line, "--wait", "120") for number, line in enumerate(lines)
    ]
    broken, again = [], []
    for running, line in zip(started, lines, strict=True):
        code = running.wait()
        if code == _BUSY:
            broken += _refusal(running.document()["error"])
            again.append(line)
        elif code != 0:
            broken.append(f"{line[0]} leaves with {code}: {running.output()[-300:]} {running.errors()[-300:]}")
    for number, line in enumerate(again):
        code = programs.start(place.folder, f"again-{number}", *line).wait()
        if code != 0:
            broken.append(f"one rerun of {line[0]} is not enough: {code}")
    if forks.wait_for_all(GONE_WITHIN_SECONDS) is None:
        broken.append("I7: processes live on")
    return {"broken": broken, "reruns": len(again)}


def _refusal(error: dict[str, Any]) -> list[str]:
    # It says who holds the lock, or that another one has moved the versions meanwhile.
    named = "pid" in error["message"] or "nother process" in error["message"]
    return [] if error["code"] == "BUSY" and named else [f"refused with {error['code']}: {error['message'][:300]}"]
