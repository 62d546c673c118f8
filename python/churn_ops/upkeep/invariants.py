"""What must be true of a store and its surroundings at rest: one function for tests, kill tests and ``doctor``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from churn_ops.contract import Alias, ErrorCode, Finding, Tag
from churn_ops.process import owner
from churn_ops.store import deleted
from churn_ops.upkeep import database_health, leftovers, version_files
from churn_ops.upkeep.store_state import StoreState, owner_of
from churn_ops.versions.moves import moves_of, went_live

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
        *_one_in_production(state),
        *_no_dead_runs(state),
        *_nothing_unfinished(state),
        *leftovers.check(state),
        *database_health.check(tracking_uri, state),
        *_nothing_is_deleted(state),
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
                problems.setdefault(number, f"version {number} has a key and no list of its files")
            else:
                older.append(number)
        elif run is None:
            problems.setdefault(number, f"the run {version.run_id} of version {number} is gone")
        elif run.info.status != "FINISHED":
            problems.setdefault(number, f"the run of version {number} is {run.info.status} instead of FINISHED")
        elif run.data.tags.get(Tag.MANIFEST) != version.tags[Tag.MANIFEST]:
            problems.setdefault(number, f"version {number} and its run name different files")
    found = _verdict("I1", problems, f"{len(ours)} versions have a finished run and their files", "MODEL_INTEGRITY")
    if older:
        said = f"{len(older)} versions of an earlier release have no list of their files; they cannot be verified"
        found.append(_note("I1", said, older))
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
            problems[str(first.version)] = f"version {first.version} is marked as a double and is the first of its key"
        for version in rest:
            if version.tags.get(Tag.DUPLICATE_OF) != str(first.version):
                said = f"version {version.version} doubles version {first.version} and is not marked so"
                problems[str(version.version)] = said
    return _verdict("I2", problems, f"{len(by_key)} keys have one version each", "REGISTRY_DISAGREES")


def _is_gone(state: StoreState, number: str) -> bool:
    return all(str(version.version) != number for version in state.versions)


def _champion_resolves(state: StoreState, damaged: dict[str, str]) -> list[Finding]:
    holder = state.aliases.get(Alias.CHAMPION)
    if holder is None:
        lives = [entry for entry in state.moves if went_live(entry)]
        if not lives:
            return _verdict("I3", {}, "no version has been in production yet", "CHAMPION_GONE")
        last = str(lives[-1]["version"])
        return _verdict("I3", {last: f"the alias champion is gone; version {last} had it last"}, "", "CHAMPION_GONE")
    version = next((each for each in state.versions if str(each.version) == holder), None)
    if version is None:
        return _verdict(
            "I3", {holder: f"the alias champion names version {holder}, which is gone"}, "", "CHAMPION_GONE"
        )
    if str(version.status) != "READY":
        return _verdict("I3", {holder: f"the champion, version {holder}, is {version.status}"}, "", "CHAMPION_GONE")
    problems = {holder: damaged[holder]} if holder in damaged else {}
    return _verdict("I3", problems, f"the champion is version {holder}, ready and whole", "MODEL_INTEGRITY")


def _one_in_production(state: StoreState) -> list[Finding]:
    staged = [str(version.version) for version in state.versions if version.current_stage == "Production"]
    holder = state.aliases.get(Alias.CHAMPION)
    expected = [] if holder is None else [holder]
    if staged == expected:
        return _verdict("I4", {}, "the stage Production agrees with the alias champion", "REGISTRY_DISAGREES")
    shown = " and ".join(staged) if staged else "no version"
    said = f"in stage Production: {shown}; the alias champion: {holder or 'no version'}"
    return _verdict("I4", dict.fromkeys(staged or expected, said), "", "REGISTRY_DISAGREES")


def _no_dead_runs(state: StoreState) -> list[Finding]:
    dead, unknown = {}, []
    for run in state.runs:
        began = owner_of(run)
        if run.info.status != "RUNNING" or not began:
            continue
        judged = owner.is_dead(began)
        if judged:
            said = f"run {run.info.run_id} is RUNNING and its process, {owner.pid_of(began)}, is dead"
            dead[run.info.run_id] = said
        elif judged is None:
            unknown.append(run.info.run_id)
    found = _verdict("I5", dead, "no run is marked as running whose process is dead", "REGISTRY_DISAGREES")
    if unknown:
        said = f"{len(unknown)} running runs belong to processes that cannot be asked from here"
        found.append(_note("I5", said, unknown))
    return found


def _nothing_unfinished(state: StoreState) -> list[Finding]:
    begun = {}
    for version in state.versions:
        for entry in moves_of(version.tags).values():
            if entry.get("state") == "intent":
                number = str(version.version)
                begun[number] = f"a move of version {number}, begun at {entry['at']}, was never finished"
    found = _verdict("I6", begun, "no move was cut off", "REGISTRY_DISAGREES")
    folders = leftovers.unfinished_trainings()
    if folders:
        said = f"{len(folders)} trainings were cut off; the same `churn-ops train` again resumes them"
        found.append(_note("I6", said, [str(folder) for folder in folders]))
    waiting = unregistered_runs(state)
    if waiting:
        said = f"{len(waiting)} finished candidates have no version; the same `churn-ops train` again registers them"
        found.append(_note("I6", said, [run.info.run_id for run in waiting]))
    return found


def _nothing_is_deleted(state: StoreState) -> list[Finding]:
    problems, cures = {}, []
    for run in _needed_runs(state):
        kept = state.experiment(run.info.experiment_id)
        if kept is not None and kept.lifecycle_stage == "deleted":
            # With its runs: they come back with it.
            subject, said = kept.experiment_id, f"the experiment {kept.name} (id {kept.experiment_id})"
            cure = deleted.restore_experiment(kept.experiment_id)
        elif run.info.lifecycle_stage == "deleted":
            subject, said = run.info.run_id, f"the run {run.info.run_id}"
            cure = deleted.restore_run(run.info.run_id)
        else:
            continue
        if subject not in problems:
            problems[subject] = f"{said} of our versions was deleted in MLflow; `mlflow gc` would end it for good"
            cures.append(cure)
    (found,) = _verdict("I9", problems, "no run or experiment of the versions was deleted in MLflow", deleted.CODE)
    return [{**found, "cure": "; ".join(cures[:3])} if cures else found]


def _needed_runs(state: StoreState) -> list[Any]:
    ours = [version for version in state.versions if Tag.KEY in version.tags]
    ids = dict.fromkeys(
        run_id for version in ours for run_id in (version.tags.get(Tag.PARENT_RUN_ID), version.run_id) if run_id
    )
    return [run for run in map(state.run, ids) if run is not None]


def unregistered_runs(state: StoreState) -> list[Any]:
    """Find finished candidates whose registration a kill prevented.

    Parameters
    ----------
    state : StoreState
        The store.

    Returns
    -------
    list of mlflow.entities.Run
        Runs in status FINISHED with a key and a manifest that no version of any model names.
    """
    finished = [
        run
        for run in state.runs
        if run.info.status == "FINISHED" and Tag.KEY in run.data.tags and Tag.MANIFEST in run.data.tags
    ]
    known = {version.tags.get(Tag.KEY) for version in state.versions}
    return [
        run for run in finished if run.data.tags[Tag.KEY] not in known and run.info.run_id not in state.registered_runs
    ]


def _verdict(invariant: str, problems: dict[str, str], well: str, code: ErrorCode) -> list[Finding]:
    if not problems:
        return [{"invariant": invariant, "ok": True, "message": well, "subjects": [], "code": None}]
    texts = list(dict.fromkeys(problems.values()))
    more = f"; and {len(texts) - 3} more" if len(texts) > 3 else ""
    message = "; ".join(texts[:3]) + more
    return [{"invariant": invariant, "ok": False, "message": message, "subjects": list(problems), "code": code}]


def _note(invariant: str, message: str, subjects: list[str]) -> Finding:
    return {"invariant": invariant, "ok": True, "message": message, "subjects": subjects, "code": None}
