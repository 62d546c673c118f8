"""Fresh labelled rows from a file, scored by versions that are loaded for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from churn_ops.contract import CheckedTable, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.registry.compare import scoring
from churn_ops.registry.compare.scored import Scored
from churn_ops.table.known_rows import among, with_whole_customers
from churn_ops.table.read_table import read_table
from churn_ops.table.row_hash import content_keys
from churn_ops.versions.stored import Side, StoredVersions


class FreshRows:
    """The labelled rows of a file that Node checked.

    Parameters
    ----------
    stored : StoredVersions
        The versions' files.
    source : dict
        ``dataset``, ``invalidRecords`` and ``schema``.
    """

    def __init__(self, stored: StoredVersions, source: CheckedTable) -> None:
        dataset = source["dataset"]
        self._stored = stored
        self._source = source
        self._path = dataset["path"]
        self._table = read_table(
            dataset["path"], dataset["sha256"], dataset["rows"], source["invalidRecords"], source["schema"]
        )
        if self._table.labels is None:
            raise ValueError("Node lets only labelled tables pass")
        self.labels = self._table.labels
        self.groups = self._table.groups
        self._labelled = self.labels >= 0
        self._has_ids = not np.array_equal(self._table.customers, self._table.row_keys)
        self._probabilities: dict[str, np.ndarray] = {}

    def probabilities(self, version: str) -> np.ndarray:
        """Score all rows with a version; it is loaded once."""
        if version not in self._probabilities:
            names = scoring.signature_columns(self._stored, version)
            missing = [name for name in names if name not in self._table.features.columns]
            if missing:
                raise ChurnOpsError(
                    "SCHEMA_MISMATCH",
                    f"Version {version} needs columns that {self._path} does not have: {', '.join(missing)}. "
                    "The registry was not changed.",
                    "Give rows with all the columns of both versions.",
                    {"version": version, "missing": missing},
                )
            model = scoring.load(self._stored, version)
            self._probabilities[version] = scoring.probabilities(model, self._table.features, names)
        return self._probabilities[version]

    def trained_on(self, version: str, also_held_out: bool = False) -> np.ndarray:
        """Tell which rows a version trained on, by row key, by customer or by content.

        Parameters
        ----------
        version : str
            The registered version.
        also_held_out : bool
            Count rows that it was held out on as well.

        Returns
        -------
        numpy.ndarray of bool, shape (rows,)
        """
        found = np.zeros(len(self.labels), dtype=bool)
        features = self._table.features
        sides: tuple[Side, ...] = ("reference", "held_out") if also_held_out else ("reference",)
        for side in sides:
            rows = self._stored.rows(version, side)
            found |= among(self._table.row_keys, rows.row_key)
            if rows.has_ids and self._has_ids:
                if side == "reference":
                    found |= among(self._table.customers, rows.customer)
                continue
            # Without ids a row with the same values may be the same customer.
            names = [name for name in rows.features.columns if name in features.columns]
            found |= np.isin(content_keys(features, names=names), content_keys(rows.features, names=names))
        return with_whole_customers(found, self.groups)

    def kept(self, seen: np.ndarray) -> np.ndarray:
        """Places of the labelled rows that were not seen, in the order of their keys."""
        places = np.flatnonzero(self._labelled & ~seen)
        return places[np.argsort(self._table.row_keys[places], kind="stable")]

    def scored(self, baseline: str, candidate: str, newer_only: bool) -> Any:
        """Rows that neither version trained on, scored by both."""
        seen = self.trained_on(baseline, newer_only) | self.trained_on(candidate)
        places = self.kept(seen)
        return Scored(
            self._table.row_keys[places],
            self.labels[places],
            self.groups[places],
            self.probabilities(baseline)[places],
            self.probabilities(candidate)[places],
            len(self.labels) - len(places),
        )

    def threshold(self, version: str) -> float:
        """Probability from which a version says 1."""
        return float(self._stored.tag(version, Tag.THRESHOLD))
