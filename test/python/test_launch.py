"""The launcher with a stand-in ``mlflow`` that starts a grandchild, as the real one does, in a fraction of its time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).parents[2] / "python" / "churn_ops_launch.py"

# `python -m mlflow`: a parent that waits, and a grandchild that ignores SIGTERM and holds a port.
MLFLOW = """
import os, subprocess, sys, time
if sys.argv[1] == "fail":
    print("the model does not load", flush=True)
    sys.exit(3)
child = subprocess.Popen([sys.executable, "-c", '''
import os, signal, socket, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
listener = socket.create_server(("127.0.0.1", 0))
with open("port", "w") as file: file.write(str(listener.getsockname()[1]))
with open("pids.part", "w") as file: file.write(f"{os.getppid()} {os.getpid()} {os.getpgrp()} {os.environ['TMPDIR']}")
os.rename("pids.part", "pids")
time.sleep(60)
'''])
child.wait()
"""

# Stands for Node: starts the launcher and waits.
PARENT = """
import os, subprocess, sys
launcher = subprocess.Popen(
    [sys.executable, sys.argv[1], "--parent", str(os.getpid()), "--scratch", sys.argv[2], "--", "serve"])
print(launcher.pid, flush=True)
launcher.wait()
"""


def lives(pid: int) -> bool:
    """A zombie is dead: it holds nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool], seconds: float = 10) -> float:
    """Seconds until the condition held."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "it did not come true in time"
        time.sleep(0.02)
    return time.monotonic() - begun


class Tree:
    """A parent, its launcher and what that started."""

    def __init__(self, folder: Path) -> None:
        package = folder / "packages" / "mlflow"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()  # without it the real mlflow would win
        (package / "__main__.py").write_text(MLFLOW)
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(LAUNCHER), str(self.scratch)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(package.parent)},
        )
        assert self.parent.stdout is not None
        self.launcher = int(self.parent.stdout.readline())
        until(lambda: (self.scratch / "pids").exists())
        mlflow, grandchild, self.guard, self.temporary = (self.scratch / "pids").read_text().split()
        self.port = int((self.scratch / "port").read_text())
        self.servers = [int(mlflow), int(grandchild), int(self.guard)]

    def gone(self) -> bool:
        return not any(lives(pid) for pid in [self.launcher, *self.servers])


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    started = Tree(tmp_path)
    yield started
    for pid in [started.parent.pid, started.launcher, *started.servers]:
        if lives(pid):
            os.kill(pid, signal.SIGKILL)
    started.parent.wait()


def test_gives_the_servers_a_group_and_a_temporary_folder_of_their_own(tree: Tree) -> None:
    assert os.getpgid(tree.servers[1]) == int(tree.guard) != os.getpgid(tree.launcher)
    assert tree.temporary == str(tree.scratch)


def test_ends_the_whole_tree_when_its_parent_is_killed(tree: Tree) -> None:
    tree.parent.kill()
    tree.parent.wait()
    assert until(lambda: tree.gone() and not tree.scratch.exists()) < 2


def test_ends_the_whole_tree_when_the_launcher_itself_is_killed(tree: Tree) -> None:
    os.kill(tree.launcher, signal.SIGKILL)
    assert until(tree.gone) < 2
    assert (tree.scratch / "server.log").exists(), "a living parent still wants to read the log"


def test_ends_the_whole_tree_when_parent_and_launcher_are_killed_at_once(tree: Tree) -> None:
    tree.parent.kill()
    os.kill(tree.launcher, signal.SIGKILL)
    tree.parent.wait()
    assert until(lambda: tree.gone() and not tree.scratch.exists()) < 2


def test_ends_the_whole_tree_when_the_guard_is_killed(tree: Tree) -> None:
    os.kill(int(tree.guard), signal.SIGKILL)
    assert until(tree.gone) < 2


def test_ends_the_whole_tree_when_mlflow_dies_alone(tree: Tree) -> None:
    os.kill(tree.servers[0], signal.SIGKILL)
    assert until(tree.gone) < 2


def test_stops_on_sigterm_even_when_a_server_ignores_it(tree: Tree) -> None:
    os.kill(tree.launcher, signal.SIGTERM)
    assert until(tree.gone) < 2


def test_leaves_ctrl_c_to_its_parent(tree: Tree) -> None:
    os.kill(tree.launcher, signal.SIGINT)
    os.kill(tree.launcher, signal.SIGHUP)
    with pytest.raises(AssertionError):
        until(tree.gone, 0.5)


def test_hands_on_the_exit_code_and_keeps_the_output(tmp_path: Path) -> None:
    package = tmp_path / "mlflow"
    package.mkdir()
    (package / "__init__.py").touch()  # without it the real mlflow would win
    (package / "__main__.py").write_text(MLFLOW)
    ended = subprocess.run(
        [sys.executable, str(LAUNCHER), "--parent", str(os.getpid()), "--scratch", str(tmp_path), "--", "fail"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        timeout=20,
    )
    assert ended.returncode == 3
    assert ended.stdout == b""
    assert "the model does not load" in (tmp_path / "server.log").read_text()


def test_starts_nothing_when_the_parent_is_gone_already(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(LAUNCHER), "--parent", "1", "--scratch", str(tmp_path), "--", "serve"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        timeout=20,
    )
    assert ended.returncode == 0
    assert not (tmp_path / "server.log").exists()
