"""Which locations are in S3-compatible storage."""

from __future__ import annotations

_PREFIX = "s3://"


def is_s3(location: str) -> bool:
    """Tell whether files are in S3-compatible storage."""
    return location.startswith(_PREFIX)
