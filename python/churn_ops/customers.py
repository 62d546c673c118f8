"""Which rows are one customer: the unit of splits, folds, out-of-bag votes, bootstrap and gate."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Half of the equal pairs: chance gives a ratio about 1, copied rows one near 0, so the exact limit does not matter.
_CHANCE_SHARE = 0.5


def customer_groups(customers: np.ndarray, features: pd.DataFrame) -> np.ndarray:
    """Give every row the name of its group: rows of one group are one customer.

    Rows with the same id are one customer. Rows that are equal but for the id are one too, when there are more of them
    than chance explains; then the groups are the connected components of both relations.

    Parameters
    ----------
    customers : numpy.ndarray of str, shape (rows,)
        Key of each row's customer, by its id or, without ids, by its content.
    features : pandas.DataFrame, shape (rows, features)
        Typed values of all columns of the schema.

    Returns
    -------
    numpy.ndarray of str, shape (rows,)
        Key of the first customer of the row's group; ``customers`` itself when nothing is joined.
    """
    ids, _ = pd.factorize(customers)
    if not _may_hold_copies(features, ids):
        return customers
    contents = _Contents(features)
    if not contents.hold_copies(ids):
        return customers
    return _joined(customers, ids, contents.codes)


def _may_hold_copies(features: pd.DataFrame, ids: np.ndarray) -> bool:
    """Look only at rows that share their numbers with another one: they alone can be equal, and they are few."""
    names = [name for name in features.columns if features[name].dtype.kind == "f"]
    if not names:
        return True
    random = np.random.default_rng(0)
    numbers = np.zeros(len(features), dtype=np.uint64)
    for name in names:
        # Adding 0 makes one zero of two; blanks are all the same bits.
        bits = (features[name].to_numpy() + 0.0).view(np.uint64)
        # The lower half of a round number's bits is empty.
        numbers += (bits ^ (bits >> np.uint64(32))) * (random.integers(0, 2**64, dtype=np.uint64) | np.uint64(1))
    _, places, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    shared = counts[places] > 1
    if not shared.any():
        return False
    others = features.drop(columns=names)
    return _Contents(others[shared], numbers[shared]).hold_copies(ids[shared], others)


def fewest_customers(labels: np.ndarray, groups: np.ndarray) -> int:
    """Count the customers of the class that fewer customers have."""
    return min(len(np.unique(groups[labels == label])) for label in (0, 1))


class _Contents:
    """The values of rows as sums of random numbers, one a column and value, so that a column can be taken out."""

    def __init__(self, features: pd.DataFrame, beside: np.ndarray | None = None) -> None:
        self._features = features
        self._random = np.random.default_rng(0)
        self._columns = [pd.factorize(features[name], use_na_sentinel=False)[0] for name in features.columns]
        self._hashes = [self._hash_of(codes) for codes in self._columns]
        self._sum = np.zeros(len(features), dtype=np.uint64) if beside is None else beside.copy()
        for hashes in self._hashes:
            self._sum += hashes
        self.codes = pd.factorize(self._sum)[0]

    def _hash_of(self, codes: np.ndarray) -> np.ndarray:
        values = int(codes.max(initial=-1)) + 1
        return self._random.integers(0, 2**64, size=values, dtype=np.uint64)[codes]

    def hold_copies(self, ids: np.ndarray, whole: pd.DataFrame | None = None) -> bool:
        """Tell whether equal rows of different ids are more than chance.

        Customers who are alike by chance come with others who are alike in all columns but one; copied rows do not. If
        `d` pairs of rows differ in one column alone, in which two rows agree with probability `p`, then about
        ``d * p / (1 - p)`` pairs are equal by chance. The column that explains most counts. In ``whole`` rows agree
        as often as in the table that these rows are a part of.
        """
        own = self._hash_of(ids)
        equal = _pairs(self._sum) - _pairs(self._sum + own)
        if equal == 0:
            return False
        for name, codes, hashes in zip(self._features.columns, self._columns, self._hashes, strict=True):
            agreement = _agreement(codes if whole is None else pd.factorize(whole[name], use_na_sentinel=False)[0])
            if agreement == 1:
                continue
            without = self._sum - hashes
            differing = _pairs(without) - _pairs(without + own) - equal
            if differing * agreement / (1 - agreement) >= _CHANCE_SHARE * equal:
                return False
        return True


def _joined(customers: np.ndarray, ids: np.ndarray, contents: np.ndarray) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # A graph of ids and contents; each row is an edge between its own two.
    nodes = int(ids.max()) + int(contents.max()) + 2
    edges = (np.ones(len(ids), dtype=np.int8), (ids, contents + int(ids.max()) + 1))
    _, component = connected_components(coo_array(edges, shape=(nodes, nodes)), directed=False)
    groups, names = pd.factorize(component[ids])
    first = np.full(len(names), len(ids))
    np.minimum.at(first, groups, np.arange(len(ids)))
    return customers[first[groups]]


def _pairs(values: np.ndarray) -> int:
    counts = np.unique(values, return_counts=True)[1].astype(object if len(values) > 2**31 else np.int64)
    return int((counts * (counts - 1) // 2).sum())


def _agreement(codes: np.ndarray) -> float:
    counts = np.bincount(codes).astype(np.float64)
    rows = len(codes)
    return float((counts * (counts - 1)).sum() / (rows * (rows - 1)))
