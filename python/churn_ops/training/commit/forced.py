"""The nonce of ``train --force``: new for each forced training, but the same again for one that was interrupted."""

from __future__ import annotations

import uuid
from pathlib import Path

from churn_ops.process import atomic_file


def begin(state: Path, training: str) -> str:
    """Give the nonce of the cut-off forced training of this key, else a new one.

    Parameters
    ----------
    state : pathlib.Path
        The state folder.
    training : str
        Key of the training without a nonce; its lock is held.

    Returns
    -------
    str
        Hexadecimal digits.
    """
    file = _file(state, training)
    try:
        nonce = file.read_text()
        if len(nonce) == len(uuid.uuid4().hex):
            return nonce
    except FileNotFoundError:
        pass
    nonce = uuid.uuid4().hex
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file.draft(file) as unfinished:
        unfinished.write_text(nonce)
    return nonce


def end(state: Path, training: str) -> None:
    """Note that the forced training of this key is complete."""
    _file(state, training).unlink(missing_ok=True)


def _file(state: Path, training: str) -> Path:
    return state / "work" / f"forced-{training[:16]}"
