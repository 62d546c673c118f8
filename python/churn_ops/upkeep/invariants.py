"""What must be true of a store at rest by its files, runs and processes; stages and moves are judged by who asks.

One function for tests, kill tests and ``doctor``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from churn_ops.contract import Alias, Finding, Tag
from churn_ops.upkeep import database_health, leftovers, version_files
from churn_ops.upkeep.findings import note, verdict
from churn_ops.upkeep.run_invariants import no_dead_runs, nothing_is_deleted, unfinished_trainings
from churn_ops.upkeep.store_state import StoreState, owner_of
from churn_ops.versions.moves import went_live

if TYPE_CHECKING:
    from mlflow import MlflowClient


def check(client: MlflowClient, tracking_uri: str, model: str, quick: bool = False) -> list[Finding]:
    """Check every invariant; reads only, takes no lock that anybody would wait for.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    tracking_uri : str
        Its address.
    model : str
        Name of the registered model.
    quick : bool
        Look whether every version's files are there, and hash those of the champion only.
    """
    state = StoreState(client, tracking_uri, model)
    damaged = version_files.find_damaged(state, quick)
    return [
        *_versions_have_their_files(state, damaged),
        *_one_version_a_key(state),
        *_champion_resolves(state, damaged),
        *no_dead_runs(state),
        *unfinished_trainings(state),
        *leftovers.check(state),
        *database_health.check(tracking_uri, state),
        *nothing_is_deleted(state),
    ]


def broken(findings: Iterable[Finding]) -> list[Finding]:
    """Give the findings that are not ok."""
    return [finding for finding in findings if not finding["ok"]]


def _versions_have_their_files(state: StoreState, damaged: dict[str, str]) -> list[Finding]:
    ours = [version for version in state.versions if Tag.KEY in version.tags]
    problems, older = dict(damaged), []
    for version in ours:
        number = str(version.version)
        run = state.run(version.run_id)
        if Tag.MANIFEST not in version.tags:
            # The key is in the creating call, and so is the manifest, since there is an owner.
            if run is not None and owner_of(run):
                problems.setdefault(number, f"version {number} has a key but no manifest of its files")
            else:
                older.append(number)
        elif run is None:
            problems.setdefault(number, f"the run {version.run_id} of version {number} no longer exists")
        elif run.info.status != "FINISHED":
            problems.setdefault(number, f"the run of version {number} is {run.info.status} instead of FINISHED")
        elif run.data.tags.get(Tag.MANIFEST) != version.tags[Tag.MANIFEST]:
            problems.setdefault(number, f"version {number} and its run name different files")
    found = verdict("I1", problems, f"{len(ours)} versions have a finished run and their files", "MODEL_INTEGRITY")
    if older:
        said = f"{len(older)} versions of an earlier release have no manifest; their files cannot be verified"
        found.append(note("I1", said, older))
    return found


def _one_version_a_key(state: StoreState) -> list[Finding]:
    by_key: dict[str, list[Any]] = {}
    for version in state.versions:
        if Tag.KEY in version.tags:
            by_key.setdefault(version.tags[Tag.KEY], []).append(version)
    problems = {}
    for first, *rest in by_key.values():
        if Tag.DUPLICATE_OF in first.tags and not rest and _is_gone(state, first.tags[Tag.DUPLICATE_OF]):
            # Its canonical version was pruned or deleted; nothing is doubled any more.
            continue
        if Tag.DUPLICATE_OF in first.tags:
            problems[str(first.version)] = (
                f"version {first.version} is marked as a duplicate but is the first of its key"
            )
        for version in rest:
            if version.tags.get(Tag.DUPLICATE_OF) != str(first.version):
                said = f"version {version.version} duplicates version {first.version} but is not marked"
                problems[str(version.version)] = said
    return verdict("I2", problems, f"{len(by_key)} keys have one version each", "REGISTRY_DISAGREES")


def _is_gone(state: StoreState, number: str) -> bool:
    return all(str(version.version) != number for version in state.versions)


def _champion_resolves(state: StoreState, damaged: dict[str, str]) -> list[Finding]:
    holder = state.aliases.get(Alias.CHAMPION)
    if holder is None:
        lives = [entry for entry in state.moves if went_live(entry)]
        if not lives:
            return verdict("I3", {}, "no version has been in production yet", "CHAMPION_GONE")
        last = str(lives[-1]["version"])
        return verdict("I3", {last: f"the alias champion is missing; version {last} had it last"}, "", "CHAMPION_GONE")
    version = next((each for each in state.versions if str(each.version) == holder), None)
    if version is None:
        return verdict(
            "I3", {holder: f"the alias champion names version {holder}, which was deleted"}, "", "CHAMPION_GONE"
        )
    if str(version.status) != "READY":
        return verdict("I3", {holder: f"the champion, version {holder}, is {version.status}"}, "", "CHAMPION_GONE")
    problems = {holder: damaged[holder]} if holder in damaged else {}
    return verdict("I3", problems, f"the champion is version {holder}, ready and intact", "MODEL_INTEGRITY")
