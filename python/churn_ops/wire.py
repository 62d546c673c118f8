"""The wire to TypeScript: one string each way.

The protocol number of the contract is raised when a field of the envelope changes its meaning or goes away; then update
both readers and note it in the change log.
"""

from __future__ import annotations

import errno
import importlib
import json
import threading
import traceback
from collections.abc import Callable
from typing import Any

from churn_ops.artifacts import s3_errors
from churn_ops.contract import PROTOCOL, ErrorCode, MethodName
from churn_ops.errors import ChurnOpsError, Interrupted
from churn_ops.process import lifetime
from churn_ops.process.json_values import finite
from churn_ops.progress import Progress
from churn_ops.store import errors as store_errors
from churn_ops.store import place as store_place
from churn_ops.store import state_folder

_TRACEBACK_CHARACTERS = 8000
#: What the system says of a place, which is no bug of ours: rights, a file for a folder, a broken disk, limits.
_NOT_USABLE = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP, errno.EIO),
    *(errno.ENAMETOOLONG, errno.EMFILE, errno.ENFILE, errno.EFBIG, errno.ESTALE),
}

#: Method name on the wire → ``module:function`` in this package; modules are imported when first called.
METHODS: dict[MethodName, str] = {
    "warm": "churn_ops.process.warm:warm",
    "training.warm": "churn_ops.training.train:warm",
    "training.check": "churn_ops.training.check_table:check",
    "train": "churn_ops.training.train:train",
    "report": "churn_ops.training.evidence.report:report",
    "reproduce": "churn_ops.training.reproduce:reproduce",
    "table.export": "churn_ops.table.export.export:export",
    "registry.versions": "churn_ops.registry.versions:versions",
    "registry.apply": "churn_ops.registry.moves.apply:apply",
    "registry.finish": "churn_ops.registry.moves.apply:finish",
    "registry.golden": "churn_ops.registry.compare.golden_rows:golden",
    "registry.columns": "churn_ops.registry.columns:columns",
    "registry.verify": "churn_ops.registry.compare.golden_rows:verify_files",
    "registry.journal": "churn_ops.registry.versions:journal",
    "registry.compare": "churn_ops.registry.compare.compare:compare",
    "registry.retest": "churn_ops.registry.compare.retest:retest",
    "registry.skill": "churn_ops.registry.compare.skill:skill",
    "registry.check": "churn_ops.registry.compare.golden_rows:check",
    "serving.compile_forest": "churn_ops.serving.compile_forest:compile_forest",
    "store.reachable": "churn_ops.artifacts.root:reachable",
    "store.schema": "churn_ops.store.schema:check_store",
    "store.upgrade": "churn_ops.store.upgrade:upgrade",
    "store.relocation": "churn_ops.upkeep.relocation:relocation",
    "store.relocate": "churn_ops.upkeep.relocation:relocate",
    "store.check": "churn_ops.upkeep.mending:check",
    "store.mend": "churn_ops.upkeep.mending:mend",
    "prune.inventory": "churn_ops.upkeep.prune.inventory:inventory",
    "prune.apply": "churn_ops.upkeep.prune.apply:apply",
    "notices.send": "churn_ops.upkeep.notices:send",
    "drift.window": "churn_ops.drift.window:window",
    "drift.measure": "churn_ops.drift.measure:measure",
    "drift.retraining_table": "churn_ops.drift.retraining:retraining_table",
}

#: Methods that write, delete or reuse a store's files: refused where these are recorded next to another location of it.
WITH_FILES = frozenset(
    {
        "train",
        "report",
        "reproduce",
        "registry.apply",
        "registry.finish",
        "registry.verify",
        "registry.golden",
        "registry.compare",
        "registry.retest",
        "registry.skill",
        "registry.check",
        "serving.compile_forest",
        "store.reachable",
        "store.mend",
        "prune.inventory",
        "prune.apply",
        "drift.window",
        "drift.measure",
    }
)


