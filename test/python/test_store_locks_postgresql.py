"""What only a PostgreSQL server can do to the holder of a lock."""

import os
import signal

import postgres
import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.store import postgres_session
from churn_ops.store.locks import store_lock as store_locks

KEY = "ab" * 32


@pytest.fixture(scope="module")
def cluster():
    with postgres.cluster() as made:
        yield made


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_restarts_takes_the_lock_along_and_nothing_is_written_without_it(number, cluster):
    uri = cluster.uri()
    with pytest.raises(ChurnOpsError) as caught, store_locks.training_lock(uri, KEY, 0, pytest.fail):
        cluster.restart(number)
        with store_locks.store_lock(uri, "train", 0, pytest.fail):
            pytest.fail("a commit without the lock of the training")
    assert (caught.value.code, "lock" in caught.value.message) == ("STORE_UNREACHABLE", True)
    assert postgres.PASSWORD not in str(vars(caught.value))
    # The same process can go on with new locks.
    with store_locks.training_lock(uri, KEY, 0, pytest.fail) as check:
        check()


def test_a_server_that_restarts_during_a_commit_makes_it_doubtful(cluster):
    with pytest.raises(ChurnOpsError) as caught, store_locks.store_lock(cluster.uri(), "train", 0, pytest.fail):
        cluster.restart()
    assert caught.value.code == "STORE_UNREACHABLE"


def test_a_server_that_restarts_between_two_commits_does_no_harm(cluster):
    for _ in range(2):
        with store_locks.store_lock(cluster.uri(), "train", 0, pytest.fail) as check:
            check()
        cluster.restart()


def test_an_error_of_the_holder_is_not_hidden_by_the_lost_lock(cluster):
    with pytest.raises(ZeroDivisionError), store_locks.store_lock(cluster.uri(), "train", 0, pytest.fail):
        cluster.restart()
        raise ZeroDivisionError


def test_the_server_notices_that_a_host_is_gone_and_never_ends_an_idle_session(cluster):
    with store_locks.store_lock(cluster.uri(), "train", 0, pytest.fail):
        session = postgres_session._session(cluster.uri(), os.getpid())
        names = "'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'idle_session_timeout'"
        settings = dict(session._ask(f"SELECT name, setting FROM pg_settings WHERE name IN ({names})"))
    assert settings == {
        "tcp_keepalives_idle": "20",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "idle_session_timeout": "0",
    }


def test_a_foreign_program_that_has_our_lock_is_named(cluster):
    import psycopg

    with store_locks.store_lock(cluster.uri(), "train", 0, pytest.fail), psycopg.connect(cluster.uri()) as other:
        (key,) = other.execute(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
        ).fetchone()
    with psycopg.connect(cluster.uri(), application_name="psql") as other:
        other.execute("SELECT pg_advisory_lock(%s)", (key,))
        lock = store_locks.store_lock(cluster.uri(), "train", 0, lambda _text: None)
        with pytest.raises(ChurnOpsError) as caught, lock:
            pass
    assert caught.value.details["holder"].startswith("psql (session ")


def test_a_session_that_another_one_answers_for_is_noticed(cluster):
    # What a pooler in transaction mode does to us: the lock stays with a session that we no longer speak to.
    lock = store_locks.store_lock(cluster.uri(), "train", 0, pytest.fail)
    with pytest.raises(ChurnOpsError) as caught, lock as check:
        session = postgres_session._session(cluster.uri(), os.getpid())
        session._connection.execute("SELECT pg_advisory_unlock_all()")
        check()
    assert caught.value.code == "STORE_UNREACHABLE"
