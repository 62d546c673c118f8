"""The address of a PostgreSQL store: how to connect within seconds, and what its refusals mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from churn_ops.errors import ChurnOpsError
from churn_ops.store import credentials

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy.engine import URL

#: A host name may stand for two addresses, each of which gets this time.
_CONNECT_SECONDS = 4
#: What we write into an address where the user has not: no silent server and no cut line holds us for long.
_TIMEOUTS = {
    "connect_timeout": str(_CONNECT_SECONDS),
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "9000",
}
REASON_CHARACTERS = 200


def is_postgresql(tracking_uri: str) -> bool:
    """Tell whether an address names a PostgreSQL database."""
    return re.match(r"postgresql(\+\w+)?://", tracking_uri) is not None


def with_timeouts(tracking_uri: str) -> str:
    """Copy an address with the limits for MLflow's own connections."""
    url = _parsed(tracking_uri)
    return url.update_query_dict(_missing(url)).render_as_string(hide_password=False)


def connect(tracking_uri: str, name: str) -> psycopg.Connection[Any]:
    """Open one connection as SQLAlchemy would, in autocommit mode.

    Parameters
    ----------
    tracking_uri : str
        ``postgresql://…``.
    name : str
        How the server's list of sessions calls it.

    Raises
    ------
    psycopg.Error
        ``refusal`` translates it.
    """
    import psycopg

    url = _parsed(tracking_uri)
    _, options = url.get_dialect()().create_connect_args(url.update_query_dict(_missing(url)))
    options.setdefault("application_name", name)
    return psycopg.connect(**options, autocommit=True)


def has_tables(tracking_uri: str) -> bool:
    """Tell whether a database holds a whole store.

    Raises
    ------
    ChurnOpsError
        ``STORE_UNREACHABLE``.
    """
    import psycopg

    try:
        with connect(tracking_uri, "churn-ops") as connection:
            # MLflow makes all of them in one transaction.
            found = connection.execute("SELECT to_regclass('registered_models') IS NOT NULL").fetchone()
    except psycopg.Error as error:
        raise refusal(tracking_uri, error) from error
    return found is not None and bool(found[0])


def check(tracking_uri: str, must_exist: bool) -> None:
    """Say within seconds when the database cannot be used.

    Raises
    ------
    ChurnOpsError
        ``STORE_UNREACHABLE``; ``NO_VERSIONS`` when the store must exist and the database has no tables of MLflow.
    """
    there = has_tables(tracking_uri)
    if must_exist and not there:
        raise ChurnOpsError(
            "NO_VERSIONS",
            f"There is no store in {credentials.shown(tracking_uri)} yet, so there is no model either.",
            "Run `churn-ops train` first, or give the store with --tracking-uri.",
            {"store": credentials.shown(tracking_uri)},
        )


def refusal(tracking_uri: str, error: Exception) -> ChurnOpsError:
    """Translate what psycopg says of a server that does not let us in."""
    reason = brief(str(error), tracking_uri)
    hint = "Start it, or give another one with --tracking-uri, then run `churn-ops doctor`."
    if "authentication failed" in reason or "no password supplied" in reason:
        hint = "Put the correct user and password in MLFLOW_TRACKING_URI or the file ~/.pgpass, then run it again."
    elif re.search(r'database "[^"]*" does not exist', reason):
        hint = "Create the database with PostgreSQL's `createdb`, or give another one, then run it again."
    return ChurnOpsError(
        "STORE_UNREACHABLE",
        f"The tracking store {credentials.shown(tracking_uri)} cannot be reached: {reason}. Nothing was changed.",
        hint,
        {"store": credentials.shown(tracking_uri)},
    )


def brief(text: str, tracking_uri: str, characters: int = REASON_CHARACTERS) -> str:
    """Shorten what a library says to one line without the password."""
    line = re.sub(r"\s+", " ", credentials.hidden(text, tracking_uri).partition("\n\t")[0]).strip()
    return line[:characters].rstrip(" .")


def _parsed(tracking_uri: str) -> URL:
    from sqlalchemy.engine import make_url

    return make_url(tracking_uri)


def _missing(url: URL) -> dict[str, str]:
    return {name: value for name, value in _TIMEOUTS.items() if name not in url.query}
