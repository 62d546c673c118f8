"""The helper processes of a training, seen from the process that owns the store."""

from __future__ import annotations

import functools
import json
import queue
from collections.abc import Callable, Iterator, Sequence

from churn_ops.errors import ChurnOpsError
from churn_ops.training.engine.events import Event, Settings, Task
from churn_ops.training.engine.helpers import Helper, start_helpers

Events = queue.Queue[tuple[Helper, Event | Exception | None]]


class Pool:
    """Workers that take groups one at a time, so that a long group keeps nobody waiting.

    Parameters
    ----------
    size : int
        Number of processes.
    """

    def __init__(self, size: int) -> None:
        self._events: Events = queue.Queue()
        self._waiting: list[Task] = []
        self._open_tasks = 0
        self._idle: list[Helper] = []
        self._workers = start_helpers(size)

    @property
    def size(self) -> int:
        """Number of processes."""
        return len(self._workers)

    def shrink(self, size: int) -> None:
        """End the workers beyond a number."""
        for worker in self._workers[size:]:
            worker.dismiss()
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
            worker.read_with(functools.partial(_read, worker, self._events, note))
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

    def _hand_out(self, worker: Helper) -> None:
        if self._waiting:
            _write(worker, self._waiting.pop())
            self._open_tasks += 1
        else:
            self._idle.append(worker)

    def close(self) -> None:
        """End every worker at once."""
        for worker in self._workers:
            worker.kill()
        self._workers, self._idle = [], []


def _read(worker: Helper, events: Events, note: Callable[[Event], None]) -> None:
    for line in worker.stdout:
        try:
            event = json.loads(line)
            note(event)
        except ValueError:
            break  # cut short by its end
        except OSError as error:
            events.put((worker, error))
            return
        events.put((worker, event))
    events.put((worker, None))


def _write(worker: Helper, message: Settings | Task) -> None:
    try:
        worker.stdin.write(json.dumps(message) + "\n")
        worker.stdin.flush()
    except BrokenPipeError as error:
        raise _died(worker) from error


def _died(worker: Helper) -> ChurnOpsError:
    code = worker.starter.wait()
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return ChurnOpsError(
        "PYTHON_DIED",
        f"A helper process of the training died ({how}). Candidates registered so far are kept.",
        "Run the same command again; it resumes. If memory is short, use a smaller table or grid.",
        {"how": how},
    )
