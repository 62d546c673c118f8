"""The URLs of a path: address of a SQLite store, URL of a file, URI of a database that is only read."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

SQLITE_PREFIX = "sqlite:///"

# What ends or changes a path inside a URL, and what URL parsers drop; all else stays.
_SPECIAL = re.compile(r"%(?=[0-9A-Fa-f]{2})|[?\x00-\x1f\x7f]")


def sqlite_address(path: Path) -> str:
    """Make the address of a SQLite file, as ``sqliteAddress`` of ``src/domain/store-address.ts`` does."""
    return SQLITE_PREFIX + _SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", str(path))


def sqlite_path(address: str) -> Path | None:
    """Path, as written, of the file behind a ``sqlite:///`` address, which SQLAlchemy unquotes; None for other ones."""
    return Path(unquote(address[len(SQLITE_PREFIX) :])) if address.startswith(SQLITE_PREFIX) else None


def file_url(path: Path) -> str:
    """Make the ``file://`` URL of an absolute path, in the form that MLflow reads."""
    return path.as_uri()


def read_only(database: Path) -> str:
    """Make the URI with which SQLite itself opens a file that must exist, for reading alone."""
    return f"{database.absolute().as_uri()}?mode=ro"
