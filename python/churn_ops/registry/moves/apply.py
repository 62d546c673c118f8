"""Carry out a plan: aliases, stages and tags, in an order that never leaves a reader without a production model."""

from __future__ import annotations

import json
import os

from churn_ops.contract import Alias, Applied, ApplyRequest, Finished, JournalEntry, LockedRequest, StageMove, Stages
from churn_ops.errors import ChurnOpsError
from churn_ops.process import lifetime
from churn_ops.progress import Progress
from churn_ops.registry.moves import champion_move, conflicts, entries
from churn_ops.registry.moves import gate_card as card
from churn_ops.registry.moves.writer import Writer
from churn_ops.store import address as store_address
from churn_ops.store.connect import connect
from churn_ops.store.locks.store_lock import store_lock


def apply(request: ApplyRequest, progress: Progress) -> Applied:
    """Carry out a plan: alias first, then stages, so that a reader always finds a production model.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when another writer holds the store or has moved the champion since the plan was made, with ``stale``
        in its details when a new plan would do; ``MODEL_INTEGRITY``, ``SIGNATURE_MISSING`` or ``PICKLE_REFUSED`` when
        the files of a new champion are not fit for use; ``NOT_WRITABLE`` when the store is read-only.
    """
    store = request["store"]
    client = connect(store["trackingUri"], must_exist=True)
    _check_writable(store["trackingUri"])
    with store_lock(
        store["trackingUri"], request["action"], request["waitSeconds"], lambda text: progress("wait", 0, 0, text)
    ) as check_lock:
        writer = Writer(client, store["model"], check_lock)
        conflicts.check_no_move_in_progress(writer, store["trackingUri"])
        conflicts.check_plan(writer, request)
        notes = _carry_out(writer, request, progress)
    return {
        "changed": len(writer.written),
        "journal": sorted(writer.journal, key=lambda entry: entry["at"]),
        "notes": notes,
    }


def finish(request: LockedRequest, progress: Progress) -> Finished:
    """Finish moves of the champion that were interrupted: done where the alias moved, otherwise abandoned.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when the process that began a move may still be at it.
    """
    store = request["store"]
    client = connect(store["trackingUri"], must_exist=True)
    _check_writable(store["trackingUri"])
    with store_lock(
        store["trackingUri"], "recovery", request["waitSeconds"], lambda text: progress("wait", 0, 0, text)
    ) as check_lock:
        writer = Writer(client, store["model"], check_lock)
        conflicts.check_no_move_in_progress(writer, store["trackingUri"])
        return {"finished": champion_move.finish_all(writer, writer.holder(Alias.CHAMPION), is_still=True)}


def _carry_out(writer: Writer, request: ApplyRequest, progress: Progress) -> list[str]:
    champion, holder = request["champion"], writer.holder(Alias.CHAMPION)
    changes_champion = champion is not None and champion != holder
    moves = [move for move in request["moves"] if writer.must_move(move)]
    # The champion first, then those that leave production, then the rest.
    moves.sort(key=lambda move: (move["version"] != champion, move["from"] != Stages.PRODUCTION, int(move["version"])))
    notes: list[str] = []
    if champion is not None and changes_champion:
        progress("promote", 0, len(moves), f"version {champion} to {Stages.PRODUCTION}")
        own = next((move for move in moves if move["version"] == champion), None)
        others = [move for move in moves if move is not own]
        notes = champion_move.promote(writer, request, own or _alias_move(request, writer, champion), others)
    else:
        for done, move in enumerate(moves):
            lifetime.end_if_orphaned()
            progress("promote", done, len(moves), f"version {move['version']} to {move['to']}")
            writer.move(move, entries.entry_of(request, "stage", move, None))
        writer.mark_rolled_back(request.get("rolledBack"))
    _look(writer, request)
    if not changes_champion:
        writer.name_challenger(request)
    champion_move.finish_all(writer, holder, is_still=not changes_champion)
    if moves:
        progress("promote", len(moves), len(moves), "done")
    return notes


def _look(writer: Writer, request: ApplyRequest) -> None:
    # A challenger that did not win keeps the evidence of its look.
    look = request.get("look")
    if look is None or look["version"] not in writer.versions:
        return
    version = look["version"]
    stage = writer.versions[version]["stage"]
    move: StageMove = {"version": version, "from": stage, "to": stage, "reason": look["reason"]}
    entry: JournalEntry = {**entries.entry_of(request, "gate", move, None), "evidence": request.get("evidence")}
    card.write(writer.client, writer.model, version, entry)
    writer.tag(version, entries.tag_of(entry), json.dumps({**entry, "state": "done"}))
    writer.journal.append(entry)


def _alias_move(request: ApplyRequest, writer: Writer, champion: str) -> StageMove:
    version = writer.versions[champion]
    planned = next((move for move in request["moves"] if move["version"] == champion), None)
    reason = planned["reason"] if planned else (version["reason"] or "champion")
    return {"version": champion, "from": version["stage"], "to": Stages.PRODUCTION, "reason": reason}


def _check_writable(tracking_uri: str) -> None:
    database = store_address.sqlite_file(tracking_uri)
    # SQLite writes its rollback journal next to the file.
    if database is None or (os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)):
        return
    raise ChurnOpsError(
        "NOT_WRITABLE",
        f"The store {database} is read-only; the registry was not changed.",
        "Give yourself write permission for the file and its folder, then run the same command again.",
        {"path": str(database)},
    )
