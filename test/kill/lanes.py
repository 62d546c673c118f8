"""Runs rounds side by side, each in a process forked from the warm one."""

from __future__ import annotations

import json
import os
import select
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kill import forks
from kill.result import Result


@dataclass(frozen=True)
class Job:
    """One round that is yet to be run."""

    kind: str
    store: str
    case: str
    run: Callable[[], Result]


def run(jobs: list[Job], lanes: int) -> Iterator[Result]:
    """Run jobs, so many at a time, and give the results as they come."""
    waiting = list(reversed(jobs))
    open_jobs: dict[int, tuple[Job, int]] = {}
    while waiting or open_jobs:
        while waiting and len(open_jobs) < lanes:
            job = waiting.pop()
            reading, pid = _start(job)
            open_jobs[reading] = (job, pid)
        ready, _, _ = select.select(list(open_jobs), [], [])
        for reading in ready:
            job, pid = open_jobs.pop(reading)
            yield _result(job, reading, pid)


def _start(job: Job) -> tuple[int, int]:
    reading, writing = os.pipe()

    def work() -> int:
        os.close(reading)
        # Written at the end in one go: until then the pipe tells that the round still runs.
        text = json.dumps(vars(job.run()))
        with os.fdopen(writing, "w") as out:
            out.write(text)
        return 0

    pid = forks.fork(work)
    os.close(writing)
    return reading, pid


def _result(job: Job, reading: int, pid: int) -> Result:
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(pid, 0)
    if not text:
        return Result(job.kind, job.store, job.case, broken=["the round itself failed; see above"])
    fields: dict[str, Any] = json.loads(text)
    return Result(**fields)
