"""Four trainings and then two promotions that are started at the same instant on one store."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

from kill import checks, command, forks, poller, programs, work
from kill.command import Place
from kill.result import Result
from kill.rounds import GONE_WITHIN_SECONDS
from kill.stores import Stores

FORMS = ("mixed", "real", "crowd")

#: Two of the four trainings are the same.
_SEEDS = (1, 1, 2, 3)

#: Eight processes with twenty registrations each; all twenty come from one fit.
_CROWD_SEEDS = (1, 2, 3, 4, 5, 6, 7, 8)
_CROWD_WAIT_SECONDS = 600
_CROWD_GRID: work.Grid = tuple((trees, 3) for trees in range(1, 21))
_TITLES = {
    "mixed": "four trainings, then two promotions",
    "real": "four trainings, then two promotions of the real program, on a store that none has made yet",
    "crowd": "eight trainings with twenty candidates each",
}
_BUSY = 6
_GRID = ("--grid", "n_estimators=6", "--grid", "max_depth=3,none")


def play(stores: Stores, folder: Path, form: str) -> Result:
    """Play one round.

    Parameters
    ----------
    stores : Stores
        Where the store comes from.
    folder : pathlib.Path
        A folder that does not exist yet.
    form : str
        One of ``FORMS``.
    """
    programs.write_folder(folder)
    is_real = form == "real"
    uri = f"sqlite:///{folder / 'mlflow.db'}" if is_real else stores.fresh(folder)
    place = Place(folder, uri)
    result = Result("at once", stores.name, _TITLES[form])
    begun = time.monotonic()
    if is_real:
        _play(place, result, form)
    else:
        with poller.watching(uri, folder) as watched:
            _play(place, result, form)
        result.watched = watched
        result.broken += [f"I3: {text}" for text in watched["broken"]]
        stores.discard(uri)
    result.seconds = time.monotonic() - begun
    if not result.broken or os.environ.get("CHURN_OPS_KILL_KEEP") is None:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _play(place: Place, result: Result, form: str) -> None:
    run = {"mixed": _mixed, "real": _real, "crowd": _crowd}[form]
    outcome = forks.apart(lambda: run(place))
    result.broken += outcome["broken"]
    result.reruns = outcome["reruns"]
    if result.broken:
        return
    result.broken += checks.broken(place)
    result.facts = checks.facts(place)
    trainings = len(set(_CROWD_SEEDS if form == "crowd" else _SEEDS))
    each = {"mixed": work.CANDIDATES, "real": 2, "crowd": len(_CROWD_GRID)}[form]
    versions = sorted(int(number) for number in result.facts["versions"])
    keys = {facts[0] for facts in result.facts["versions"].values()}
    expected = each * trainings
    if versions != list(range(1, expected + 1)) or len(keys) != expected:
        result.broken.append(f"versions {versions} with {len(keys)} keys instead of {expected}")
    if result.facts["parents"] != trainings or result.facts["unfinished"]:
        result.broken.append(f"{result.facts['parents']} parents, {result.facts['unfinished']} running runs")


def _mixed(place: Place) -> dict[str, Any]:
    forks.adopt_orphans()
    found = _at_once(place, [("train", work.training(place.folder, place.uri, seed)) for seed in _SEEDS])
    if found["refused"]:
        found["broken"].append(f"{found['refused']} trainings were refused within the wait")
    versions = command.run(place, "registry.versions", {"store": {"trackingUri": place.uri, "model": work.MODEL}})
    promotions = [("registry.apply", work.promotion(place.uri, versions["result"], rank)) for rank in (0, 1)]
    # The slower one was planned on what the quicker one has changed since: it may be refused.
    later = _at_once(place, promotions)
    if later["refused"] == len(promotions):
        later["broken"].append("both promotions were refused")
    return {"broken": found["broken"] + later["broken"], "reruns": 0}


def _crowd(place: Place) -> dict[str, Any]:
    forks.adopt_orphans()
    requests = [work.training(place.folder, place.uri, seed, _CROWD_GRID) for seed in _CROWD_SEEDS]
    found = _at_once(place, [("train", {**request, "waitSeconds": _CROWD_WAIT_SECONDS}) for request in requests])
    if found["refused"]:
        found["broken"].append(f"{found['refused']} trainings were refused within the wait")
    return {"broken": found["broken"], "reruns": 0}


def _at_once(place: Place, commands: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
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
    return {"broken": broken, "refused": refused}


def _real(place: Place) -> dict[str, Any]:
    forks.adopt_orphans()
    trainings = [("train", "--json", "--data", "table.csv", "--seed", str(seed), *_GRID) for seed in _SEEDS]
    found = _programs_at_once(place, trainings)
    # So small a table shows no skill.
    promotion = ("promote", "--json", "--allow-no-skill", "a table for kills", "--policy")
    later = _programs_at_once(place, [(*promotion, policy) for policy in ("documents", "gated")])
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
