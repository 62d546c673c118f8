"""Notice other writers where no lock keeps them out, such as over plain HTTP."""

from __future__ import annotations

import time
from datetime import datetime

from churn_ops.contract import Alias, ApplyRequest, Stages, StoreRules
from churn_ops.errors import ChurnOpsError
from churn_ops.process import owner
from churn_ops.registry.moves.writer import Writer
from churn_ops.versions.moves import TaggedMove, moves_of

_AGAIN = "Check `churn-ops history`, then run the same command again."


def is_locked(tracking_uri: str) -> bool:
    """Tell whether a lock keeps other writers out of a store."""
    return not tracking_uri.startswith(("http://", "https://"))


def check_no_move_in_progress(writer: Writer, tracking_uri: str) -> None:
    """Stop when another process is in the middle of a move.

    Raises
    ------
    ChurnOpsError
        ``BUSY``.
    """
    if is_locked(tracking_uri):
        return
    for version, _, intent in _intents(writer):
        if _may_be_alive(intent):
            raise _in_progress(writer.model, version, intent)


def check_plan(writer: Writer, request: ApplyRequest) -> None:
    """Stop when the versions are not as they were when the plan was made.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` with ``stale`` in its details.
    """
    moves, current = request["moves"], writer.versions
    gone = [move["version"] for move in moves if move["version"] not in current]
    elsewhere = [
        move["version"]
        for move in moves
        if move["version"] in current and current[move["version"]]["stage"] != move["from"]
    ]
    holder = writer.holder(Alias.CHAMPION)
    if not gone and not elsewhere and holder == request["holder"]:
        return
    raise ChurnOpsError(
        "BUSY",
        f"Another process moved versions of {writer.model} since the plan was made{_by(writer, holder)}; "
        "nothing was changed.",
        _AGAIN,
        {"gone": gone, "elsewhere": elsewhere, "champion": holder, "stale": True},
    )


def before_commit(writer: Writer, request: ApplyRequest, own_tag: str) -> ChurnOpsError | None:
    """Look for another writer right before the alias moves; of two that begin at once the first goes on."""
    tracking_uri = request["store"]["trackingUri"]
    if not is_locked(tracking_uri):
        writer.read()
        for version, tag, intent in _intents(writer):
            if tag < own_tag and _may_be_alive(intent):
                return _in_progress(writer.model, version, intent)
    holder = writer.holder_now(Alias.CHAMPION)
    return None if holder == request["holder"] else _overtaken(writer, holder)


def after_commit(writer: Writer, version: str) -> ChurnOpsError | None:
    """Tell who took the alias after we did."""
    holder = writer.holder_now(Alias.CHAMPION)
    return None if holder == version else _overtaken(writer, holder)


def read_back(writer: Writer) -> None:
    """Read the versions again and put the stage in step with the alias, whoever has it."""
    writer.read()
    holder = writer.holder(Alias.CHAMPION)
    if holder is not None:
        # The stages of two writers may have come in the other order than their aliases.
        writer.put(holder, Stages.PRODUCTION)


def _intents(writer: Writer) -> list[tuple[str, str, TaggedMove]]:
    return [
        (version, tag, entry)
        for version, tags in writer.tags.items()
        for tag, entry in moves_of(tags).items()
        if entry.get("state") == "intent"
    ]


def _may_be_alive(intent: TaggedMove) -> bool:
    dead = owner.is_dead(str(intent.get("owner")))
    if dead is not None:
        return not dead
    try:
        age = time.time() - datetime.fromisoformat(intent["at"]).timestamp()
    except ValueError:
        return False
    return age < StoreRules.MOVE_SECONDS


def _in_progress(model: str, version: str, intent: TaggedMove) -> ChurnOpsError:
    return ChurnOpsError(
        "BUSY",
        f"{intent['actor']} is about to put version {version} of {model} into production ({intent['action']}, begun at "
        f"{intent['at']}); nothing was changed.",
        _AGAIN,
        {"version": version, "actor": intent["actor"], "at": intent["at"]},
    )


def _overtaken(writer: Writer, holder: str | None) -> ChurnOpsError:
    # Whoever it was has written since we read.
    writer.read()
    live = "no version is live" if holder is None else f"version {holder} is live{_by(writer, holder)}"
    return ChurnOpsError(
        "BUSY",
        f"Another process moved the champion of {writer.model} at the same time: {live}. This move was abandoned.",
        _AGAIN,
        {"champion": holder},
    )


def _by(writer: Writer, version: str | None) -> str:
    if version not in writer.tags:
        return ""
    moves = sorted(moves_of(writer.tags[version]).values(), key=lambda entry: entry["at"])
    live = [entry for entry in moves if entry["action"] not in ("stage", "gate")]
    if not live:
        return f" (version {version} is live)"
    return f" (version {version}, {live[-1]['action']} by {live[-1]['actor']} at {live[-1]['at']})"
