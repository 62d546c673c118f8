"""The split by time: the latest rows test, earlier ones train, and no customer is on both sides."""

from __future__ import annotations

import numpy as np

from churn_ops.contract import TrainingRules, TrainingSplit
from churn_ops.errors import ChurnOpsError
from churn_ops.training.fit.instants import instants
from churn_ops.training.split_request import Times

#: Side of a row that neither trains nor tests.
LEFT_OUT = 2


def sides_by_time(groups: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """Cut rows between two instants; rows of test customers before the cut are left out.

    Parameters
    ----------
    groups : numpy.ndarray of int, shape (rows,)
        Equal for rows of one customer.
    dates : numpy.ndarray of str, shape (rows,)
        ISO dates.

    Returns
    -------
    numpy.ndarray of int, shape (rows,)
        0 to train, 1 to test, ``LEFT_OUT`` for neither.

    Raises
    ------
    ChurnOpsError
        ``DATA_DATES`` when so many rows share an instant that no cut leaves 15 to 25 % of the rows for testing.
    """
    moments = instants(dates)
    cut = _cut(moments, dates)
    late = moments >= cut
    tested = np.isin(groups, groups[late])
    return np.where(late, 1, np.where(tested, LEFT_OUT, 0))


def time_facts(groups: np.ndarray, dates: np.ndarray, train_index: np.ndarray, test_index: np.ndarray) -> Times:
    """Say which time each side covers and how many rows are on neither."""
    moments = instants(dates)
    out = np.ones(len(groups), dtype=bool)
    out[train_index] = out[test_index] = False
    (train_from, train_until), (test_from, test_until) = (
        _ends(moments, dates, index) for index in (train_index, test_index)
    )
    return {
        "trainFrom": train_from,
        "trainUntil": train_until,
        "testFrom": test_from,
        "testUntil": test_until,
        "leftOut": {"rows": int(out.sum()), "customers": len(np.unique(groups[out]))},
    }


def with_times(split: TrainingSplit, times: Times) -> TrainingSplit:
    """Say of a split which time its sides cover; neither of them is empty."""
    for name in ("trainFrom", "trainUntil", "testFrom", "testUntil"):
        split[name] = str(times[name])
    split["leftOut"] = times["leftOut"]
    return split


def _ends(moments: np.ndarray, dates: np.ndarray, index: np.ndarray) -> tuple[str | None, str | None]:
    if len(index) == 0:
        return None, None
    within = moments[index]
    return str(dates[index[np.argmin(within)]]), str(dates[index[np.argmax(within)]])


def _cut(moments: np.ndarray, dates: np.ndarray) -> int:
    ordered, counts = np.unique(moments, return_counts=True)
    rows = len(moments)
    # Rows at or after each instant; the first would leave nothing to train on.
    later = rows - np.concatenate([[0], np.cumsum(counts)[:-1]])
    shares = later / rows
    allowed = [
        place
        for place in range(1, len(ordered))
        if TrainingRules.LEAST_TEST_SHARE <= shares[place] <= TrainingRules.MOST_TEST_SHARE
    ]
    if allowed:
        per_test_row = round(1 / TrainingRules.TEST_SHARE)
        # Of two cuts equally near the one with more test rows.
        return int(ordered[min(allowed, key=lambda place: (abs(later[place] * per_test_row - rows), place))])
    tie = int(np.flatnonzero(shares >= TrainingRules.TEST_SHARE)[-1])
    raise _tied(str(dates[np.flatnonzero(moments == ordered[tie])[0]]), int(counts[tie]), int(later[tie]), rows)


def _tied(date: str, tied: int, with_it: int, rows: int) -> ChurnOpsError:
    def share(count: int) -> str:
        return f"{count} of {rows} rows ({count / rows:.0%})"

    without = with_it - tied
    return ChurnOpsError(
        "DATA_DATES",
        f"The table cannot be split by time: {tied} rows have the date {date}. With them {share(with_it)} would be for "
        f"testing, without them {share(without)}; it must be {TrainingRules.LEAST_TEST_SHARE * 100:.0f} to "
        f"{TrainingRules.MOST_TEST_SHARE * 100:.0f} %. Nothing was trained.",
        "Use more precise dates, with times, or split by customer: `churn-ops train --split id` "
        "(`--split random` if the table has no id).",
        {"date": date, "tiedRows": tied, "rows": rows, "testRowsWith": with_it, "testRowsWithout": without},
    )
