"""Bootstrap of customers, for scores that depend on counts of rows alone."""

from __future__ import annotations

import numpy as np

_CHUNK = 500


def resampled_counts(cells: np.ndarray, groups: np.ndarray, size: int, draws: int, seed: int) -> np.ndarray:
    """Draw customers with replacement and count the rows that each draw has of every cell.

    Drawing customers is drawing from the distinct vectors of counts that customers have, which is a multinomial
    distribution; with one row a customer the vectors are the cells themselves (Efron and Tibshirani, An Introduction to
    the Bootstrap, 1993; by cluster: Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).

    Parameters
    ----------
    cells : numpy.ndarray of int, shape (rows,)
        Which cell a row falls into, such as its label and a model's answer: 0 to ``size - 1``.
    groups : numpy.ndarray, shape (rows,)
        Equal for rows of one customer.
    size : int
        Number of cells.
    draws, seed : int
        Size and seed of the bootstrap.

    Returns
    -------
    numpy.ndarray of int, shape (draws, size)
        Rows of each cell in each draw.
    """
    cells = cells.astype(np.int64)
    kinds, customers = _count_vectors(cells, groups, size)
    random = np.random.default_rng(seed)
    total = int(customers.sum())
    shares = customers / total
    # In parts: customers with many rows make thousands of kinds.
    parts = [min(_CHUNK, draws - start) for start in range(0, draws, _CHUNK)] if len(kinds) > size else [draws]
    return np.concatenate([random.multinomial(total, shares, size=part) @ kinds for part in parts])


def group_codes(groups: np.ndarray) -> np.ndarray:
    """Give groups numbers from 0 on, in the order of their first rows."""
    if groups.dtype.kind in "iu":
        _, first, codes = np.unique(groups, return_index=True, return_inverse=True)
        return np.argsort(np.argsort(first))[codes]
    # Sorting texts takes longer than the import.
    import pandas as pd

    return pd.factorize(groups)[0]


def _count_vectors(cells: np.ndarray, groups: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the distinct vectors of counts and how many customers have each."""
    codes = group_codes(groups)
    count = int(codes.max(initial=-1)) + 1
    if count == len(cells):
        return np.eye(size, dtype=np.int64), np.bincount(cells, minlength=size)
    vectors = np.bincount(codes * size + cells, minlength=count * size).reshape(count, size)
    return np.unique(vectors, axis=0, return_counts=True)
