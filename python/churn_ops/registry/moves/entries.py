"""Entries of the journal of moves, as the versions' tags hold them."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime

from churn_ops.contract import ApplyRequest, JournalEntry, PolicyRules, StageMove, Tag


def entry_of(request: ApplyRequest, action: str, move: StageMove, previous: str | None) -> JournalEntry:
    """Make the entry of one move.

    Parameters
    ----------
    action : str
        The request's own for the version that goes live, ``stage`` or ``gate`` for any other.
    move : dict
        ``version``, ``from``, ``to`` and ``reason``.
    previous : str or None
        The champion that the version replaces.
    """
    return {
        "at": now(),
        "actor": request["actor"],
        "action": action,
        "model": request["store"]["model"],
        "version": move["version"],
        "previous": previous,
        "from": move["from"],
        "to": move["to"],
        "reason": move["reason"],
        "policy": request["policy"],
        "policySha256": _policy_hash(request.get("policyRules")),
        "evidence": None,
    }


def stage_entry(of: JournalEntry, move: StageMove) -> JournalEntry:
    """Make the entry of a version that only changes its stage, next to the one that goes live."""
    return {
        **of,
        "version": move["version"],
        "from": move["from"],
        "to": move["to"],
        "reason": move["reason"],
        "at": now(),
        "action": "stage",
        "previous": None,
        "evidence": None,
    }


def tag_of(entry: JournalEntry) -> str:
    """Give a name for the tag of a new entry."""
    return f"{Tag.MOVE_PREFIX}{entry['at']}-{uuid.uuid4().hex[:8]}"


def now() -> str:
    """Give the time, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _policy_hash(rules: PolicyRules | None) -> str | None:
    if rules is None:
        return None
    text = json.dumps(rules, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
