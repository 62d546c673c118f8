"""ISO dates of a table as instants that can be compared: text order is not time order where offsets differ."""

from __future__ import annotations

import re

import numpy as np

# What ``src/domain/table/row-check.ts`` lets in; a date alone is midnight, and a time without an offset is UTC.
_FORM = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.(?P<fraction>[0-9]+))?(?P<offset>Z|[-+][0-9]{2}:[0-9]{2})?)?"
)


def instants(dates: np.ndarray) -> np.ndarray:
    """Read ISO dates as microseconds since 1970, UTC.

    Parameters
    ----------
    dates : numpy.ndarray of str, shape (rows,)
        As Node let them in; digits beyond the microsecond are cut off.

    Returns
    -------
    numpy.ndarray of int, shape (rows,)
        Room for every year that four digits can name.
    """
    texts, inverse = np.unique(dates.astype(str), return_inverse=True)
    return np.array([_instant(text) for text in texts.tolist()], dtype=np.int64)[inverse]


def _instant(text: str) -> int:
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date that Node lets in")
    # numpy knows the year 0000, which Python's datetime does not.
    moment = np.datetime64(f"{found['date']}T{found['time'] or '00:00'}", "us").astype(np.int64)
    fraction = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    return int(moment) + fraction - _offset_minutes(found["offset"]) * 60_000_000


def _offset_minutes(offset: str | None) -> int:
    if offset in (None, "Z"):
        return 0
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)
