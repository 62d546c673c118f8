"""The moves of versions, as the tags of the versions tell of them."""

from __future__ import annotations

import json
from typing import NotRequired, cast

from churn_ops.contract import JournalEntry, Move, RolledBack, Tag


class TaggedMove(JournalEntry):
    """A move as a tag holds it: its entry, and until it is done all that its end needs."""

    owner: NotRequired[str]
    formerPrevious: NotRequired[str | None]
    moves: NotRequired[list[Move]]
    rolledBack: NotRequired[RolledBack]
    challenger: NotRequired[str | None]


_PLAN = ("state", "owner", "formerPrevious", "moves", "rolledBack", "challenger")
_NEEDED = {"at", "actor", "action", "version", "previous", "from", "to", "reason", "policy"}


def moves_of(tags: dict[str, str]) -> dict[str, TaggedMove]:
    """Give the moves that a version's tags tell of, by the tag's name; a tag that is no entry is passed over."""
    moves: dict[str, TaggedMove] = {}
    for name, value in tags.items():
        if name.startswith(Tag.MOVE_PREFIX):
            try:
                entry = json.loads(value)
            except ValueError:
                continue
            # Anybody can write a tag; one that is no entry must not stop every command.
            if isinstance(entry, dict) and entry.keys() >= _NEEDED:
                moves[name] = cast(TaggedMove, entry)
    return moves


def entry_of(move: TaggedMove) -> JournalEntry:
    """Give the entry alone, without its state."""
    return cast(JournalEntry, {name: value for name, value in move.items() if name not in _PLAN})


def went_live(entry: JournalEntry) -> bool:
    """Tell whether a move put its version into production."""
    # Entries of older releases have no state; they were written when the move was done.
    return entry.get("state", "done") == "done" and entry["action"] not in ("stage", "gate")
