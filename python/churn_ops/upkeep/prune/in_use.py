"""What a plan names and must stay after all: asked again under the lock, for the store may have changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from churn_ops.store.pages import search_versions
from churn_ops.upkeep.prune.inventory import model_id_of, served_by, uses_same_files
from churn_ops.versions.moves import moves_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

_PROTECTED_STAGES = ("Production", "Staging")


class Kept(Exception):
    """What a plan names must stay, with the reason."""


def check(client: MlflowClient, version: Any) -> None:
    """Refuse a version that somebody uses now.

    Raises
    ------
    Kept
        With the use.
    """
    number = str(version.version)
    aliases = client.get_registered_model(version.name).aliases
    named = [alias for alias, holder in aliases.items() if str(holder) == number]
    if named:
        raise Kept(f"it now has the alias {named[0]}")
    if version.current_stage in _PROTECTED_STAGES:
        raise Kept(f"it is now in stage {version.current_stage}")
    if any(entry.get("state") == "intent" for entry in moves_of(version.tags).values()):
        raise Kept("a move of it has started")
    if served_by(version.name, number) is not None:
        raise Kept("it is being served")


def shares_files(client: MlflowClient, version: Any) -> bool:
    """Tell whether another version, of any model, would lose its files with those of a version."""
    every = search_versions(client, "")
    others = [each for each in every if (each.name, each.version) != (version.name, version.version)]
    return any(uses_same_files(version, other) for other in others)


def is_registered(client: MlflowClient, model_id: str, run_id: str | None) -> bool:
    """Tell whether a version is made of a logged model or of its run."""
    every = search_versions(client, "")
    return any(model_id_of(version) == model_id or (run_id and version.run_id == run_id) for version in every)
