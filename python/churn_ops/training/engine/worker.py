"""A helper process of a training: fits groups of candidates, measures them and writes their files.

Started as ``python -m churn_ops.training.engine.worker READ,WRITE …`` with the descriptors of a pair of pipes for every
helper. It imports once; with more than one pair it forks a helper for each. A helper reads one JSON line with the job,
then one JSON line a group, and answers JSON lines. It holds no lock, knows nothing of MLflow, and dies with its parent.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING, NoReturn, TextIO

from churn_ops.process import lifetime

if TYPE_CHECKING:
    from churn_ops.training.engine.events import Event

Channel = tuple[int, int]


def main(arguments: list[str]) -> None:
    """Answer groups until the input ends.

    Parameters
    ----------
    arguments : list of str
        Pairs of descriptors, ``READ,WRITE``.
    """
    lifetime.tie_to_parent(os.getppid())
    os.dup2(2, 1)  # what a library prints belongs in the log
    # The slow imports, while the parent still prepares the job.
    from churn_ops.training.engine import job, run_task  # noqa: F401

    channels = [_channel(argument) for argument in arguments]
    if len(channels) == 1:
        _answer(channels[0])
    else:
        _end_like(_outlive(_fork(channels)))


def _channel(argument: str) -> Channel:
    to_read, to_write = argument.split(",")
    return int(to_read), int(to_write)


def _fork(channels: list[Channel]) -> list[int]:
    """Fork a helper for each channel; SIGTERM ends them all."""
    starter = os.getpid()
    helpers: list[int] = []
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    for channel in channels:
        pid = os.fork()
        if pid == 0:
            _be_helper(channel, channels, starter)
        helpers.append(pid)
    _close(channels)
    signal.signal(signal.SIGTERM, lambda _number, _frame: _kill(helpers))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    return helpers


def _be_helper(channel: Channel, channels: list[Channel], starter: int) -> NoReturn:
    code = 1
    try:
        lifetime.tie_to_parent(starter)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        # Else nobody would see the end of another helper's pipe.
        _close([other for other in channels if other != channel])
        _answer(channel)
        code = 0
    except Exception:  # noqa: BLE001  (the end of this process: there is nobody else to tell)
        traceback.print_exc()
    finally:
        os._exit(code)


def _close(channels: list[Channel]) -> None:
    for channel in channels:
        for descriptor in channel:
            os.close(descriptor)


def _kill(helpers: list[int]) -> None:
    for pid in helpers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _outlive(helpers: list[int]) -> int:
    """Wait for the end of all helpers, and end the others when one ends badly; gives the first bad exit code."""
    first_bad = 0
    while helpers:
        pid, status = os.wait()
        helpers.remove(pid)
        code = os.waitstatus_to_exitcode(status)
        if code and not first_bad:
            first_bad = code
            _kill(helpers)
    return first_bad


def _end_like(code: int) -> NoReturn:
    if code < 0:
        with contextlib.suppress(OSError):  # nobody can answer SIGKILL
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


def _answer(channel: Channel) -> None:
    from churn_ops.training.engine.job import Job
    from churn_ops.training.engine.run_task import run_task

    with os.fdopen(channel[0], encoding="utf-8") as lines, os.fdopen(channel[1], "w", encoding="utf-8") as answers:
        job_line = lines.readline()
        if not job_line:
            return
        job = Job.load(json.loads(job_line))
        for line in lines:
            task = json.loads(line)
            started = time.perf_counter()
            try:
                for event in run_task(job, task):
                    _send(answers, event)
            except Exception:  # noqa: BLE001  (what no candidate answers for; the parent names the candidates that are missing)
                traceback.print_exc()
            _send(answers, {"event": "group", "id": task["id"], "seconds": time.perf_counter() - started})


def _send(answers: TextIO, event: Event) -> None:
    answers.write(json.dumps(event, allow_nan=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
