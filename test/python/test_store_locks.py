"""Locks of stores: who waits, who is named, and what a death leaves behind."""

import json
import multiprocessing
import os
import signal
import sqlite3
import threading
import time

import postgres
import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.store.locks import file_lock
from churn_ops.store.locks import store_lock as store_locks

_spawn = multiprocessing.get_context("spawn")
KEY = "ab" * 32


@pytest.fixture(scope="module")
def cluster():
    with postgres.cluster() as made:
        yield made


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    return tmp_path / ".churn-ops"


@pytest.fixture
def sqlite(tmp_path):
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (n INTEGER)")
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql", "http"])
def store(request):
    if request.param == "http":
        return "http://127.0.0.1:5000"
    return request.getfixturevalue("sqlite") if request.param == "sqlite" else request.getfixturevalue("cluster").uri()


def _take(kind, uri):
    # Tried afresh: what is free at once is taken without a word.
    lock = store_locks.store_lock if kind == "store" else store_locks.training_lock
    return lambda purpose, wait, say: lock(uri, purpose if kind == "store" else KEY, wait, say)


def _commit_often(uri, times, started, done):
    started.wait()
    for _ in range(times):
        with store_locks.store_lock(uri, "train", 60, lambda _text: None):
            time.sleep(0.02)  # the work
    done.put(times)


def test_whoever_wants_the_lock_again_and_again_lets_others_have_their_turn(store):
    started, done = _spawn.Barrier(4), _spawn.Queue()
    greedy = [_spawn.Process(target=_commit_often, args=(store, times, started, done)) for times in (60, 60, 3, 3)]
    for process in greedy:
        process.start()
    order = [done.get(timeout=60) for _ in greedy]
    for process in greedy:
        process.join()
    assert order == [3, 3, 60, 60]


def _hold(kind, uri, taken, release):
    with _take(kind, uri)("train", 10, lambda _text: None):
        taken.send(os.getpid())
        release.recv()


class Holder:
    """Another process that holds a lock until it is told to let go, or is killed."""

    def __init__(self, kind, uri):
        taken, tell = _spawn.Pipe(duplex=False)
        wait, self._release = _spawn.Pipe(duplex=False)
        self.process = _spawn.Process(target=_hold, args=(kind, uri, tell, wait))
        self.process.start()
        assert taken.poll(30)
        self.pid = taken.recv()

    def __enter__(self):
        return self

    def let_go(self):
        self._release.send(None)

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


@pytest.mark.parametrize("kind", ["store", "training"])
def test_the_second_names_the_first_and_is_busy_after_its_wait(kind, store):
    said = []
    with Holder(kind, store) as holder:
        started = time.monotonic()
        with pytest.raises(ChurnOpsError) as caught, _take(kind, store)("promote", 0.5, said.append):
            pytest.fail("two hold one lock")
        assert 0.4 < time.monotonic() - started < 10
    assert (caught.value.code, len(said)) == ("BUSY", 1)
    assert said[0].startswith(f"waiting for train (pid {holder.pid} on ")
    assert f"train (pid {holder.pid} on " in caught.value.message


@pytest.mark.parametrize("kind", ["store", "training"])
def test_a_waiter_gets_the_lock_as_soon_as_it_is_free(kind, store):
    with (
        Holder(kind, store) as holder,
        _take(kind, store)("promote", 20, lambda _text: holder.let_go()) as check,
    ):
        check()
    # Nothing is left to wait for.
    with _take(kind, store)("promote", 0, pytest.fail) as check:
        check()


@pytest.mark.parametrize("kind", ["store", "training"])
def test_a_holder_that_is_killed_frees_the_lock_at_once(kind, store):
    with Holder(kind, store) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.process.join()
        started = time.monotonic()
        with _take(kind, store)("promote", 10, lambda _text: None) as check:
            check()
        assert time.monotonic() - started < 5


def test_threads_of_one_process_keep_each_other_out(store):
    with store_locks.store_lock(store, "train", 0, pytest.fail):
        caught = []

        def second():
            try:
                with store_locks.store_lock(store, "promote", 0.1, lambda _text: None):
                    caught.append("taken")
            except ChurnOpsError as error:
                caught.append(error.code)

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert caught == ["BUSY"]


def test_a_training_holds_its_own_lock_and_that_of_the_store(store):
    with (
        store_locks.training_lock(store, KEY, 0, pytest.fail) as check_training,
        store_locks.store_lock(store, "train", 0, pytest.fail) as check,
    ):
        check_training()
        check()
    with Holder("training", store), store_locks.training_lock(store, "cd" * 32, 0, pytest.fail) as check:
        check()


def test_two_sqlite_files_of_one_folder_have_locks_of_their_own(sqlite):
    with (
        store_locks.store_lock(sqlite, "train", 0, pytest.fail),
        store_locks.store_lock(sqlite.replace("mlflow.db", "other.db"), "train", 0, pytest.fail),
    ):
        pass


def test_one_http_store_has_one_lock_whoever_logs_in(state):
    with store_locks.store_lock("http://me:s3same@127.0.0.1:5000/", "train", 0, pytest.fail):
        again = store_locks.store_lock("http://127.0.0.1:5000", "train", 0, lambda _text: None)
        with pytest.raises(ChurnOpsError) as caught, again:
            pass
        assert caught.value.code == "BUSY"
        assert "s3same" not in str(vars(caught.value)) + "".join(path.name for path in state.iterdir())


def test_a_lock_file_that_was_removed_is_noticed_and_keeps_out_nobody_silently(sqlite, state):
    with store_locks.store_lock(sqlite, "train", 0, pytest.fail) as check:
        check()
        (state / "mlflow.db.lock").unlink()
        with pytest.raises(ChurnOpsError) as caught:
            check()
    assert caught.value.code == "STORE_UNREACHABLE"


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"purpose": 1, "pid": 2, "host": "h", "since": "x"}'])
def test_a_lock_file_with_other_content_still_locks(text, tmp_path):
    path = tmp_path / "some.lock"
    with file_lock.held(path, "train", 0, pytest.fail):
        path.write_text(text)
        with pytest.raises(ChurnOpsError) as caught, file_lock.held(path, "train", 0, lambda _text: None):
            pass
    assert caught.value.message.startswith("another process is writing")


def test_the_holder_is_told_as_json_that_others_can_read(sqlite, state):
    with store_locks.store_lock(sqlite, "train", 0, pytest.fail):
        told = json.loads((state / "mlflow.db.lock").read_text())
    assert (told["purpose"], told["pid"]) == ("train", os.getpid())
