"""Notices by apprise: one library for a hundred services."""

from __future__ import annotations

import logging

from churn_ops.contract import Notice, NoticeOutcome
from churn_ops.progress import Progress


def send(request: Notice, _progress: Progress) -> NoticeOutcome:
    """Send one notice to every address; the addresses hold secrets and are never repeated."""
    import apprise

    # It writes addresses with their secrets into its log.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    failed = []
    for place, url in enumerate(request["urls"], start=1):
        service = apprise.Apprise()
        try:
            delivered = service.add(url) and service.notify(title=request["title"], body=request["text"])
        # Whatever a plugin raises, the promotion is done and the other addresses wait.
        except Exception:  # noqa: BLE001
            delivered = False
        if not delivered:
            failed.append(place)
    return {"failed": failed}
