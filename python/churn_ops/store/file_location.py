"""Artifact locations as the store's tables hold them: which path they name, and in which folder it is."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def path_of(location: str | None) -> Path | None:
    """Give the path of a location as MLflow reads it, links and all; None for what is not on this machine's disk."""
    if not location:
        return None
    if location.startswith("/"):
        return Path(os.path.normpath(unquote(location)))
    parts = urlsplit(location)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        return None
    return Path(os.path.normpath(unquote(parts.path)))


def below(location: str | None, folders: list[Path]) -> tuple[Path, Path] | None:
    """Find the innermost of some folders that holds a location, by its name or where links lead.

    Parameters
    ----------
    location : str or None
        As a table holds it.
    folders : list of pathlib.Path
        Real paths.

    Returns
    -------
    tuple of pathlib.Path and pathlib.Path, or None
        The folder, and the location's path in it.
    """
    named = path_of(location)
    for path in () if named is None else (named, Path(os.path.realpath(named))):
        holding = [folder for folder in folders if path.is_relative_to(folder)]
        if holding:
            innermost = max(holding, key=lambda folder: len(folder.parts))
            return innermost, path.relative_to(innermost)
    return None
