"""The split into training and test rows, as the documents make it."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import train_test_split

TEST_SIZE = 0.2


def split_rows(count: int, split_seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split row numbers in file order.

    Parameters
    ----------
    count : int
        Number of rows.
    split_seed : int
        Seed of the split alone; estimators have their own.

    Returns
    -------
    train, test : numpy.ndarray of int
        Row numbers, in the order that ``train_test_split`` gives.
    """
    train, test = train_test_split(np.arange(count), test_size=TEST_SIZE, random_state=split_seed)
    return train, test
