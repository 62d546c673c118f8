"""Files that appear whole or not at all: written next to their place, forced to the disk, renamed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Give a name to write to; the file takes its place when the block ends, and is gone when that fails.

    Parameters
    ----------
    path : pathlib.Path
        The place; what is there before stays until the new file is whole. Its folder exists.

    Yields
    ------
    pathlib.Path
        Beside the place, with the number of this process in its name.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.unlink(missing_ok=True)
    try:
        yield unfinished
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the kernel write a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
