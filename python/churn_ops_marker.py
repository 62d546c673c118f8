"""The marker of a finished Python environment; standard library only."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

MARKER = "ready.json"


def is_ready(folder: Path, lock_sha256: str) -> bool:
    """Tell whether an environment is finished, where it was made, and its base interpreter still there.

    Parameters
    ----------
    folder : Path
        The environment.
    lock_sha256 : str
        Hash of the lock that it must hold.

    Returns
    -------
    bool
        True when the marker fits and the interpreter can run.
    """
    interpreter = folder / "bin" / "python"
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        fits = marker["interpreter"] == str(interpreter) and marker["lockSha256"] == lock_sha256
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return fits and os.access(interpreter, os.X_OK)


def mark_ready(folder: Path, lock_sha256: str, installer: str) -> None:
    """Mark an environment as finished.

    Parameters
    ----------
    folder : Path
        The environment.
    lock_sha256 : str
        Hash of the lock that it holds.
    installer : str
        ``uv`` or ``pip``.
    """
    facts = {
        "interpreter": str(folder / "bin" / "python"),
        "pythonVersion": ".".join(str(part) for part in sys.version_info[:3]),
        "lockSha256": lock_sha256,
        "installer": installer,
        "madeAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    # Renamed into place: a marker is whole or not there.
    draft = folder / f"{MARKER}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / MARKER)
