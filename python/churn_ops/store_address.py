"""The address of a store: what it means and whether something answers there."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from churn_ops.errors import ChurnOpsError

_HEALTH_TIMEOUT_SECONDS = 8
_SQLITE_PREFIX = "sqlite:///"


def sqlite_file(tracking_uri: str) -> Path | None:
    """Path of the file behind a ``sqlite:///`` URI; None for other stores."""
    if not tracking_uri.startswith(_SQLITE_PREFIX):
        return None
    return Path(tracking_uri[len(_SQLITE_PREFIX) :]).resolve()


def may_exist(tracking_uri: str) -> bool:
    """Tell whether a store is there already; only a SQLite store can be known not to be."""
    database = sqlite_file(tracking_uri)
    return database is None or database.exists()


def check_reachable(tracking_uri: str, must_exist: bool) -> None:
    """Say within seconds when a store cannot be used, before a library retries for minutes.

    Parameters
    ----------
    tracking_uri : str
        The store's address.
    must_exist : bool
        Refuse a SQLite store that is not there.

    Raises
    ------
    ChurnOpsError
        ``STORE_UNREACHABLE``, ``NOT_WRITABLE`` or ``NO_VERSIONS``.
    """
    database = sqlite_file(tracking_uri)
    if database is not None:
        _check_sqlite(database, must_exist)
    elif tracking_uri.startswith(("http://", "https://")):
        _check_http(tracking_uri)


def _check_sqlite(database: Path, must_exist: bool) -> None:
    if must_exist and not database.exists():
        raise ChurnOpsError(
            "NO_VERSIONS",
            f"There is no store at {database} yet, so no model either.",
            "Run `churn-ops train` first, or name the store with --tracking-uri.",
            {"store": str(database)},
        )
    folder = database.parent
    if not folder.is_dir():
        raise ChurnOpsError(
            "STORE_UNREACHABLE",
            f"The folder {folder} of the store does not exist.",
            f"Run `mkdir -p {folder}` or name another store with --tracking-uri.",
            {"store": str(database)},
        )
    writable = os.access(database, os.W_OK) if database.exists() else os.access(folder, os.W_OK)
    if not writable and not must_exist:
        raise ChurnOpsError(
            "NOT_WRITABLE",
            f"The store {database} cannot be written; nothing was changed.",
            "Run it in a folder that you may write to, or name another store with --tracking-uri.",
            {"store": str(database)},
        )


def _check_http(tracking_uri: str) -> None:
    parsed = urlparse(tracking_uri)
    safe = f"{parsed.scheme}://{parsed.hostname}" + (f":{parsed.port}" if parsed.port else "")
    try:
        request = urllib.request.Request(f"{tracking_uri.rstrip('/')}/health")  # noqa: S310  (http(s) was checked)
        with urllib.request.urlopen(request, timeout=_HEALTH_TIMEOUT_SECONDS):  # noqa: S310
            return
    except urllib.error.HTTPError as error:
        # A server without /health still answers; a proxy that refuses or fails does not lead to a store.
        if error.code in (401, 403) or error.code >= 500:
            raise unreachable(safe, f"it answers with status {error.code}") from error
    except (OSError, ValueError) as error:
        raise unreachable(safe, str(getattr(error, "reason", error)) or "no answer") from error


def store_error(tracking_uri: str, error: Any) -> ChurnOpsError:
    """Translate what MLflow says of a store that does not open."""
    text = str(error)
    if "schema" in text and "upgrade" in text:
        return ChurnOpsError(
            "STORE_SCHEMA",
            "The store was made by another version of MLflow; nothing was changed.",
            "Run `churn-ops doctor --upgrade-store`: it makes a back-up, then upgrades the store.",
            {"reason": text[:400]},
        )
    return unreachable(tracking_uri, text)


def unreachable(tracking_uri: str, reason: str) -> ChurnOpsError:
    """Make the error for a store that does not answer, without its password."""
    return ChurnOpsError(
        "STORE_UNREACHABLE",
        f"The tracking store {redacted(tracking_uri)} cannot be reached: {reason[:200]}. Nothing was changed.",
        "Start it, or name another one with --tracking-uri, then run `churn-ops doctor`.",
        {"store": redacted(tracking_uri)},
    )


def redacted(uri: str) -> str:
    """Copy an address without its password."""
    parsed = urlparse(uri)
    return uri if parsed.password is None else uri.replace(parsed.password, "***")
