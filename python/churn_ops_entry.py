"""The only file that the bridge loads: one JSON string in, one JSON string out, every error caught.

Everything else lives in the package ``churn_ops``; importing this file has three effects that must come first:
the standard streams leave our terminal, signals get our handlers, and the process ties its life to its parent.
"""

from __future__ import annotations

import atexit
import faulthandler
import os
import sys
from collections.abc import Callable


def _leave_terminal() -> None:
    # Standard output belongs to the renderer in Node and standard input to the command that reads it;
    # whatever a library prints goes to the log.
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    path = os.environ.get("CHURN_OPS_BRIDGE_LOG", os.devnull)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    faulthandler.enable(file=2)


_leave_terminal()

# The first to be registered is the last to run: everything that must be cleaned up is, and taking MLflow's modules
# apart one by one, which takes half a second, is left to the kernel.
atexit.register(os._exit, 0)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from churn_ops import wire  # noqa: E402  (streams must have moved before anything is imported)
from churn_ops.process import lifetime  # noqa: E402

lifetime.tie_to_parent(int(os.environ.get("CHURN_OPS_PARENT_PID", "0")) or os.getppid())
lifetime.handle_signals()


def call(request: str, on_progress: Callable[[str], object] | None = None) -> str:
    """Answer one request of the bridge.

    Parameters
    ----------
    request : str
        JSON object with ``protocol``, ``method`` and ``payload``.
    on_progress : callable, optional
        Takes a JSON string with ``phase``, ``done``, ``total`` and ``text``.

    Returns
    -------
    str
        JSON envelope, ``ok`` with ``result`` or ``error``; never raises.
    """
    return wire.answer(request, on_progress)
