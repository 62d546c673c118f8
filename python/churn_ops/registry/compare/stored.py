"""What each version stored about its rows, read to compare versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from churn_ops.versions.purpose import Purpose
from churn_ops.versions.stored import StoredVersions

if TYPE_CHECKING:
    from churn_ops.store.registry_reader import Looking

_COMPARED = Purpose(
    "cannot be compared",
    "The registry was not changed.",
    "Restore its files from a back-up, or compare by F1 alone: `churn-ops promote --policy documents`.",
)


def stored_versions(client: Looking, model: str) -> StoredVersions:
    """Make the reader of a model's versions."""
    return StoredVersions(client, model, _COMPARED)
