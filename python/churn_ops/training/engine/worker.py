"""A helper process of a training: fits groups of candidates, measures them and writes their files.

Started as ``python -m churn_ops.training.engine.worker``; reads one JSON line with the job, then one JSON line a group;
answers JSON lines. It holds no lock, knows nothing of MLflow, and dies with its parent.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING, TextIO

from churn_ops.process import lifetime

if TYPE_CHECKING:
    from churn_ops.training.engine.events import Event


def main() -> None:
    """Answer groups until the input ends."""
    lifetime.tie_to_parent(os.getppid())
    answers = _take_stdout()
    from churn_ops.training.engine.job import Job  # the slow imports, while the parent still prepares the job
    from churn_ops.training.engine.run_task import run_task

    job_line = sys.stdin.readline()
    if not job_line:
        return
    job = Job.load(json.loads(job_line))
    for line in sys.stdin:
        task = json.loads(line)
        started = time.perf_counter()
        try:
            for event in run_task(job, task):
                _send(answers, event)
        except Exception:  # noqa: BLE001  (what no candidate answers for; the parent names the candidates that are missing)
            traceback.print_exc()
        _send(answers, {"event": "group", "id": task["id"], "seconds": time.perf_counter() - started})


def _take_stdout() -> TextIO:
    # What a library prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _send(answers: TextIO, event: Event) -> None:
    answers.write(json.dumps(event, allow_nan=False) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
