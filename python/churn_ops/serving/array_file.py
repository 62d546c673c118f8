"""Typed arrays in one binary file, and what they are in a JSON file beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

_ALIGNMENT = 8


def write_arrays(folder: Path, name: str, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write ``NAME.bin`` and then ``NAME.json``, which has the hash of it.

    Parameters
    ----------
    folder : pathlib.Path
        Where to.
    name : str
        Of both files.
    header : dict
        What stands in the JSON file beside ``arrays``, ``bytes`` and ``sha256``.
    arrays : dict of str to numpy.ndarray
        One-dimensional; written little-endian, each at a multiple of eight bytes.
    """
    hashed, offset, listed = hashlib.sha256(), 0, {}
    with (folder / f"{name}.bin").open("wb") as file:
        for key, array in arrays.items():
            content = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
            listed[key] = {"type": array.dtype.name, "offset": offset, "length": len(array)}
            content += bytes(-len(content) % _ALIGNMENT)
            file.write(content)
            hashed.update(content)
            offset += len(content)
    written = {**header, "arrays": listed, "bytes": offset, "sha256": hashed.hexdigest()}
    (folder / f"{name}.json").write_text(json.dumps(written, separators=(",", ":"), allow_nan=False))
