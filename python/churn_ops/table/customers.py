"""Which rows are one customer: the unit of splits, folds, out-of-bag votes, bootstrap and gate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from churn_ops.contract import TrainingRules


def customer_groups(customers: np.ndarray, features: pd.DataFrame) -> np.ndarray:
    """Give every row its group: rows of one group are one customer.

    Rows with the same id are one customer. Rows identical except for the id are one too, when there are more of them
    than chance explains; then the groups are the connected components of both relations.

    Parameters
    ----------
    customers : numpy.ndarray of str, shape (rows,)
        Key of each row's customer, by its id or, without ids, by its content.
    features : pandas.DataFrame, shape (rows, features)
        Typed values of all columns of the schema.

    Returns
    -------
    numpy.ndarray of int, shape (rows,)
        Number of the first row of the row's group.
    """
    ids = pd.factorize(customers)[0]
    contents = _Contents(features, ids)
    return first_rows(_joined(ids, contents.classes()) if contents.hold_copies() else ids)


def first_rows(keys: np.ndarray) -> np.ndarray:
    """Give every row the number of the first row that has its key."""
    codes = pd.factorize(keys)[0]
    # Codes count up as keys appear, so a row that raises the highest one so far is the first of its key.
    return np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))[codes]


def fewest_customers(labels: np.ndarray, groups: np.ndarray) -> int:
    """Count the customers of the class that fewer customers have."""
    return min(len(pd.unique(groups[labels == label])) for label in (0, 1))


class _Contents:
    """The values of rows as sums of random numbers, so that a column can be taken out of them.

    Rows that are equal, or equal but for one column, are looked for among those that share all numbers, or all but one:
    they are few, and only their categories are hashed.
    """

    def __init__(self, features: pd.DataFrame, ids: np.ndarray) -> None:
        self._features = features
        self._random = np.random.default_rng(0)
        self._customers = self._hash_of(ids)
        numeric = [name for name, values in features.items() if values.dtype.kind in "fi"]
        self._categories = [name for name in features.columns if name not in numeric]
        self._numbers = {name: self._hash_of_numbers(features[name]) for name in numeric}
        self._sum = np.zeros(len(features), dtype=np.uint64)
        for hashes in self._numbers.values():
            self._sum += hashes
        self._alike = _shared(self._sum)
        rows = len(features)
        size = TrainingRules.AGREEMENT_SAMPLE
        self._sample = self._random.permutation(rows)[:size] if rows > size else slice(None)
        self._values = self._hashes_of_categories(self._alike)

    def hold_copies(self) -> bool:
        """Tell whether equal rows of different ids are more than chance.

        Customers who are alike by chance come with others who are alike in all columns but one; copied rows do not. If
        `d` pairs of rows differ in one column alone, in which two rows agree with probability `p`, then about
        ``d * p / (1 - p)`` pairs are equal by chance. The column that explains most counts.
        """
        equal = self._pairs_of_customers(self._alike, self._whole())
        if equal == 0:
            return False
        for name in self._features.columns:
            agreement = self._agreement(name)
            if agreement == 1:
                continue
            differing = self._pairs_without(name) - equal
            if differing * agreement / (1 - agreement) >= TrainingRules.COPIES_BY_CHANCE * equal:
                return False
        return True

    def classes(self) -> np.ndarray:
        """Give equal rows the same number, and others one of their own."""
        found = np.arange(len(self._sum))
        codes, _ = pd.factorize(self._whole())
        found[self._alike] = len(found) + codes
        return pd.factorize(found)[0]

    def _whole(self) -> np.ndarray:
        return self._sum[self._alike] + sum(self._values.values())

    def _pairs_without(self, name: str) -> int:
        if name in self._values:
            return self._pairs_of_customers(self._alike, self._whole() - self._values[name])
        rest = self._sum - self._numbers[name]
        alike = _shared(rest)
        return self._pairs_of_customers(alike, rest[alike] + sum(self._hashes_of_categories(alike).values()))

    def _agreement(self, name: str) -> float:
        """Share of the pairs of rows that agree in a column, of a sample where that is enough to tell."""
        values = self._features[name].to_numpy()
        agreement = _agreeing_pairs(values[self._sample])
        return agreement if agreement < TrainingRules.NEARLY_CONSTANT else _agreeing_pairs(values)

    def _pairs_of_customers(self, rows: np.ndarray, contents: np.ndarray) -> int:
        return _pairs(contents) - _pairs(contents + self._customers[rows])

    def _hashes_of_categories(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        chosen = self._features[self._categories][rows]
        return {name: self._hash_of(pd.factorize(values, use_na_sentinel=False)[0]) for name, values in chosen.items()}

    def _hash_of(self, codes: np.ndarray) -> np.ndarray:
        values = int(codes.max(initial=-1)) + 1
        return self._random.integers(0, 2**64, size=values, dtype=np.uint64)[codes]

    def _hash_of_numbers(self, values: pd.Series) -> np.ndarray:
        # Adding 0 makes one zero of two; the lower half of a round number's bits is empty.
        bits = (values.to_numpy(dtype=np.float64) + 0.0).view(np.uint64)
        factor = self._random.integers(0, 2**64, dtype=np.uint64) | np.uint64(1)
        return (bits ^ (bits >> np.uint64(32))) * factor


def _joined(ids: np.ndarray, contents: np.ndarray) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # A graph of ids and contents; each row is an edge between its own two.
    nodes = int(ids.max()) + int(contents.max()) + 2
    edges = (np.ones(len(ids), dtype=np.int8), (ids, contents + int(ids.max()) + 1))
    _, component = connected_components(coo_array(edges, shape=(nodes, nodes)), directed=False)
    return component[ids]


def _shared(values: np.ndarray) -> np.ndarray:
    """Tell which values stand there more than once."""
    return pd.Series(values, copy=False).duplicated(keep=False).to_numpy()


def _pairs(values: np.ndarray) -> int:
    counts = np.bincount(pd.factorize(values)[0])
    # Of the few contents that rows share; Python's numbers do not overflow.
    return sum(count * (count - 1) // 2 for count in counts[counts > 1].tolist())


def _agreeing_pairs(values: np.ndarray) -> float:
    counts = np.bincount(pd.factorize(values, use_na_sentinel=False)[0]).astype(np.float64)
    return float((counts * (counts - 1)).sum() / (len(values) * (len(values) - 1)))
