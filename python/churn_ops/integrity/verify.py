"""Check a version's files before anything of theirs is loaded, served or put into production.

The manifest proves that they are the registered ones; flavors, signature and types are judged by our own lists and not
by those that are next to the model.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import version_folder
from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import model_record, model_types

if TYPE_CHECKING:
    from churn_ops.store.registry_reader import RegistryClient

_RESTORE = "Restore them from a backup, or run `churn-ops rollback` to an intact version."


@dataclass(frozen=True)
class Verified:
    """A version whose files were checked.

    Attributes
    ----------
    folder : pathlib.Path
        Its files on this machine.
    notes : tuple of str
        What could not be checked, as sentences about the version.
    """

    folder: Path
    notes: tuple[str, ...]


def allows(named: str | None, model: str, version: str) -> bool:
    """Tell whether ``--allow-pickle NAME@VERSION`` names exactly this version."""
    return named == f"{model}@{version}"


def verified(
    client: RegistryClient,
    model: str,
    version: str,
    tags: Mapping[str, str],
    allow_pickle: bool = False,
    to_promote: bool = False,
) -> Verified:
    """Check all files of a version; nothing of them is loaded.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model, version : str
        The registered version.
    tags : mapping of str to str
        Of the version.
    allow_pickle : bool
        Whether the user named this very version as one whose files may run code.
    to_promote : bool
        Refuse a version of ours that has no manifest, as those of earlier releases.

    Returns
    -------
    Verified
        The folder, and what could not be checked.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY``, ``SIGNATURE_MISSING`` or ``PICKLE_REFUSED``.
    """
    what = f"version {version} of {model}"
    if to_promote:
        _check_listed(tags, what)
    expected = tags.get(Tag.MANIFEST)
    folder = version_folder(client, model, version)
    _drop_bytecode(folder, what)
    if expected is not None:
        manifest.verify(folder, expected, what)
    record = _read_record(folder, what)
    _check_signature(record, what)
    if not allow_pickle:
        reason = model_record.why_unsafe(folder, record, expected is not None)
        if reason is not None:
            raise _refused(model, version, reason)
    _check_types(folder, record, what)
    made = "by an earlier release" if Tag.KEY in tags else "without churn-ops"
    note = f"Version {version} was registered {made}: there is no manifest to check its files against."
    return Verified(folder, () if expected is not None else (note,))


def _check_listed(tags: Mapping[str, str], what: str) -> None:
    if Tag.KEY in tags and Tag.MANIFEST not in tags:
        raise ChurnOpsError(
            "MODEL_INTEGRITY",
            f"The files of {what} cannot be checked: churn-ops trained it, but its tag {Tag.MANIFEST} is missing. "
            "Nothing was changed.",
            "Run `churn-ops train --force` to make new versions, then the same command again.",
            {"what": what},
        )


def _drop_bytecode(folder: Path, what: str) -> None:
    # Python writes it when the version is served, and would run what somebody else put there instead of the source.
    for cache in list(folder.rglob("__pycache__")):
        try:
            shutil.rmtree(cache)
        except OSError as error:
            raise _damaged(
                what, f"{cache.relative_to(folder)} is not its own and cannot be removed: {error}"
            ) from error


def _read_record(folder: Path, what: str) -> dict[str, Any]:
    try:
        return model_record.read_record(folder)
    except (OSError, ValueError) as error:
        raise _damaged(what, f"MLmodel cannot be read: {str(error)[:200]}") from error


def _check_signature(record: dict[str, Any], what: str) -> None:
    if model_record.has_inputs(record):
        return
    raise ChurnOpsError(
        "SIGNATURE_MISSING",
        f"The model of {what} has no signature that names its inputs, so the rows sent to it could not be "
        "about. Nothing was changed.",
        "Log it again with a signature (`infer_signature`), or run `churn-ops train`.",
        {"what": what},
    )


def _check_types(folder: Path, record: dict[str, Any], what: str) -> None:
    strange = sorted(set(model_record.trusted_types(record)) - model_types.ALLOWED_TYPES)
    if strange:
        raise _damaged(what, f"MLmodel trusts types that are not allowed: {', '.join(strange)[:300]}")
    for file in sorted(folder.rglob("*.skops")):
        try:
            strange = model_types.disallowed_types(file)
        # Whatever a damaged file makes skops raise means the same.
        except Exception as error:
            raise _damaged(what, f"{file.name} cannot be read: {str(error)[:200]}") from error
        if strange:
            raise _damaged(what, f"{file.name} contains types that are not allowed: {', '.join(strange)[:300]}")


def _refused(model: str, version: str, reason: str) -> ChurnOpsError:
    return ChurnOpsError(
        "PICKLE_REFUSED",
        f"Version {version} of {model} was refused, because loading it can run any code in its files: {reason}. "
        "Nothing was changed.",
        f"If you know who made it, name it: --allow-pickle {model}@{version}.",
        {"version": version, "reason": reason},
    )


def _damaged(what: str, why: str) -> ChurnOpsError:
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"The files of {what} cannot be used: {why}. Nothing was changed.",
        _RESTORE,
        {"what": what},
    )
