"""What each version stored about its rows: honest predictions of the held-out ones, keys of those it trained on."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import verify
from churn_ops.statistics.resample import group_codes
from churn_ops.store.pages import search_versions
from churn_ops.table.row_hash import row_hashes
from churn_ops.versions.rows import Rows, read_rows

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient


@dataclass(frozen=True)
class HeldOut:
    """A version's stored predictions of its held-out rows.

    Attributes
    ----------
    keys : numpy.ndarray of str, shape (rows,)
        Row keys.
    labels : numpy.ndarray of int, shape (rows,)
        1 for a churner.
    probabilities : numpy.ndarray of float, shape (rows,)
        Of churn.
    threshold : float
        From which the version says 1.
    """

    keys: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    threshold: float


class StoredRows:
    """Reads the files of a model's versions, each once.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model : str
        Name of the registered model.
    """

    def __init__(self, client: MlflowClient, model: str) -> None:
        self.client = client
        self.model = model
        found = search_versions(client, f"name = '{model}'")
        self._tags: dict[str, dict[str, str]] = {str(version.version): dict(version.tags) for version in found}
        self._held: dict[str, HeldOut] = {}
        self._trained: dict[str, frozenset[str]] = {}
        self._tables: dict[tuple[str, str], Rows] = {}
        self._folders: dict[str, Path] = {}
        #: What could not be checked of the versions whose folder was asked for.
        self.notes: tuple[str, ...] = ()

    def tag(self, version: str, name: str) -> str:
        """Give a tag of a version that training writes.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN``, or ``MODEL_INTEGRITY`` when the tag is not there.
        """
        tags = self.tags(version)
        if name not in tags:
            raise _unusable(version, f"it has no tag {name}: churn-ops did not train it")
        return tags[name]

    def tags(self, version: str) -> dict[str, str]:
        """Give all tags of a version.

        Raises
        ------
        ChurnOpsError
            ``VERSION_UNKNOWN``.
        """
        if version in self._tags:
            return self._tags[version]
        raise ChurnOpsError(
            "VERSION_UNKNOWN",
            f"The registry has no version {version} of {self.model}; nothing was moved.",
            "Run `churn-ops models` for the versions that it has.",
            {"version": version},
        )

    def same_rows(self, one: str, other: str) -> bool:
        """Tell whether two versions come from the same table and columns, so that row keys alone identify rows."""
        names = (Tag.PARENT_RUN_ID,), (Tag.DATA_SHA256, Tag.SCHEMA_SHA256)
        mine, theirs = self._tags.get(one, {}), self._tags.get(other, {})
        return any(all(name in mine and mine[name] == theirs.get(name) for name in group) for group in names)

    def held_out(self, version: str) -> HeldOut:
        """Read the stored predictions of the held-out rows."""
        if version not in self._held:
            threshold = float(self.tag(version, Tag.THRESHOLD))
            keys, labels, probabilities = self._read(version, "held_out.csv")
            self._held[version] = HeldOut(
                np.array(keys, dtype=object),
                np.array(labels, dtype=np.int64),
                np.array(probabilities, dtype=np.float64),
                threshold,
            )
        return self._held[version]

    def trained_keys(self, version: str) -> frozenset[str]:
        """Read the keys of the rows that a version trained on; they are the same for all versions of a search."""
        search = self.tag(version, Tag.PARENT_RUN_ID)
        if search not in self._trained:
            self._trained[search] = frozenset(self._read(version, "reference.csv")[0])
        return self._trained[search]

    def table(self, version: str, side: str) -> Rows:
        """Read the rows of one side, ``reference`` or ``held_out``, with their features."""
        search = self.tag(version, Tag.PARENT_RUN_ID)
        if (search, side) not in self._tables:
            path = verify.verified_data(self.client, search, f"{side}.parquet")
            try:
                self._tables[search, side] = read_rows(path)
            except (OSError, ValueError) as error:
                raise _unusable(version, f"{path.name} cannot be read: {str(error)[:200]}") from error
        return self._tables[search, side]

    def is_ours(self, version: str) -> bool:
        """Tell whether training stored rows and answers for a version."""
        return Tag.THRESHOLD in self.tags(version)

    def folder(self, version: str, allow_pickle: bool = False) -> Path:
        """Give the folder of a version's files, checked; a pickle is refused unless it is allowed."""
        if version not in self._folders:
            checked = verify.verified(self.client, self.model, version, self.tags(version), allow_pickle)
            self._folders[version] = checked.folder
            self.notes += checked.notes
        return self._folders[version]

    def _read(self, version: str, name: str) -> tuple[list[str], list[int], list[float]]:
        self.tag(version, Tag.THRESHOLD)
        path = verify.verified_file(self.client, self.model, version, self.tags(version), f"predictions/{name}")
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            return (
                [row["row_key"] for row in rows],
                [int(row["label"]) for row in rows],
                [float(row["probability"] or "nan") for row in rows],
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unusable(version, f"its stored predictions {name} cannot be read: {str(error)[:200]}") from error


def with_whole_customers(found: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Tell which rows belong to a customer of whom a row was found."""
    codes = group_codes(groups)
    return found | np.isin(codes, codes[found])


def among(keys: Iterable[str], known: Iterable[str]) -> np.ndarray:
    """Tell which keys are known; numpy's own ``isin`` sorts objects, which takes a thousand times as long."""
    known = known if isinstance(known, frozenset) else frozenset(known)
    return np.array([key in known for key in keys], dtype=bool)


def content_keys(features: pd.DataFrame, names: list[str], *beside: np.ndarray) -> np.ndarray:
    """Hash the values of each row.

    Parameters
    ----------
    features : pandas.DataFrame
        Rows with at least the named columns.
    names : list of str
        Columns that count.
    *beside : numpy.ndarray, shape (rows,)
        What counts beside them.

    Returns
    -------
    numpy.ndarray of uint64, shape (rows,)
        Equal for rows of equal values; a missing value is equal to a missing value.
    """
    import pandas as pd

    typed = {}
    for name in names:
        values = features[name]
        numeric = pd.api.types.is_numeric_dtype(values.dtype)
        typed[name] = values.astype(float) if numeric else values.astype(object).where(values.notna(), None)
    return row_hashes(pd.DataFrame(typed), *beside)


def _unusable(version: str, why: str) -> ChurnOpsError:
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"Version {version} cannot be compared: {why}. The registry was not changed.",
        "Restore its files from a back-up, or compare by F1 alone: `churn-ops promote --policy documents`.",
        {"version": version},
    )
