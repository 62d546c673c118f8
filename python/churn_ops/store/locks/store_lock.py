"""The two locks of a store: one for the length of a training, one around each commit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from churn_ops.store import address as store_address
from churn_ops.store import credentials, postgres_address, postgres_session, sqlite_holder, state_folder
from churn_ops.store.locks import file_lock


@contextmanager
def training_lock(
    tracking_uri: str, training_key: str, wait_seconds: float, say: Callable[[str], None]
) -> Iterator[file_lock.Check]:
    """Keep a second training of the same key out for the length of this one.

    Parameters
    ----------
    tracking_uri : str
        The store's address.
    training_key : str
        Key of the training; its first 16 characters name the lock.
    wait_seconds : float
        How long to wait for another holder.
    say : callable
        Takes one line when there is somebody to wait for.

    Yields
    ------
    callable
        Checks that the lock is still ours; raises ``STORE_UNREACHABLE``.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when the other holder is still there after the wait.
    """
    name = f"training-{training_key[:16]}"
    deadline = time.monotonic() + wait_seconds
    # The file is taken for every store: the unfinished work is next to it.
    with file_lock.held(state_folder.state_folder() / f"{name}.lock", "train", wait_seconds, say) as check:
        if not postgres_address.is_postgresql(tracking_uri):
            yield check
            return
        with postgres_session.held(tracking_uri, name, "train", _left(deadline), say) as check_server:

            def check_both() -> None:
                check()
                check_server()

            yield check_both


@contextmanager
def store_lock(
    tracking_uri: str, purpose: str, wait_seconds: float, say: Callable[[str], None]
) -> Iterator[file_lock.Check]:
    """Keep other writers of a store out: all of them on SQLite and PostgreSQL, those of this folder over HTTP.

    Parameters
    ----------
    tracking_uri : str
        The store's address.
    purpose : str
        What is done, one word, told to whoever waits.
    wait_seconds : float
        How long to wait for another holder.
    say : callable
        Takes one line when there is somebody to wait for.

    Yields
    ------
    callable
        Checks that the lock is still ours; raises ``STORE_UNREACHABLE``.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` after the wait, also for a foreign program that holds the SQLite file.
    """
    if postgres_address.is_postgresql(tracking_uri):
        with postgres_session.held(tracking_uri, "store", purpose, wait_seconds, say) as check:
            yield check
        return
    deadline = time.monotonic() + wait_seconds
    database = store_address.sqlite_file(tracking_uri)
    # Two stores may share a state folder.
    name = _address_name(tracking_uri) if database is None else database.name
    with file_lock.held(state_folder.state_folder() / f"{name}.lock", purpose, wait_seconds, say) as check:
        if database is not None:
            sqlite_holder.wait_until_writable(database, _left(deadline), say)
        yield check


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


def _address_name(tracking_uri: str) -> str:
    # Whoever logs in: it is the same store.
    server = credentials.shown(tracking_uri).rstrip("/").lower()
    return f"store-{hashlib.sha256(server.encode()).hexdigest()[:16]}"
