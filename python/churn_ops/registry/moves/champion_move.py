"""Put another version into production: a kill at any step leaves one live model and a move that can be finished.

The intent on the new version holds the whole plan; the alias is the commit; everything after it can be done again.
"""

from __future__ import annotations

import json

from churn_ops.contract import Alias, ApplyRequest, JournalEntry, Move, StageMove, Stages, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import verify
from churn_ops.process import lifetime, owner
from churn_ops.process.crash_points import around
from churn_ops.registry.moves import conflicts, entries
from churn_ops.registry.moves import gate_card as card
from churn_ops.registry.moves.writer import Writer
from churn_ops.versions.moves import TaggedMove, entry_of, moves_of


def promote(writer: Writer, request: ApplyRequest, move: StageMove, moves: list[Move]) -> list[str]:
    """Carry out a move of the champion and the moves that come with it.

    Parameters
    ----------
    writer : Writer
        The versions as they are under the lock.
    move : dict
        That of the new champion.
    moves : list of dict
        Those of the others.

    Returns
    -------
    list of str
        Notes about the files of the new champion.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY``, ``SIGNATURE_MISSING``, ``PICKLE_REFUSED``: nothing was changed. ``BUSY`` when somebody
        else put another version live meanwhile.
    """
    version, previous = move["version"], request["previous"]
    with around("verify"):
        notes = _check(writer, request, version)
    entry: JournalEntry = {
        **entries.entry_of(request, request["action"], move, previous),
        "evidence": request.get("evidence"),
    }
    intent: TaggedMove = {
        **entry,
        "state": "intent",
        "owner": owner.current(),
        "formerPrevious": writer.holder(Alias.PREVIOUS),
        "moves": moves,
    }
    if "rolledBack" in request:
        intent["rolledBack"] = request["rolledBack"]
    if "challenger" in request:
        intent["challenger"] = request["challenger"]
    tag = entries.tag_of(entry)
    lifetime.end_if_orphaned()
    with around("intent"):
        writer.tag(version, tag, json.dumps(intent))
    with around("previous"):
        if previous is not None and previous not in (version, writer.holder(Alias.PREVIOUS)):
            writer.name(Alias.PREVIOUS, previous)
    lifetime.end_if_orphaned()
    writer.check_lock()
    rival = conflicts.before_commit(writer, request, tag)
    if rival is not None:
        abandon(writer, version, tag, intent)
        raise rival
    with around("champion"):
        writer.name(Alias.CHAMPION, version)
        writer.written.add(version)
    complete(writer, version, tag, intent)
    return notes


def complete(writer: Writer, version: str, tag: str, intent: TaggedMove) -> None:
    """Do everything that comes after the alias; what is done already is left as it is.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when another version has the alias meanwhile.
    """
    entry = entry_of(intent)
    lifetime.end_if_orphaned()
    _check_still_ours(writer, version, tag, entry)
    with around("stage"):
        writer.put(version, Stages.PRODUCTION)
    writer.mark_rolled_back(intent.get("rolledBack"))
    if writer.tags[version].get(Tag.REASON) != entry["reason"]:
        writer.tag(version, Tag.REASON, entry["reason"])
    if entry.get("evidence") is not None:
        card.write(writer.client, writer.model, version, entry)
    for move in intent.get("moves", []):
        lifetime.end_if_orphaned()
        known = writer.versions.get(move["version"])
        if known is not None and known["stage"] in _possible_stages(move):
            writer.move(move, entries.stage_entry(entry, move))
    writer.name_challenger(intent)
    with around("done"):
        writer.tag(version, tag, json.dumps({**entry, "state": "done"}))
    conflicts.read_back(writer)
    conflicts.read_back(writer)
    _check_still_ours(writer, version, tag, entry)
    writer.journal.append(entry)


def finish_all(writer: Writer, champion_before: str | None, is_still: bool) -> list[JournalEntry]:
    """Finish every move that was interrupted: the alias tells whether it took place.

    Parameters
    ----------
    writer : Writer
        The versions.
    champion_before : str or None
        The version that had the alias before anything was written.
    is_still : bool
        Whether it has the alias still.
    """
    finished: list[JournalEntry] = []
    for version, tags in writer.tags.items():
        for tag, intent in moves_of(tags).items():
            if intent.get("state") != "intent":
                continue
            if version == champion_before and is_still:
                complete(writer, version, tag, intent)
            elif version == champion_before:
                _end(writer, version, tag, intent, "done")
            else:
                _put_previous_back(writer, intent)
                abandon(writer, version, tag, intent)
            finished.append(json.loads(writer.tags[version][tag]))
    return finished


def abandon(writer: Writer, version: str, tag: str, intent: TaggedMove) -> None:
    """Record that a move did not take place."""
    _end(writer, version, tag, intent, "abandoned")


def _put_previous_back(writer: Writer, intent: TaggedMove) -> None:
    # The alias moves before the commit: without one it would name the champion itself.
    live, former = intent["previous"], intent.get("formerPrevious")
    if live is None or "formerPrevious" not in intent or former == live:
        return
    if writer.holder_now(Alias.CHAMPION) == live == writer.holder_now(Alias.PREVIOUS):
        writer.name(Alias.PREVIOUS, former if former in writer.versions else None)


def _end(writer: Writer, version: str, tag: str, intent: TaggedMove, state: str) -> None:
    entry = entry_of(intent)
    writer.tag(version, tag, json.dumps({**entry, "state": state}))
    writer.journal.append({**entry, "state": state})


def _check(writer: Writer, request: ApplyRequest, version: str) -> list[str]:
    tags, model = writer.tags[version], writer.model
    if Tag.DUPLICATE_OF in tags:
        raise ChurnOpsError(
            "MODEL_INTEGRITY",
            f"Version {version} of {model} is a duplicate of version {tags[Tag.DUPLICATE_OF]} and never goes live. "
            "Nothing was changed.",
            f"Use the original: churn-ops rollback --to {tags[Tag.DUPLICATE_OF]}.",
            {"version": version},
        )
    allowed = verify.allows(request.get("allowPickle"), model, version)
    return list(verify.verified(writer.client, model, version, tags, allowed, to_promote=True).notes)


def _possible_stages(move: StageMove) -> set[str]:
    # What left production with the same write as the new champion came is in Archived.
    return {move["from"], move["to"], *([Stages.ARCHIVED] if move["from"] == Stages.PRODUCTION else [])}


def _check_still_ours(writer: Writer, version: str, tag: str, entry: JournalEntry) -> None:
    rival = conflicts.after_commit(writer, version)
    if rival is None:
        return
    conflicts.read_back(writer)
    writer.tag(version, tag, json.dumps({**entry, "state": "abandoned"}))
    raise rival
