"""The address of a store: what it means and whether something answers there."""

from __future__ import annotations

import base64
import http.client
import ipaddress
import os
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from churn_ops.errors import ChurnOpsError
from churn_ops.store import credentials, path_urls, postgres_address

#: Once for the connection and once for the answer.
_HEALTH_TIMEOUT_SECONDS = 4
_EXCERPT_CHARACTERS = 200


def sqlite_file(tracking_uri: str) -> Path | None:
    """Path of the file behind a ``sqlite:///`` URI; None for other stores."""
    path = path_urls.sqlite_path(tracking_uri)
    return None if path is None else path.resolve()


def is_http(tracking_uri: str) -> bool:
    """Tell whether a store is behind a tracking server."""
    return tracking_uri.startswith(("http://", "https://"))


def may_exist(tracking_uri: str) -> bool:
    """Tell whether a store is there already; behind HTTP there is always one."""
    if postgres_address.is_postgresql(tracking_uri):
        return postgres_address.has_tables(tracking_uri)
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
    elif postgres_address.is_postgresql(tracking_uri):
        postgres_address.check(tracking_uri, must_exist)


def _check_sqlite(database: Path, must_exist: bool) -> None:
    if must_exist and not database.exists():
        raise ChurnOpsError(
            "NO_VERSIONS",
            f"There is no store at {database} yet, so there is no model either.",
            "Run `churn-ops train` first, or give the store with --tracking-uri.",
            {"store": str(database)},
        )
    folder = database.parent
    if not folder.is_dir():
        raise ChurnOpsError(
            "STORE_UNREACHABLE",
            f"The folder {folder} of the store does not exist.",
            f"Run `mkdir -p {folder}` or give another store with --tracking-uri.",
            {"store": str(database)},
        )
    writable = os.access(database, os.W_OK) if database.exists() else os.access(folder, os.W_OK)
    if not writable and not must_exist:
        raise ChurnOpsError(
            "NOT_WRITABLE",
            f"The store {database} is not writable; nothing was changed.",
            "Run it in a folder that you can write to, or give another store with --tracking-uri.",
            {"store": str(database)},
        )


def _check_http(tracking_uri: str) -> None:
    try:
        request = _health_request(tracking_uri)
        with _opener(request).open(request, timeout=_HEALTH_TIMEOUT_SECONDS) as answer:
            excerpt = _excerpt(answer)
            # Proxies and other programs answer any address with a page of their own.
            if excerpt.startswith("<"):
                raise unreachable(tracking_uri, f"it returns a web page and is not an MLflow server: {excerpt}")
    except urllib.error.HTTPError as error:
        # A server without /health still answers; a proxy that refuses or fails does not lead to a store.
        if error.code in (401, 403) or error.code >= 500:
            reason = f"it responds with status {error.code}: {_excerpt(error)}".rstrip(": ")
            raise unreachable(tracking_uri, reason) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = str(getattr(error, "reason", error)) or "no answer"
        raise unreachable(tracking_uri, reason.replace("timed out", "it did not respond in time")) from error


def _health_request(tracking_uri: str) -> urllib.request.Request:
    # urllib takes user and password for a part of the host, and would ask name servers for it.
    address = urlsplit(tracking_uri)
    host = address.netloc.rpartition("@")[2]
    # Only http and https addresses come here.
    request = urllib.request.Request(f"{address.scheme}://{host}{address.path.rstrip('/')}/health")  # noqa: S310
    user, password = (unquote(part or "") for part in (address.username, address.password))
    user, password = (
        (user, password)
        if user or password
        else (os.environ.get("MLFLOW_TRACKING_USERNAME", ""), os.environ.get("MLFLOW_TRACKING_PASSWORD", ""))
    )
    if user or password:
        request.add_header("Authorization", f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}")
    elif token := os.environ.get("MLFLOW_TRACKING_TOKEN"):
        request.add_header("Authorization", f"Bearer {token}")
    return request


def _opener(request: urllib.request.Request) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=_tls())]
    if is_loopback(request.full_url):
        # A proxy of the environment is for the world outside; urllib's own rules know names, no networks.
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def is_loopback(url: str) -> bool:
    """Tell whether a URL leads to this machine."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _tls() -> ssl.SSLContext:
    # As MLflow's own client is told to trust.
    context = ssl.create_default_context(cafile=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None)
    if os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _excerpt(answer: Any) -> str:
    try:
        return " ".join(answer.read(4 * _EXCERPT_CHARACTERS).decode("utf-8", "replace").split())[:_EXCERPT_CHARACTERS]
    except (OSError, ValueError, http.client.HTTPException):
        return ""


def store_error(tracking_uri: str, error: Any) -> ChurnOpsError:
    """Translate what MLflow says of a store that does not open."""
    text = str(error)
    if "schema" in text and "upgrade" in text:
        return ChurnOpsError(
            "STORE_SCHEMA",
            "The store was created by another version of MLflow; nothing was changed.",
            "Run `churn-ops doctor --upgrade-store`: it makes a backup, then upgrades the store.",
            {"reason": text[:400]},
        )
    return unreachable(tracking_uri, text)


def unreachable(tracking_uri: str, reason: str) -> ChurnOpsError:
    """Make the error for a store that does not answer, without its password."""
    reason = credentials.hidden(reason, tracking_uri)[:300].rstrip(" .")
    return ChurnOpsError(
        "STORE_UNREACHABLE",
        f"The tracking store {credentials.shown(tracking_uri)} cannot be reached: {reason}. Nothing was changed.",
        "Start it, or give another one with --tracking-uri, then run `churn-ops doctor`.",
        {"store": credentials.shown(tracking_uri)},
    )
