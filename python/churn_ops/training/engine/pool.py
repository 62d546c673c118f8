"""The helper processes of a training, seen from the process that owns the store."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from churn_ops.errors import ChurnOpsError
from churn_ops.training.engine.events import Event, Settings, Task

_PACKAGE_FOLDER = Path(__file__).resolve().parents[3]


class Pool:
    """Workers that take groups one at a time, so that a long group keeps nobody waiting.

    Parameters
    ----------
    size : int
        Number of processes.
    """

    def __init__(self, size: int) -> None:
        self._events: queue.Queue[tuple[subprocess.Popen[str], Event | Exception | None]] = queue.Queue()
        self._waiting: list[Task] = []
        self._open_tasks = 0
        self._idle: list[subprocess.Popen[str]] = []
        # Threads of OpenMP and OpenBLAS spin while they wait, and helpers would take each other's cores.
        environment = {
            "OMP_WAIT_POLICY": "PASSIVE",
            "OPENBLAS_NUM_THREADS": "1",
            **os.environ,
            "PYTHONPATH": str(_PACKAGE_FOLDER),
            "PYTHONSAFEPATH": "1",
        }
        # Bridge descriptors and locks are not inherited; the log is, through standard error.
        self._workers = [
            subprocess.Popen(
                [sys.executable, "-m", "churn_ops.training.engine.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=environment,
            )
            for _ in range(size)
        ]

    @property
    def size(self) -> int:
        """Number of processes."""
        return len(self._workers)

    def shrink(self, size: int) -> None:
        """End the workers beyond a number."""
        for worker in self._workers[size:]:
            _end(worker)
        self._workers = self._workers[:size]

    def start(self, job: Settings, tasks: Sequence[Task], note: Callable[[Event], None]) -> None:
        """Give every worker the job and a first task.

        Parameters
        ----------
        job : Settings
            What every worker needs once.
        tasks : sequence of Task
            In the order in which they should begin.
        note : callable
            Takes each event the moment it comes, in a thread of its own, while the main one may still be busy.
        """
        self._waiting = list(reversed(tasks))
        for worker in self._workers:
            _write(worker, job)
            threading.Thread(target=_read, args=(worker, self._events, note), daemon=True).start()
            self._hand_out(worker)

    def events(self) -> Iterator[Event]:
        """Give the workers' events as they come, until all tasks are done.

        Raises
        ------
        ChurnOpsError
            ``PYTHON_DIED`` when a worker dies.
        """
        while self._open_tasks:
            worker, event = self._events.get()
            if event is None:
                raise _died(worker)
            if isinstance(event, Exception):
                raise event
            if event["event"] == "group":
                self._open_tasks -= 1
                self._hand_out(worker)
            yield event

    @property
    def idle(self) -> bool:
        """Whether a worker has nothing to do."""
        return bool(self._idle)

    def add(self, task: Task) -> None:
        """Give one more task to an idle worker, or let it wait behind all others."""
        self._waiting.insert(0, task)
        if self._idle:
            self._hand_out(self._idle.pop())

    def _hand_out(self, worker: subprocess.Popen[str]) -> None:
        if self._waiting:
            _write(worker, self._waiting.pop())
            self._open_tasks += 1
        else:
            self._idle.append(worker)

    def close(self) -> None:
        """End every worker at once."""
        for worker in self._workers:
            _end(worker)
        self._workers, self._idle = [], []


def _read(
    worker: subprocess.Popen[str],
    events: queue.Queue[tuple[subprocess.Popen[str], Event | Exception | None]],
    note: Callable[[Event], None],
) -> None:
    stream = _stdout(worker)
    try:
        for line in stream:
            event = json.loads(line)
            try:
                note(event)
            except OSError as error:
                events.put((worker, error))
                return
            events.put((worker, event))
    except ValueError:
        return  # closed by us
    events.put((worker, None))


def _write(worker: subprocess.Popen[str], message: Settings | Task) -> None:
    if worker.stdin is None:
        raise RuntimeError("worker without a standard input")
    try:
        worker.stdin.write(json.dumps(message) + "\n")
        worker.stdin.flush()
    except BrokenPipeError as error:
        raise _died(worker) from error


def _stdout(worker: subprocess.Popen[str]) -> Any:
    if worker.stdout is None:
        raise RuntimeError("worker without a standard output")
    return worker.stdout


def _end(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.wait()
    for stream in (worker.stdin, worker.stdout):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:
                continue


def _died(worker: subprocess.Popen[str]) -> ChurnOpsError:
    code = worker.wait()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return ChurnOpsError(
        "PYTHON_DIED",
        f"A helper process of the training died ({how}). Candidates registered so far are kept.",
        "Run the same command again; it resumes. If memory is short, use a smaller table or grid.",
        {"how": how},
    )
