"""Which candidates each search had and which search was the last to run: written by training, read by everybody.

The run that groups a search lists the keys of its candidates, new or reused. The registered model names that run: one
tag, written last, so that a search that fails or is interrupted never becomes the latest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from churn_ops.contract import Tag

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from churn_ops.store.registry_reader import RegistryClient

_KEY_LENGTH = 64
# MLflow refuses tags of more than 5,000 characters, newer ones of more than 8,000.
_KEYS_A_TAG = 60
_TAGS_A_CALL = 100
_NONE = "-" * _KEY_LENGTH


def write_members(client: MlflowClient, run_id: str, members: Sequence[str | None]) -> None:
    """List the candidates of a search in its run.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    run_id : str
        Run of the search.
    members : sequence of str or None
        Key of each candidate in the order of the plan, None for one that failed. Always as many for the same search.
    """
    from mlflow.entities import RunTag

    keys = [key or _NONE for key in members]
    parts = ["".join(keys[start : start + _KEYS_A_TAG]) for start in range(0, len(keys), _KEYS_A_TAG)]
    tags = [RunTag(_tag_name(number), part) for number, part in enumerate(parts)]
    for start in range(0, len(tags), _TAGS_A_CALL):
        client.log_batch(run_id, tags=tags[start : start + _TAGS_A_CALL])


def members_of(run_tags: dict[str, str]) -> list[str | None] | None:
    """Read the candidates' keys from the tags of a search's run; None where none are listed."""
    if Tag.MEMBERS not in run_tags:
        return None
    text, number = "", 0
    while _tag_name(number) in run_tags:
        text += run_tags[_tag_name(number)]
        number += 1
    keys = [text[start : start + _KEY_LENGTH] for start in range(0, len(text), _KEY_LENGTH)]
    return [None if key == _NONE else key for key in keys]


def mark_latest(client: MlflowClient, model: str, run_id: str) -> None:
    """Say that a search has just run to its end; nothing is written when it was the latest already."""
    if client.get_registered_model(model).tags.get(Tag.LATEST_SEARCH) != run_id:
        client.set_registered_model_tag(model, Tag.LATEST_SEARCH, run_id)


def latest_members(client: RegistryClient, model_tags: dict[str, str], versions: Sequence[Any]) -> set[str]:
    """Give the numbers of the versions that the last search had, whoever of its trainings made them.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model_tags : dict of str to str
        Of the registered model.
    versions : sequence of mlflow.entities.model_registry.ModelVersion
        All versions of the model.

    Returns
    -------
    set of str
        Without a record, as in a store of an earlier release, those of the newest version's search that was not cut
        off; empty when there is none.
    """
    latest = model_tags.get(Tag.LATEST_SEARCH)
    keys = set(members_of(_run_tags(client, latest)[0]) or []) if latest else set()
    found = {str(version.version) for version in versions if version.tags.get(Tag.KEY) in keys}
    if found:
        return found
    newest_first = sorted(versions, key=lambda version: int(version.version), reverse=True)
    for parent in dict.fromkeys(version.tags.get(Tag.PARENT_RUN_ID) for version in newest_first):
        if parent and not _was_cut_off(client, parent):
            return {str(version.version) for version in versions if version.tags.get(Tag.PARENT_RUN_ID) == parent}
    return set()


def _was_cut_off(client: RegistryClient, run_id: str) -> bool:
    tags, status = _run_tags(client, run_id)
    return Tag.SEARCH_KEY in tags and status != "FINISHED"


def _run_tags(client: RegistryClient, run_id: str) -> tuple[dict[str, str], str]:
    run = run_if_there(client, run_id)
    # Somebody deleted it for good; then nothing is known of it.
    return ({}, "") if run is None else (dict(run.data.tags), run.info.status)


def run_if_there(client: RegistryClient, run_id: str) -> Any:
    """Give a run; None when there is no such run any more."""
    try:
        return client.get_run(run_id)
    except LookupError:
        return None
    except Exception as error:
        # Not at the top: whoever looks without MLflow does not wait for its import.
        from mlflow.exceptions import MlflowException

        if not isinstance(error, MlflowException):
            raise
        return None


def _tag_name(number: int) -> str:
    return Tag.MEMBERS if number == 0 else f"{Tag.MEMBERS}.{number + 1}"
