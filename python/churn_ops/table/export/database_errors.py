"""What a database says when it fails, without credentials."""

from __future__ import annotations

import os
from urllib.parse import unquote

from sqlalchemy import URL, exc

from churn_ops.errors import ChurnOpsError
from churn_ops.store import credentials

USER_VARIABLE = "CHURN_OPS_DATABASE_USER"
PASSWORD_VARIABLE = "CHURN_OPS_DATABASE_PASSWORD"  # noqa: S105  (the name of a variable)


def hidden(text: str, url: str) -> str:
    """Take user and password out of what a driver says."""
    user, _ = credentials.credentials(url)
    given = (os.environ.get(name) for name in (USER_VARIABLE, PASSWORD_VARIABLE))
    return credentials.hidden(text, url, user, unquote(user), *given)


def reason(error: exc.DBAPIError) -> str:
    """Give the first line of what a driver says; not its text, which quotes the statement."""
    lines = str(error.orig).strip().splitlines()
    return lines[0][:300] if lines else type(error.orig).__name__


def unreachable(address: str | URL, reason: str) -> ChurnOpsError:
    """Make the error of a database that does not answer."""
    name = credentials.shown(str(address))
    return ChurnOpsError(
        "DATABASE_UNREACHABLE",
        f"The database {name} cannot be reached: {reason}. Nothing was read.",
        f"Start it or correct --data; user and password are read from {USER_VARIABLE} and {PASSWORD_VARIABLE}.",
        {"database": name},
    )


def failed(name: str, reason: str) -> ChurnOpsError:
    """Make the error of rows that cannot be read."""
    return ChurnOpsError(
        "DATA_UNREADABLE",
        f"The rows of {name} cannot be read: {reason}. No row was used.",
        "Try the query in the database's own client, then correct --query or --data.",
        {"source": name},
    )


def no_driver(address: URL, reason: str) -> ChurnOpsError:
    """Make the error of a database whose driver is not installed."""
    return ChurnOpsError(
        "PYTHON_PACKAGES",
        f"There is no driver for {address.drivername}: {reason}. Nothing was read.",
        "SQLite and postgresql+psycopg are included; for others install the driver together with the packages of "
        "requirements.txt in an environment of your own and name it with --python.",
        {"driver": address.drivername},
    )
