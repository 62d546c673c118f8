"""The methods ``store.check`` and ``store.mend``: what ``doctor`` says of a store, and what it puts right."""

from __future__ import annotations

import shutil

from churn_ops.artifacts.fetch import local_path
from churn_ops.contract import Finding, LockedRequest, StoreRequest, Tag
from churn_ops.progress import Progress
from churn_ops.store import dead_runs
from churn_ops.store import place as store_place
from churn_ops.store.connect import connect
from churn_ops.store.locks.store_lock import store_lock
from churn_ops.upkeep import invariants, leftovers
from churn_ops.upkeep.store_state import StoreState


def check(request: StoreRequest, progress: Progress) -> list[Finding]:
    """Check every invariant; reads only."""
    store = request["store"]
    progress("check", 0, 0, "the store")
    moved = store_place.finding(store["trackingUri"])
    if moved is not None:
        # The files of the other place say nothing of this store.
        return [moved]
    client = connect(store["trackingUri"], must_exist=True)
    state = StoreState(client, store["trackingUri"], store["model"])
    return invariants.check(client, store["trackingUri"], store["model"], quick=not _is_here(state))


def mend(request: LockedRequest, progress: Progress) -> list[str]:
    """Put right what needs no decision: runs of dead processes, duplicates of a key, files of dead processes.

    Returns
    -------
    list of str
        One sentence for each thing that was repaired; empty when nothing had to be.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when another writer holds the store for longer than the wait.
    """
    store = request["store"]
    address = store["trackingUri"]
    client = connect(address, must_exist=True)
    state = StoreState(client, address, store["model"])
    with store_lock(address, "doctor", request["waitSeconds"], lambda text: progress("wait", 0, 0, text)):
        mended = [*_end_dead_runs(state), *_mark_doubles(state)]
    return [*mended, *_remove_leftovers(address)]


def _is_here(state: StoreState) -> bool:
    if not state.versions:
        return False
    newest = state.versions[-1]
    uri = state.client.get_model_version_download_uri(state.model, newest.version)
    return local_path(uri) is not None


def _end_dead_runs(state: StoreState) -> list[str]:
    ended = [run for experiment in state.experiments for run in dead_runs.end_dead_runs(state.client, experiment)]
    return [f"run {run['runId']} of a dead process was marked KILLED" for run in ended]


def _mark_doubles(state: StoreState) -> list[str]:
    first: dict[str, str] = {}
    mended = []
    for version in state.versions:
        key, number = version.tags.get(Tag.KEY), str(version.version)
        if key is None:
            continue
        canonical = first.setdefault(key, number)
        if canonical != number and version.tags.get(Tag.DUPLICATE_OF) != canonical:
            state.client.set_model_version_tag(state.model, number, Tag.DUPLICATE_OF, canonical)
            mended.append(f"version {number} was marked as a duplicate of version {canonical}")
    return mended


def _remove_leftovers(tracking_uri: str) -> list[str]:
    mended = []
    for path in leftovers.find(tracking_uri):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        if not path.exists():
            mended.append(f"{path} of a dead process was removed")
    return mended
