"""MLflow's own lock for opening a database: a file in the temporary folder that all users of a machine share."""

from __future__ import annotations

import functools
import os


@functools.cache
def make_lenient() -> None:
    """Let MLflow go on where the file is another user's, whom it would keep out of the store for ever.

    What the lock is for is kept by ours: a new SQLite file appears whole, and the tables of a new PostgreSQL store are
    made under an advisory lock.
    """
    from mlflow.utils import file_utils

    class Lenient(file_utils.ExclusiveFileLock):
        def __enter__(self) -> None:
            try:
                super().__enter__()
            except OSError:
                self.fd = open(os.devnull, "w")

    file_utils.ExclusiveFileLock = Lenient
