"""The split into training and test rows: honest, and the same side for a customer in every later training."""

from __future__ import annotations

import hashlib
import math

import numpy as np
from sklearn.model_selection import train_test_split

from churn_ops.contract import TrainingRules
from churn_ops.table.customers import first_rows
from churn_ops.training.fit.time_split import sides_by_time

TRAIN, TEST, _UNKNOWN = 0, 1, 2


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
    groups : numpy.ndarray of int, shape (rows,), optional
        Number of the first row that counts as the same customer; such rows stay together. By ``customers`` when left
        out.

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
    groups = first_rows(customers) if groups is None else groups
    order = np.concatenate(
        train_test_split(np.arange(len(customers)), test_size=TrainingRules.TEST_SHARE, random_state=split_seed)
    )
    if kind == "time":
        if dates is None:
            raise ValueError("a split by time needs dates")
        side = sides_by_time(groups, dates)
    else:
        side = _by_customer(kind, customers, groups, order, split_seed, known)
    return order[side[order] == TRAIN], order[side[order] == TEST]


def _by_customer(
    kind: str, customers: np.ndarray, groups: np.ndarray, order: np.ndarray, split_seed: int, known: dict[str, int]
) -> np.ndarray:
    side = _known_sides(known, customers, groups)
    first = groups == np.arange(len(groups))
    fresh = np.flatnonzero(first & (side == _UNKNOWN))
    if kind == "id":
        side[fresh] = [_side_by_hash(customer, split_seed) for customer in customers[fresh].tolist()]
    elif len(fresh) == len(customers):
        # One row a customer and nobody known: the documents' split, row for row.
        side[order[: len(customers) - _test_count(len(customers))]] = TRAIN
        side[side == _UNKNOWN] = TEST
    else:
        side[fresh] = _random_sides(len(fresh), split_seed)
    return side[groups]


def _known_sides(known: dict[str, int], customers: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Give the first row of every group the side that its customers had, if any."""
    side = np.full(len(groups), _UNKNOWN)
    if known:
        rows = np.array([known.get(customer, _UNKNOWN) for customer in customers.tolist()])
        # What was learned from is never tested on.
        np.minimum.at(side, groups, rows)
    return side


def _test_count(rows: int) -> int:
    # As train_test_split rounds it.
    return math.ceil(TrainingRules.TEST_SHARE * rows)


def _random_sides(count: int, split_seed: int) -> np.ndarray:
    sides = np.full(count, TRAIN)
    if count >= 2:
        _, test = train_test_split(np.arange(count), test_size=TrainingRules.TEST_SHARE, random_state=split_seed)
        sides[test] = TEST
    return sides


def _side_by_hash(customer: str, split_seed: int) -> int:
    digest = hashlib.sha256(f"{split_seed}:{customer}".encode()).hexdigest()
    return TEST if int(digest[:13], 16) / 16**13 < TrainingRules.TEST_SHARE else TRAIN
