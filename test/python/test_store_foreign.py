"""Programs that know nothing of our locks, in the middle of a write to the SQLite file."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.store.locks import store_lock as store_locks


@pytest.fixture
def sqlite(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (n INTEGER)")
    connection.close()
    return f"sqlite:///{path}"


PROGRAM = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    "c.execute(sys.argv[2]); print('held', flush=True); sys.stdin.read(); c.execute('ROLLBACK')"
)


@pytest.fixture(params=["DELETE", "WAL"])
def foreign(request, sqlite):
    path = sqlite.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA journal_mode = {request.param}")
    connection.close()
    command = [sys.executable, "-c", PROGRAM, path, "BEGIN IMMEDIATE"]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdout.readline() == b"held\n"
    yield program
    program.stdin.close()
    program.wait()
    program.stdout.close()


def test_a_foreign_program_is_named_by_its_pid_and_waited_for(foreign, sqlite):
    said = []

    def say(text):
        said.append(text)
        foreign.stdin.close()

    with store_locks.store_lock(sqlite, "train", 20, say):
        pass
    assert len(said) == 1 and said[0].startswith("waiting for ")
    if Path("/proc/locks").exists():
        assert f"(pid {foreign.pid})" in said[0] and "python" in said[0]


def test_a_foreign_program_makes_us_busy_after_the_wait_and_the_file_stays_as_it_was(foreign, sqlite):
    path = Path(sqlite.removeprefix("sqlite:///"))
    before = path.read_bytes()
    with pytest.raises(ChurnOpsError) as caught, store_locks.store_lock(sqlite, "train", 0.3, lambda _text: None):
        pytest.fail("taken")
    assert (caught.value.code, path.read_bytes() == before) == ("BUSY", True)
    # Our own lock is free again.
    foreign.stdin.close()
    foreign.wait()
    with store_locks.store_lock(sqlite, "train", 0, pytest.fail):
        pass
