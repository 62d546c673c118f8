"""One command of the program, played by two forked processes: one stands for Node, its child is Python."""

from __future__ import annotations

import atexit
import json
import os
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from churn_ops import wire
from churn_ops.process import lifetime
from kill import forked_worker, forks

#: A command of these sizes is done in two seconds; what takes longer hangs.
HANGS_SECONDS = 60.0


@dataclass
class Place:
    """Where the commands of one round run.

    Attributes
    ----------
    folder : pathlib.Path
        The user's folder, with the table in it.
    uri : str
        The store.
    beside : pathlib.Path or None
        Folder for what a real command hands to a terminal or a pipe; the user's folder when there is no other.
    """

    folder: Path
    uri: str
    beside: Path | None = None

    @property
    def state(self) -> Path:
        """Folder for local state."""
        return self.folder / ".churn-ops"

    @property
    def temporary(self) -> Path:
        """Folder that the commands take for temporary files; empty after each of them."""
        return self.folder / "tmp"

    @property
    def fits(self) -> Path:
        """File with a line for each candidate that a helper has fitted."""
        return (self.beside or self.folder) / "fits.log"

    @property
    def log(self) -> Path:
        """What the commands print."""
        return (self.beside or self.folder) / "python.log"


@dataclass
class Command:
    """A running command."""

    node: int
    python: int
    answer_file: Path
    begun: float = field(default_factory=time.monotonic)

    def answer(self) -> dict[str, Any]:
        """Envelope that Python answered with; what went wrong if it did not."""
        try:
            return json.loads(self.answer_file.read_text())
        except (OSError, ValueError):
            return {"ok": False, "error": {"code": "NO_ANSWER", "message": "ended without an answer"}}


def start(
    place: Place, method: str, payload: dict[str, Any], variables: dict[str, str] | None = None, name: str = "answer"
) -> Command:
    """Start a command; the caller waits for its end.

    Parameters
    ----------
    place : Place
        Where it runs.
    method : str
        Method of the wire.
    payload : dict
        Its request.
    variables : dict, optional
        Variables of the Python process, such as a crash point.
    name : str
        Name of the file with its answer; commands that run at once need one each.
    """
    request = json.dumps({"protocol": wire.PROTOCOL, "method": method, "payload": payload})
    answer_file = (place.beside or place.folder) / f"{name}.json"
    answer_file.unlink(missing_ok=True)
    reading, writing = os.pipe()

    def node() -> int:
        os.close(reading)
        python = forks.fork(lambda: _python(place, request, answer_file, variables or {}))
        os.write(writing, str(python).encode())
        os.close(writing)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        return 0 if os.waitpid(python, 0)[1] == 0 else 5

    pid = forks.fork(node)
    os.close(writing)
    with os.fdopen(reading) as stream:
        python = int(stream.read())
    return Command(pid, python, answer_file)


def run(place: Place, method: str, payload: dict[str, Any], variables: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a command to its end.

    Returns
    -------
    dict
        The envelope that it answered with.
    """
    command = start(place, method, payload, variables)
    if forks.wait_for(command.node, HANGS_SECONDS) is None:
        os.kill(command.node, signal.SIGKILL)
        return {"ok": False, "error": {"code": "HANGS", "message": f"{method} takes over {HANGS_SECONDS} s"}}
    return command.answer()


def _python(place: Place, request: str, answer_file: Path, variables: dict[str, str]) -> int:
    # Given by the reader of the pipe in the warm process; a real Python has only its own.
    os.closerange(3, 1024)
    atexit._clear()
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    lifetime.tie_to_parent(os.getppid())
    lifetime.handle_signals()
    own = {"CHURN_OPS_STATE": str(place.state), "TMPDIR": str(place.temporary)}
    place.temporary.mkdir(exist_ok=True)
    os.environ.update({**own, **variables})
    tempfile.tempdir = None
    os.chdir(place.folder)
    forked_worker.install(place.fits)
    answer = wire.answer(request, None)
    forked_worker.note_modules()
    draft = answer_file.with_suffix(".new")
    draft.write_text(answer)
    draft.rename(answer_file)
    atexit._run_exitfuncs()
    return 0
