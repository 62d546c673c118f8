"""What MLflow and the libraries below it say of a store that fails, as errors of our table.

The libraries are told apart by the names of their classes, so that nothing is imported to look at an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from churn_ops.errors import ChurnOpsError
from churn_ops.store import address as store_address
from churn_ops.store import credentials, deleted, postgres_address, sqlite_holder

_LIBRARIES = {"mlflow", "sqlalchemy", "psycopg", "requests", "urllib3", "sqlite3"}
_BUSY = (
    r"database (table )?is locked|canceling statement due to lock timeout|deadlock detected|could not serialize access"
)
_FULL = r"database or disk is full|no space left on device|disk full"
_READ_ONLY = (
    r"readonly database|read-only (transaction|file system)|permission denied for (table|schema|sequence)"
    r"|unable to open database file|disk I/O error"
)
_DAMAGED = r"disk image is malformed|file is not a database|malformed database schema"
_UNREACHABLE = (
    r"^(TEMPORARILY_UNAVAILABLE|UNAUTHENTICATED|PERMISSION_DENIED|INTERNAL_ERROR): |API request to http\S+ failed"
    r"|failed with error code (401|403|408|429|5\d\d)|\b5\d\d Server Error|Max retries exceeded with url"
    r"|successful but the response body was not in a valid JSON format"
)
#: Classes whose every instance means that the server could not be asked.
_CONNECTION_ERRORS = {
    ("psycopg", "OperationalError"),
    ("psycopg", "InterfaceError"),
    ("sqlalchemy", "OperationalError"),
    ("sqlalchemy", "InterfaceError"),
    ("requests", "RequestException"),
    ("urllib3", "HTTPError"),
}


def translate(error: BaseException, tracking_uri: str = "") -> ChurnOpsError | None:
    """Find the meaning of an error that came from the store.

    Parameters
    ----------
    error : BaseException
        What was raised.
    tracking_uri : str
        The store that was used; its password is left out of every text.

    Returns
    -------
    ChurnOpsError or None
        ``BUSY``, ``DISK_FULL``, ``NOT_WRITABLE``, ``STORE_DAMAGED``, ``STORE_DELETED``,
        ``STORE_SCHEMA``, ``STORE_UNREACHABLE`` or ``VERSION_UNKNOWN``; None for an error that says nothing about the
        store itself.
    """
    chain = [link for link in _chain(error) if _kinds(link)[0][0] in _LIBRARIES]
    if not chain:
        return None
    # The last one is the closest to the cause and says it shortest.
    reason = _brief(str(chain[-1]), tracking_uri)
    text = "\n".join(str(link) for link in chain)
    shown = credentials.shown(tracking_uri) or "the tracking store"
    details = {"store": shown, "reason": reason}
    kept = "Finished work is kept."
    if re.search(_BUSY, text):
        return _busy(tracking_uri, details)
    if re.search(_FULL, text, re.IGNORECASE):
        return ChurnOpsError(
            "DISK_FULL",
            f"There is no space left for {shown} ({reason}). {kept}",
            "Free some space, then run the same command again: it continues from there.",
            details,
        )
    if re.search(_DAMAGED, text):
        return ChurnOpsError(
            "STORE_DAMAGED",
            f"The database {shown} is damaged ({reason}). {kept}",
            "Restore it from a backup, then run `churn-ops doctor`.",
            details,
        )
    if re.search(_READ_ONLY, text):
        return ChurnOpsError(
            "NOT_WRITABLE",
            f"The store {shown} is not writable ({reason}). {kept}",
            "Give this user write permission, or give another store with --tracking-uri.",
            details,
        )
    if "out-of-date database schema" in text:
        return store_address.store_error(tracking_uri, error)
    if re.search(_UNREACHABLE, text, re.MULTILINE) or any(
        kind in _CONNECTION_ERRORS for link in chain if not _is_answer(link) for kind in _kinds(link)
    ):
        return ChurnOpsError(
            "STORE_UNREACHABLE",
            f"The tracking store {shown} does not respond correctly: {reason}. {kept}",
            "Check it with `churn-ops doctor`, then run the same command again: it continues from there.",
            details,
        )
    return deleted.translate(text)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        yield link
        # `orig` is where SQLAlchemy keeps the error of the driver.
        link = getattr(link, "orig", None) or link.__cause__


def _is_answer(error: BaseException) -> bool:
    # Status 404 and the like: the server is well and says no.
    status = getattr(getattr(error, "response", None), "status_code", None)
    return isinstance(status, int) and status < 500 and status not in (401, 403, 408, 429)


def _kinds(error: BaseException) -> list[tuple[str, str]]:
    return [(kind.__module__.partition(".")[0], kind.__name__) for kind in type(error).__mro__]


def _busy(tracking_uri: str, details: dict[str, str]) -> ChurnOpsError:
    database = store_address.sqlite_file(tracking_uri)
    holder = "another program" if database is None else sqlite_holder.holder_of(database)
    return ChurnOpsError(
        "BUSY",
        f"{holder} keeps the store {details['store']} locked; finished work is kept.",
        "Run the same command again when it has finished: it continues from there.",
        {**details, "holder": holder},
    )


def _brief(text: str, tracking_uri: str) -> str:
    told = [
        # How MLflow, requests and urllib3 say it, within a long sentence.
        (r"API request to endpoint \S+ failed with error code (\d+).*?Response body: '(.*)'", r"status \1: \2"),
        (r"not in a valid JSON format\. Response body: '(.*)'", r"it is not an MLflow server and returns \1"),
        (r"too many (\d+) error responses", r"it responds with status \1"),
        (r"[Rr]ead timed out|timed out", "it did not respond in time"),
        (r"Connection refused", "connection refused"),
        (r"Connection reset by peer|Connection aborted|Remote end closed connection", "the connection was closed"),
        (r"Failed to resolve|Name or service not known", "its host name is unknown"),
    ]
    line = postgres_address.brief(text, tracking_uri, 2000)
    for pattern, meaning in told:
        found = re.search(pattern, line)
        if found and ("API request" in line or "HTTPConnectionPool" in line or "HTTPSConnectionPool" in line):
            line = found.expand(meaning)
            break
    return line[: postgres_address.REASON_CHARACTERS].rstrip(" .")
