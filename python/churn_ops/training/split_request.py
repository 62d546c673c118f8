"""A training request whose table is split."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from churn_ops.contract import LeftOut, TrainingRequest


class Times(TypedDict):
    """Which time each side of a split by time covers, as the table writes it; null for an empty side."""

    trainFrom: str | None
    trainUntil: str | None
    testFrom: str | None
    testUntil: str | None
    leftOut: LeftOut


class SplitRequest(TrainingRequest):
    """What a search works on, and what is recorded of it."""

    #: Rows of customers that an earlier training has seen.
    knownCustomers: int
    times: NotRequired[Times]
