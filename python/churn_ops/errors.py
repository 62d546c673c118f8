"""Errors that cross the bridge with a code of the table in ``src/errors.ts``."""

from __future__ import annotations

from typing import Any

from churn_ops.contract import ErrorCode


class ChurnOpsError(Exception):
    """An error that a user can do something about.

    Parameters
    ----------
    code : ErrorCode
        A key of the error table.
    message : str
        What happened and what state things are in.
    hint : str
        The one step to take next.
    details : dict, optional
        Structured facts, JSON types only.
    """

    def __init__(self, code: ErrorCode, message: str, hint: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.hint = hint
        self.details = details or {}


class Interrupted(BaseException):
    """Raised in the main thread when Node asks for an end; not an ``Exception``, so nothing swallows it."""
