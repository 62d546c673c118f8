"""What must be true after a killed round was run again, and the end of an unbroken round to compare it with."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from mlflow import MlflowClient

from churn_ops.store.connect import connect
from churn_ops.store.pages import search_versions
from churn_ops.upkeep import invariants
from churn_ops.versions.moves import TaggedMove, moves_of
from kill import forks, work
from kill.command import Place

Facts = dict[str, Any]


def facts(place: Place) -> Facts:
    """What a store holds at rest, in terms that do not differ from one run of the same work to the next.

    Returns
    -------
    dict
        ``versions``: for each its key, F1, threshold and stage by number; ``champion`` and ``previous``: numbers;
        ``runs``: how many have which status; ``parents``: how many different parent runs the versions name.
    """
    return forks.apart(lambda: _facts(place))


def broken(place: Place) -> list[str]:
    """Invariants that do not hold: those of the product, and what only a test can ask for."""
    return forks.apart(lambda: _broken(place))


def differences(found: Facts, expected: Facts) -> list[str]:
    """How the end of a killed round differs from that of an unbroken one (invariant I6)."""
    return [
        f"I6: {name} is {found[name]} and not {expected[name]}"
        for name in ("versions", "champion", "previous", "parents", "unfinished")
        if found.get(name) != expected.get(name)
    ]


def _facts(place: Place) -> Facts:
    _enter(place)
    client = connect(place.uri)
    experiment = client.get_experiment_by_name(work.EXPERIMENT)
    aliases = client.get_registered_model(work.MODEL).aliases
    versions = search_versions(client, f"name = '{work.MODEL}'")
    runs = client.search_runs([experiment.experiment_id])
    return {
        "versions": {
            str(version.version): [
                version.tags.get("churnops.key"),
                version.tags.get("churnops.f1_score"),
                version.tags.get("churnops.threshold"),
                version.current_stage,
            ]
            for version in versions
        },
        "champion": _number(aliases.get("champion")),
        "previous": _number(aliases.get("previous")),
        "parents": len({version.tags.get("churnops.parent_run_id") for version in versions}),
        "runs": dict(Counter(run.info.status for run in runs)),
        "unfinished": sum(run.info.status == "RUNNING" for run in runs),
    }


def _broken(place: Place) -> list[str]:
    _enter(place)
    client = connect(place.uri)
    findings = invariants.check(client, place.uri, work.MODEL)
    problems = [f"{finding['invariant']}: {finding['message']}" for finding in findings if not finding["ok"]]
    problems += _disagreements(client)
    left = [*(place.state / "work").glob("*")] if (place.state / "work").is_dir() else []
    problems += [f"I7: {path} is left" for path in left]
    if place.temporary.is_dir():
        problems += [f"I7: temporary {path} is left" for path in place.temporary.iterdir()]
    return problems


def _disagreements(client: MlflowClient) -> list[str]:
    """What TypeScript judges of the versions: the stage Production against the alias, and moves that were cut off."""
    versions = search_versions(client, f"name = '{work.MODEL}'")
    if not versions:
        return []
    champion = client.get_registered_model(work.MODEL).aliases.get("champion")
    staged = [str(version.version) for version in versions if version.current_stage == "Production"]
    problems = []
    if staged != ([] if champion is None else [str(champion)]):
        problems.append(f"I4: in stage Production: {staged}; the alias champion: {champion}")
    moves = [entry for version in versions for entry in moves_of(version.tags).values()]
    return problems + [f"I6: {entry['action']} of {entry['at']} was never finished" for entry in moves if _begun(entry)]


def _begun(entry: TaggedMove) -> bool:
    return entry.get("state") == "intent"


def unused_models(place: Place) -> list[str]:
    """Models with files that no version uses; after pruning there is none."""
    return forks.apart(lambda: _unused_models(place))


def _unused_models(place: Place) -> list[str]:
    _enter(place)
    client = connect(place.uri)
    experiment = client.get_experiment_by_name(work.EXPERIMENT)
    used = {version.source.removeprefix("models:/") for version in search_versions(client, "")}
    found = client.search_logged_models([experiment.experiment_id])
    return [model.model_id for model in found if model.model_id not in used]


def _enter(place: Place) -> None:
    os.environ["CHURN_OPS_STATE"] = str(place.state)
    os.chdir(place.folder)


def _number(value: Any) -> str | None:
    return None if value is None else str(value)
