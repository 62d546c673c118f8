"""Rows that were found among others, and the customers whose rows they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np


def among(keys: Iterable[str], known: Iterable[str]) -> np.ndarray:
    """Tell which keys are known; numpy's own ``isin`` sorts objects, which takes a thousand times as long."""
    known = known if isinstance(known, frozenset) else frozenset(known)
    return np.array([key in known for key in keys], dtype=bool)


def with_whole_customers(found: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Tell which rows belong to a customer of whom a row was found."""
    return found | np.isin(groups, groups[found])


def have_several(names: np.ndarray, row_keys: np.ndarray) -> np.ndarray:
    """Tell which rows bear a name that rows of other keys bear too."""
    keys_of = Counter(name for name, _ in set(zip(names.tolist(), row_keys.tolist(), strict=True)))
    return np.array([keys_of[name] > 1 for name in names.tolist()], dtype=bool)
