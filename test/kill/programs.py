"""The built program as its users start it: a real Node, which starts a real Python."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kill import forks, work

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "dist" / "bin.js"
HANGS_SECONDS = 180.0

_POLL_SECONDS = 0.005
_GRID = {"n_estimators": [6, 12], "max_depth": [3, None], "min_samples_split": [5]}
CANDIDATES = 4


def why_not() -> str | None:
    """Why the program cannot be run here; None when it can."""
    if _node() is None:
        return "there is no node on the PATH"
    return None if BUILT.exists() else "the program is not built: npm run build"


@dataclass
class Program:
    """A running command of the program."""

    pid: int
    folder: Path
    name: str
    begun: float

    def wait(self, seconds: float = HANGS_SECONDS) -> int | None:
        """Wait for its end; its exit code, None when it still runs."""
        return forks.wait_for(self.pid, seconds)

    def document(self) -> dict[str, Any]:
        """The JSON document that it printed; what it printed when that is none."""
        text = self.output()
        try:
            return json.loads(text)
        except ValueError:
            return {"ok": False, "error": {"code": "NO_JSON", "message": text[-300:]}}

    def output(self) -> str:
        """What it printed on standard output."""
        return (self.folder / f"{self.name}.out").read_text()

    def errors(self) -> str:
        """What it printed on standard error."""
        return (self.folder / f"{self.name}.err").read_text()

    def python(self, deadline: float) -> int | None:
        """Process id of its Python, waited for; None when the program ended before or has none in time."""
        while time.monotonic() < deadline:
            found = [pid for pid, command in _children(self.pid) if b"interface.py" in command]
            if found:
                return found[0]
            if not _runs(self.pid):
                return None
            time.sleep(_POLL_SECONDS)
        return None

    def helper(self, deadline: float) -> int | None:
        """Process id of one of its helpers that fit candidates."""
        python = self.python(deadline)
        while python is not None and _runs(python) and time.monotonic() < deadline:
            starters = [pid for pid, command in _children(python) if b"churn_ops.training.engine.worker" in command]
            found = [pid for starter in starters for pid, _ in _children(starter)]
            if found:
                return found[0]
            time.sleep(_POLL_SECONDS)
        return None


def write_folder(folder: Path) -> None:
    """Make a user's folder: a small table and settings with a small grid."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    work.write_table(folder)
    settings = {"python": sys.executable, "grid": _GRID}
    (folder / "churn-ops.json").write_text(json.dumps(settings))


def start(folder: Path, name: str, *arguments: str, variables: dict[str, str] | None = None) -> Program:
    """Start a command in a process group of its own, as a shell does.

    Parameters
    ----------
    folder : pathlib.Path
        Its current folder, which also takes what it prints.
    name : str
        Name of the files for its output.
    arguments : str
        The command line.
    variables : dict, optional
        Variables beside ours.
    """
    command = [str(_node()), str(BUILT), *arguments]
    dropped = ("MLFLOW_TRACKING_URI", "PYTHONPATH", "CHURN_OPS_STATE")
    environment = {key: value for key, value in os.environ.items() if key not in dropped}
    environment.update({"TMPDIR": str(folder / "tmp"), "CHURN_OPS_HOME": str(folder / "home"), **(variables or {})})

    def become() -> int:
        os.setsid()
        os.chdir(folder)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for descriptor, kind in ((1, "out"), (2, "err")):
            file = os.open(f"{name}.{kind}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, descriptor)
        os.closerange(3, 1024)
        os.execve(command[0], command, environment)

    return Program(forks.fork(become), folder, name, time.monotonic())


def _node() -> str | None:
    return os.environ.get("CHURN_OPS_TEST_NODE") or shutil.which("node")


def _children(parent: int) -> list[tuple[int, bytes]]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append((int(entry.name), (entry / "cmdline").read_bytes()))
        except OSError:
            continue
    return found


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