def answer(request: str, on_progress: Callable[[str], object] | None) -> str:
    """Run the method that a request names and wrap what comes of it.

    Parameters
    ----------
    request : str
        JSON object with ``protocol``, ``method`` and ``payload``.
    on_progress : callable or None
        Receiver of progress as JSON strings.

    Returns
    -------
    str
        The envelope as JSON without NaN or Infinity.
    """
    try:
        return _encode({"protocol": PROTOCOL, "ok": True, "result": _run(request, on_progress)})
    except ChurnOpsError as error:
        return _failure(error.code, error.message, error.hint, error.details)
    except Interrupted:
        return _failure("INTERRUPTED", "Stopped on request.", "Run the same command again.", {"signal": "SIGTERM"})
    except MemoryError:
        return _failure("PYTHON_DIED", "Python ran out of memory.", "Use a smaller table or grid.", {})
    # No exception may leave: it would arrive in Node without its message.
    except BaseException as error:  # noqa: BLE001
        known = s3_errors.translate(error) or store_errors.translate(error, _store_of(request))
        if known is not None:
            return _failure(known.code, known.message, known.hint, known.details)
        if isinstance(error, OSError):
            return _os_failure(error)
        return _failure(
            "PYTHON_ERROR",
            f"{type(error).__name__}: {error}",
            "Run again with --verbose and report the output.",
            {"traceback": traceback.format_exc()[-_TRACEBACK_CHARACTERS:]},
        )


def _run(request: str, on_progress: Callable[[str], object] | None) -> Any:
    message = json.loads(request)
    if message.get("protocol") != PROTOCOL:
        raise ChurnOpsError(
            "BRIDGE_PROTOCOL",
            f"Node speaks protocol {message.get('protocol')}, Python speaks {PROTOCOL}.",
            "Reinstall churn-ops: its TypeScript and Python parts have different versions.",
        )
    target = METHODS.get(message["method"])
    if target is None:
        raise ChurnOpsError("BRIDGE_PROTOCOL", f"No method {message['method']!r}.", "Reinstall churn-ops.")
    module_name, function_name = target.split(":")
    function = getattr(importlib.import_module(module_name), function_name)
    with lifetime.interruptible():
        if message["method"] in WITH_FILES:
            store_place.require_here(message["payload"]["store"]["trackingUri"])
        return function(message["payload"], _reporter(on_progress))


def _store_of(request: str) -> str:
    try:
        return str(json.loads(request)["payload"]["store"]["trackingUri"])
    except (ValueError, KeyError, TypeError):
        return ""


def _reporter(on_progress: Callable[[str], object] | None) -> Progress:
    # Each message waits for its receipt on the one channel, so threads must take turns.
    turn = threading.Lock()

    def report(phase: str, done: int, total: int, text: str) -> None:
        if on_progress is not None:
            with turn:
                on_progress(_encode({"phase": phase, "done": done, "total": total, "text": text}))

    return report


def _encode(message: dict[str, Any]) -> str:
    return json.dumps(finite(message), allow_nan=False)


def _failure(code: ErrorCode, message: str, hint: str, details: dict[str, Any]) -> str:
    def envelope(facts: dict[str, Any]) -> dict[str, Any]:
        error = {"code": code, "message": message, "hint": hint, "details": facts}
        return {"protocol": PROTOCOL, "ok": False, "error": error}

    try:
        return _encode(envelope(details))
    except (TypeError, ValueError, RecursionError):
        # An error must arrive even when its details are no JSON.
        return _encode(envelope({"unreadable": repr(details)[:_TRACEBACK_CHARACTERS]}))


def _os_failure(error: OSError) -> str:
    details = {"errno": error.errno, "path": str(error.filename or "")}
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _failure("DISK_FULL", f"No space left: {error}.", "Free some space and run the command again.", details)
    if error.errno in _NOT_USABLE:
        hint = state_folder.home_hint(error.filename or "")
        return _failure("NOT_WRITABLE", f"Not allowed or not possible: {error}.", hint, details)
    details["traceback"] = traceback.format_exc()[-_TRACEBACK_CHARACTERS:]
    return _failure("PYTHON_ERROR", f"{type(error).__name__}: {error}", "Run again with --verbose.", details)
