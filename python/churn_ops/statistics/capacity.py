"""How many customers a share of them is."""

from __future__ import annotations


def capacity_rows(share: float, rows: int) -> int:
    """Give the number of rows that a capacity allows to contact: rounded to the nearest, and one at least.

    Parameters
    ----------
    share : float
        Of the rows, over 0 and at most 1.
    rows : int
        One or more.

    Returns
    -------
    int
        Between 1 and ``rows``.
    """
    return max(1, round(share * rows))
