"""What each version stored about its rows, read to compare versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from churn_ops.versions.purpose import Purpose
from churn_ops.versions.stored import StoredVersions

if TYPE_CHECKING:
    from churn_ops.store.registry_reader import RegistryClient

_COMPARED = Purpose(
    "cannot be compared",
    "The registry was not changed.",
    "Restore its files from a backup, or compare only by F1: `churn-ops promote --policy documents`.",
)


def stored_versions(client: RegistryClient, model: str) -> StoredVersions:
    """Make the reader of a model's versions."""
    return StoredVersions(client, model, _COMPARED)
