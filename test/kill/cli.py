"""Rounds of the real program: trained and promoted once with a kill in between, run again once, and checked."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from churn_ops.process.crash_points import POINTS
from kill import checks, forks, programs
from kill.command import Place
from kill.programs import Program
from kill.result import Result
from kill.rounds import GONE_WITHIN_SECONDS
from kill.stores import Stores

_NOTICED_WITHIN_SECONDS = 1.0
_STOPS_WITHIN_SECONDS = 2.0
_BECAUSE_DEAD = 5
_SIGNALS = {"SIGINT": (signal.SIGINT, 130), "SIGTERM": (signal.SIGTERM, 143)}
_TRAIN = ("train", "--json", "--data", "table.csv")
# So small a table shows no skill.
_PROMOTE = ("promote", "--json", "--policy", "documents", "--allow-no-skill", "a table for kills")


@dataclass(frozen=True)
class CliCase:
    """How the real program is killed.

    Attributes
    ----------
    how : str
        ``node``, ``python`` or ``helper`` for SIGKILL at a random time; ``SIGINT`` and ``SIGTERM``; ``point``.
    command : str
        ``train`` or ``promote``.
    share : float
        Random time as a share of an unbroken command.
    point : str
        As ``CHURN_OPS_CRASH_AT`` takes it.
    who : str
        At a point: ``python`` or ``node``.
    new_store : bool
        Whether the training has to make the store first.
    """

    how: str
    command: str
    share: float = 0.0
    point: str = ""
    who: str = ""
    new_store: bool = False

    @property
    def title(self) -> str:
        """Name in reports."""
        when = f"{self.point} kills {self.who}" if self.how == "point" else f"at {self.share:.4f}"
        return f"{self.how} {when} in {self.command}{' on a new store' if self.new_store else ''}"


def cases(count: int, seed: int) -> list[CliCase]:
    """Draw the rounds: all ways to die in turn."""
    chance = random.Random(seed)
    places = [("train", point) for point in POINTS["train"]] + [("promote", point) for point in ("intent", "champion")]
    chosen = []
    for number in range(count):
        how = ("python", "node", "SIGINT", "point", "helper", "SIGTERM")[number % 6]
        command = "promote" if number % 5 == 4 and how != "helper" else "train"
        point, who = "", ""
        if how == "point":
            command, name = chance.choice(places)
            point, who = f"{name}:{chance.choice(('before', 'after'))}", chance.choice(("python", "node"))
        new_store = command == "train" and how != "point" and number % 4 == 0
        chosen.append(CliCase(how, command, chance.random(), point, who, new_store))
    return chosen


def guessed(imports: float) -> dict[str, float]:
    """Seconds of an unbroken training and promotion, from those that the imports take."""
    return {"train": imports * 1.3, "promote": imports}


def lengths(folder: Path, stores: Stores) -> dict[str, float]:
    """Seconds of an unbroken training and promotion."""

    def measure() -> dict[str, float]:
        forks.adopt_orphans()
        programs.write_folder(folder)
        stores.fresh(folder)
        found = {}
        for name, arguments in (("train", _TRAIN), ("promote", _PROMOTE)):
            program = programs.start(folder, name, *arguments)
            code = program.wait()
            if code != 0:
                raise RuntimeError(f"{name} leaves with {code}: {program.output()} {program.errors()[-500:]}")
            found[name] = time.monotonic() - program.begun
        return found

    return forks.apart(measure)


def play(stores: Stores, folder: Path, case: CliCase, seconds: dict[str, float]) -> Result:
    """Play one round in a folder of its own."""
    forks.adopt_orphans()
    programs.write_folder(folder)
    uri = f"sqlite:///{folder / 'mlflow.db'}" if case.new_store else stores.fresh(folder)
    result = Result("cli", stores.name, case.title)
    begun = time.monotonic()
    try:
        for name, arguments in (("train", _TRAIN), ("promote", _PROMOTE)):
            if name == case.command:
                _kill(folder, name, arguments, case, seconds[name], result)
                result.reruns += 1
            _run_again(folder, name, arguments, result)
        place = Place(folder, uri)
        result.seconds = time.monotonic() - begun
        result.broken += checks.broken(place)
        result.facts = checks.facts(place)
        _check_end(result)
    except Exception as error:  # noqa: BLE001  (a round that fails is a finding, and the others go on)
        result.broken.append(f"round failed: {type(error).__name__}: {error}")
    if not result.broken or os.environ.get("CHURN_OPS_KILL_KEEP") is None:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def _kill(folder: Path, name: str, arguments: tuple[str, ...], case: CliCase, seconds: float, result: Result) -> None:
    variables = {}
    if case.how == "point":
        variables["CHURN_OPS_CRASH_AT"] = case.point
        if case.who == "node":
            variables["CHURN_OPS_CRASH_KILLS"] = "parent"
    program = programs.start(folder, f"{name}-killed", *arguments, variables=variables)
    if case.how == "point":
        _die_at_point(program, case, result)
    elif case.how in _SIGNALS:
        _interrupt(program, case, seconds, result)
    else:
        _kill_one(program, case, seconds, result)
    gone = forks.wait_for_all(GONE_WITHIN_SECONDS)
    if gone is None:
        result.broken.append(f"I7: processes live on {GONE_WITHIN_SECONDS} s after the kill")
    result.gone_seconds = GONE_WITHIN_SECONDS if gone is None else gone


def _die_at_point(program: Program, case: CliCase, result: Result) -> None:
    code = program.wait()
    result.killed = code != 0
    expected = _BECAUSE_DEAD if case.who == "python" else -signal.SIGKILL
    if code != expected:
        result.broken.append(f"leaves with {code} and not {expected}: {program.errors()[-300:]}")
    if case.who == "python":
        _expect_dead_python(program, result)


def _kill_one(program: Program, case: CliCase, seconds: float, result: Result) -> None:
    deadline = program.begun + programs.HANGS_SECONDS
    victim: int | None = program.pid
    if case.how == "python":
        victim = program.python(deadline)
    elif case.how == "helper":
        victim = program.helper(deadline)
    ended = program.wait(max(0.0, program.begun + case.share * seconds - time.monotonic()))
    if ended is not None or victim is None:
        # It was quicker than the unbroken one; that the command ended well is checked by running it again.
        return
    at = time.monotonic()
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        program.wait()
        return
    result.killed = True
    code = program.wait()
    if case.how == "node":
        return
    if code == 0:
        # The last answer was out already, or a helper had nothing left to do.
        return
    if case.how == "python":
        result.notice_seconds = time.monotonic() - at
        if result.notice_seconds > _NOTICED_WITHIN_SECONDS:
            result.broken.append(f"Python's death was noticed after {result.notice_seconds:.2f} s")
    if code != _BECAUSE_DEAD:
        result.broken.append(f"leaves with {code} and not {_BECAUSE_DEAD}: {program.errors()[-300:]}")
    _expect_dead_python(program, result)


def _expect_dead_python(program: Program, result: Result) -> None:
    document = program.document()
    code = document.get("error", {}).get("code")
    if code != "PYTHON_DIED":
        result.broken.append(f"answers {code} and not PYTHON_DIED: {str(document)[:300]}")


def _interrupt(program: Program, case: CliCase, seconds: float, result: Result) -> None:
    number, expected = _SIGNALS[case.how]
    if program.wait(max(0.0, program.begun + case.share * seconds - time.monotonic())) is not None:
        return
    at = time.monotonic()
    # A terminal tells the whole group; a supervisor tells the program alone.
    if number == signal.SIGINT:
        os.killpg(program.pid, number)
    else:
        os.kill(program.pid, number)
    code = program.wait()
    stopped = time.monotonic() - at
    result.killed = True
    if stopped > _STOPS_WITHIN_SECONDS:
        result.broken.append(f"stops {stopped:.2f} s after {case.how}")
    # Node itself, in its first tenth of a second, dies of the signal.
    if code not in (expected, -number, 0):
        result.broken.append(f"leaves with {code} and not {expected} after {case.how}: {program.errors()[-300:]}")


def _run_again(folder: Path, name: str, arguments: tuple[str, ...], result: Result) -> None:
    program = programs.start(folder, name, *arguments)
    code = program.wait()
    if code != 0:
        shown = f"{program.output()[-400:]} {program.errors()[-300:]}"
        raise RuntimeError(f"one rerun of {name} is not enough: it leaves with {code}: {shown}")
    if forks.wait_for_all(GONE_WITHIN_SECONDS) is None:
        result.broken.append(f"I7: processes live on {GONE_WITHIN_SECONDS} s after {name}")


def _check_end(result: Result) -> None:
    versions = sorted(int(number) for number in result.facts["versions"])
    if versions != list(range(1, programs.CANDIDATES + 1)):
        result.broken.append(f"versions {versions} instead of 1 to {programs.CANDIDATES}")
    if result.facts["parents"] != 1 or result.facts["unfinished"]:
        result.broken.append(f"parents {result.facts['parents']}, running {result.facts['unfinished']}")
    if result.facts["champion"] is None:
        result.broken.append("there is no champion")
