"""The tags that say what a version is of: one version counts for each key."""

from __future__ import annotations

KEY_TAG = "churnops.key"
#: On a double: the number of the version that counts, which is the lowest.
DUPLICATE_TAG = "churnops.duplicate_of"
