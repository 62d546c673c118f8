"""The split into training and test rows: honest, and the same side for a customer in every later training."""

from __future__ import annotations

import hashlib
import math

import numpy as np
from sklearn.model_selection import train_test_split

from churn_ops.training.time_split import sides_by_time

TEST_SIZE = 0.2
TRAIN, TEST = 0, 1


def split_rows(
    kind: str,
    customers: np.ndarray,
    split_seed: int,
    known: dict[str, int],
    dates: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows so that all rows of a customer go to one side.

    Parameters
    ----------
    kind : {'random', 'id', 'time'}
        ``random`` is ``train_test_split`` in file order, as the documents do; ``id`` goes by a hash of the customer and
        is stable while the table grows; ``time`` tests on the latest rows, trains on earlier ones and leaves out the
        earlier rows of test customers.
    customers : numpy.ndarray of str, shape (rows,)
        Key of each row's customer.
    split_seed : int
        Seed of the split alone; estimators have their own.
    known : dict of str to int
        Side of customers that an earlier training has seen: 0 to train, 1 to test. They keep it, except by ``time``.
    dates : numpy.ndarray of str, shape (rows,), or None
        ISO dates, for ``time``.
    groups : numpy.ndarray of str, shape (rows,), optional
        Rows of one group stay together, as one customer; ``customers`` when left out.

    Returns
    -------
    train, test : numpy.ndarray of int
        Row numbers, in the order that ``train_test_split`` gives.

    Raises
    ------
    ChurnOpsError
        ``DATA_DATES`` when dates that many rows share leave no cut.
    """
    # The order of the documents' split, whoever is known: the same table always gives the same rows in the same order.
    groups = customers if groups is None else groups
    order = np.concatenate(train_test_split(np.arange(len(customers)), test_size=TEST_SIZE, random_state=split_seed))
    if kind == "time":
        if dates is None:
            raise ValueError("a split by time needs dates")
        side = sides_by_time(groups, dates)
    else:
        side = _by_customer(kind, groups, order, split_seed, _known_groups(known, customers, groups))
    return order[side[order] == TRAIN], order[side[order] == TEST]


def _by_customer(
    kind: str, customers: np.ndarray, order: np.ndarray, split_seed: int, known: dict[str, int]
) -> np.ndarray:
    unique, first, inverse = np.unique(customers, return_index=True, return_inverse=True)
    fresh = [customer for customer in unique[np.argsort(first)].tolist() if customer not in known]
    if kind == "id":
        sides = {customer: _side_by_hash(customer, split_seed) for customer in fresh}
    elif len(fresh) == len(customers):
        # One row a customer and nobody known: the documents' split, row for row.
        side = np.full(len(customers), TEST)
        side[order[: len(customers) - _test_count(len(customers))]] = TRAIN
        return side
    else:
        sides = _random_sides(fresh, split_seed)
    return np.array([known.get(customer, sides.get(customer, TRAIN)) for customer in unique.tolist()])[inverse]


def _known_groups(known: dict[str, int], customers: np.ndarray, groups: np.ndarray) -> dict[str, int]:
    if groups is customers or not known:
        return known
    sides: dict[str, int] = {}
    for customer, group in zip(customers.tolist(), groups.tolist(), strict=True):
        if customer in known:
            # What was learned from is never tested on.
            sides[group] = min(known[customer], sides.get(group, TEST))
    return sides


def _test_count(rows: int) -> int:
    # As train_test_split rounds it.
    return math.ceil(TEST_SIZE * rows)


def _random_sides(fresh: list[str], split_seed: int) -> dict[str, int]:
    if len(fresh) < 2:
        return dict.fromkeys(fresh, TRAIN)
    _, test = train_test_split(np.arange(len(fresh)), test_size=TEST_SIZE, random_state=split_seed)
    sides = dict.fromkeys(fresh, TRAIN)
    sides.update({fresh[index]: TEST for index in test})
    return sides


def _side_by_hash(customer: str, split_seed: int) -> int:
    digest = hashlib.sha256(f"{split_seed}:{customer}".encode()).hexdigest()
    return TEST if int(digest[:13], 16) / 16**13 < TEST_SIZE else TRAIN
