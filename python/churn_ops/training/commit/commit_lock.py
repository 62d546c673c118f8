"""The store's lock around one commit of a training."""

from __future__ import annotations

from contextlib import AbstractContextManager

from churn_ops.progress import Progress
from churn_ops.store.locks import file_lock
from churn_ops.store.locks.store_lock import store_lock
from churn_ops.training.split_request import SplitRequest


def commit_lock(request: SplitRequest, progress: Progress) -> AbstractContextManager[file_lock.Check]:
    """Give the store's lock for one commit of a training."""
    return store_lock(
        request["store"]["trackingUri"],
        "train",
        request["waitSeconds"],
        lambda text: progress("wait", 0, 0, text),
    )
