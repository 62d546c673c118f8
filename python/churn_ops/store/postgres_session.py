"""One kept session on a PostgreSQL server: its advisory locks, which the server frees when this process is gone."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, LiteralString

from churn_ops.errors import ChurnOpsError
from churn_ops.store import credentials, postgres_address
from churn_ops.store.locks import file_lock

if TYPE_CHECKING:
    import psycopg

#: The server then notices within a minute that our host is gone, and never ends a session for being idle.
_SETTINGS = {
    "tcp_keepalives_idle": "20",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "idle_session_timeout": "0",
}
_OURS = re.compile(r"churn-ops (?P<purpose>\S+) pid=(?P<pid>\d+) since=(?P<since>\d+) host=(?P<host>\S*)")
_TAKE = """
SELECT CASE WHEN pg_try_advisory_lock(%(key)s) THEN set_config('application_name',
  'churn-ops ' || %(purpose)s || ' pid=' || %(pid)s || ' since=' || extract(epoch FROM clock_timestamp())::bigint
  || ' host=' || %(host)s, false) END IS NOT NULL
"""
_HOLDER = """
SELECT coalesce(a.application_name, ''), l.pid, extract(epoch FROM clock_timestamp())::bigint
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (l.classid::bigint << 32) | l.objid::bigint = %(key)s
"""
_OWN = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"


@contextmanager
def held(
    tracking_uri: str, name: str, purpose: str, wait_seconds: float, say: Callable[[str], None]
) -> Iterator[file_lock.Check]:
    """Hold an advisory lock of the database.

    Parameters
    ----------
    tracking_uri : str
        ``postgresql://…``.
    name : str
        What is locked; the same name is the same lock for all who use this database.
    purpose : str
        What the holder does, one word, told to whoever waits.
    wait_seconds : float
        How long to wait for another holder.
    say : callable
        Takes one line when there is somebody to wait for.

    Yields
    ------
    callable
        Checks that the lock is still ours.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` after the wait; ``STORE_UNREACHABLE`` when the server went away and took the lock along, also at the
        end, since what was written meanwhile was not protected.
    """
    session = _session(tracking_uri, os.getpid())
    key, place = _key(name), _key(f"{name}:queue")
    take = file_lock.in_turn(
        lambda: session.take(place, purpose), lambda: session.take(key, purpose), lambda: session.release(place)
    )
    try:
        file_lock.wait_for(take, lambda: session.holder(key), wait_seconds, say, name)
    except BaseException:
        session.release_quietly(place)
        raise
    try:
        yield session.check
    except BaseException:
        session.release_quietly(key)
        raise
    session.release(key)


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"churn-ops:{name}".encode()).digest()[:8], "big", signed=True)


@functools.cache
def _session(tracking_uri: str, _pid: int) -> _Session:
    return _Session(tracking_uri)


class _Session:
    def __init__(self, tracking_uri: str) -> None:
        self._uri = tracking_uri
        self._connection: psycopg.Connection[Any] | None = None
        self._held: set[int] = set()
        # Threads of one process share the session, and a session may take its own lock twice.
        self._turn = threading.RLock()

    def take(self, key: int, purpose: str) -> bool:
        with self._turn:
            if key in self._held:
                return False
            host = re.sub(r"\s", "-", socket.gethostname())[:20]
            taken = self._ask(
                _TAKE, {"key": key, "purpose": purpose.split()[0][:12], "pid": str(os.getpid()), "host": host}
            )
            if taken and taken[0][0]:
                self._held.add(key)
                return True
            return False

    def holder(self, key: int) -> str:
        with self._turn:
            if key in self._held:
                return f"another thread of this process (pid {os.getpid()})"
            rows = self._ask(_HOLDER, {"key": key})
        if not rows:
            return "another process"
        name, backend, now = rows[0]
        ours = _OURS.fullmatch(name)
        if ours is None:
            return f"{name or 'another program'} (session {backend} of the server)"
        return file_lock.holder_text(ours["purpose"], ours["pid"], ours["host"], now - int(ours["since"]))

    def check(self) -> None:
        with self._turn:
            if self._ask(_OWN)[0][0] < len(self._held):
                raise self._lost("another session answers in its place (a pooler in transaction mode?)")

    def release(self, key: int) -> None:
        with self._turn:
            try:
                if not self._ask("SELECT pg_advisory_unlock(%(key)s)", {"key": key})[0][0]:
                    raise self._lost("another session answers in its place (a pooler in transaction mode?)")
            finally:
                self._held.discard(key)

    def release_quietly(self, key: int) -> None:
        with self._turn:
            if key not in self._held:
                return
            try:
                self.release(key)
            except BaseException:  # noqa: BLE001  (the first error is the one to tell)
                # Without the session the server frees every lock of it.
                self._drop()

    def _ask(self, query: LiteralString, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        import psycopg

        fresh = self._connection is None
        if fresh and self._held:
            raise self._lost("the session has ended")
        try:
            connection = self._connection or self._open()
            return connection.execute(query, parameters).fetchall()
        except psycopg.Error as error:
            self._drop()
            if self._held:
                raise self._lost(str(error)) from error
            # A session that was kept from before, and held nothing, may have ended since.
            if fresh:
                raise postgres_address.refusal(self._uri, error) from error
            return self._ask(query, parameters)

    def _open(self) -> psycopg.Connection[Any]:
        connection = postgres_address.connect(self._uri, "churn-ops")
        self._connection = connection
        for name, value in _SETTINGS.items():
            connection.execute("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", (value, name))
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _lost(self, reason: str) -> ChurnOpsError:
        self._drop()
        shown = credentials.shown(self._uri)
        return ChurnOpsError(
            "STORE_UNREACHABLE",
            f"The lock on the store {shown} was lost: {postgres_address.brief(reason, self._uri)}. "
            "This command stopped before its next write; finished work is kept.",
            "Run the same command again when the server is back: it continues from there.",
            {"store": shown},
        )
