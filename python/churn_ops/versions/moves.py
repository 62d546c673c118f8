"""The moves of versions, as the tags of the versions tell of them."""

from __future__ import annotations

import json
from typing import Any

MOVE_TAG = "churnops.move."

_NEEDED = {"at", "actor", "action", "version", "previous", "from", "to", "reason", "policy"}


def moves_of(tags: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Give the moves that a version's tags tell of, by the tag's name; a tag that is no entry is passed over."""
    moves = {}
    for name, value in tags.items():
        if name.startswith(MOVE_TAG):
            try:
                entry = json.loads(value)
            except ValueError:
                continue
            # Anybody can write a tag; one that is no entry must not stop every command.
            if isinstance(entry, dict) and entry.keys() >= _NEEDED:
                moves[name] = entry
    return moves


def went_live(entry: dict[str, Any]) -> bool:
    """Tell whether a move put its version into production."""
    return entry.get("state") == "done" and entry["action"] not in ("stage", "gate")
