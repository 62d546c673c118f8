"""The helper processes of a training: their deaths are told, and none outlives the pool."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.training.engine.pool import Pool

JOB = {"folder": "/nonexistent", "schema": {}, "seed": 1}
SECONDS = 60


def descendants(pid: int) -> set[int]:
    """Process ids of all below a process, by the kernel's own lists."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found |= {child} | descendants(child)
    return found


def until(condition):
    """Poll what no event tells: processes of other parents."""
    deadline = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="helpers are forked, and found through /proc, on Linux alone")
class TestForkedHelpers:
    def forked(self, pool: Pool, count: int) -> set[int]:
        starter = pool._workers[0].starter.pid
        return until(lambda: len(found := descendants(starter)) == count and found)

    def test_one_process_does_the_imports_and_is_forked_once_a_helper(self):
        pool = Pool(3)
        helpers = self.forked(pool, 3)
        assert {worker.starter.pid for worker in pool._workers} == {pool._workers[0].starter.pid}
        pool.close()
        assert [pid for pid in helpers if Path("/proc", str(pid)).exists()] == []

    def test_a_killed_helper_is_told_by_its_signal_and_takes_the_others_with_it(self):
        pool = Pool(2)
        helpers = self.forked(pool, 2)
        os.kill(min(helpers), signal.SIGKILL)
        with pytest.raises(ChurnOpsError, match=r"signal 9") as told:
            pool.start(JOB, [], lambda _event: None)
            pool.add({"id": 1})
            list(pool.events())
        assert told.value.code == "PYTHON_DIED"
        pool.close()
        assert [pid for pid in helpers if Path("/proc", str(pid)).exists()] == []

    def test_helpers_beyond_the_work_are_dismissed(self):
        pool = Pool(2)
        self.forked(pool, 2)
        pool.shrink(1)
        self.forked(pool, 1)
        pool.close()


def test_a_helper_that_cannot_begin_is_told_by_its_exit_code():
    pool = Pool(2)
    with pytest.raises(ChurnOpsError, match=r"exit code 1"):
        pool.start(JOB, [{"id": 1}, {"id": 2}], lambda _event: None)
        list(pool.events())
    pool.close()
