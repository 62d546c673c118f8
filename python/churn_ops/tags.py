"""The tags that say what a version is of (one version counts for each key), and which rows its search used."""

from __future__ import annotations

KEY_TAG = "churnops.key"
#: On a double: the number of the version that counts, which is the lowest.
DUPLICATE_TAG = "churnops.duplicate_of"
#: On the run of a search: hash of the list of its rows' files.
DATA_TAG = "churnops.data_manifest"
