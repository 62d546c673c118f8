"""The connection to MLflow: where the store is and whether it answers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from churn_ops.errors import ChurnOpsError
from churn_ops.store import address as store_address
from churn_ops.store import errors as store_errors
from churn_ops.store import postgres_engine, sqlite_template
from churn_ops.store import schema as store_schema

if TYPE_CHECKING:
    from mlflow import MlflowClient


def connect(tracking_uri: str, must_exist: bool = False) -> MlflowClient:
    """Open a store and make it MLflow's current one.

    Parameters
    ----------
    tracking_uri : str
        ``sqlite:///…``, ``postgresql://…`` or ``http(s)://…``.
    must_exist : bool
        Refuse to create a SQLite store that is not there.

    Returns
    -------
    mlflow.MlflowClient
        A client of tracking and registry.

    Raises
    ------
    ChurnOpsError
        ``STORE_UNREACHABLE``, ``STORE_SCHEMA``, ``NOT_WRITABLE`` or ``NO_VERSIONS``.
    """
    store_address.check_reachable(tracking_uri, must_exist)
    store_schema.check(tracking_uri)
    import mlflow
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    database = store_address.sqlite_file(tracking_uri)
    if database is not None:
        _make_no_folders()
    new = database if database is not None and not database.exists() else None
    from_template = new is not None and sqlite_template.copy_template(new)
    if new is not None and not from_template:
        sqlite_template.create(new)
    try:
        with postgres_engine.opened(tracking_uri) as address:
            mlflow.set_tracking_uri(address)
            mlflow.set_registry_uri(address)
            client = MlflowClient(tracking_uri=address, registry_uri=address)
            client.search_experiments(max_results=1)
    except ChurnOpsError:
        raise
    except MlflowException as error:
        raise store_errors.translate(error, tracking_uri) or store_address.store_error(tracking_uri, error) from error
    except Exception as error:
        known = store_errors.translate(error, tracking_uri)
        raise known or store_address.unreachable(tracking_uri, str(error)) from error
    if new is not None and not from_template:
        sqlite_template.keep_template(new)
    return client


def _make_no_folders() -> None:
    from mlflow.store.db import utils

    # MLflow takes an address for a path as it stands: next to `a%20b` it would make an empty `a%2520b`.
    utils._make_parent_dirs_if_sqlite = lambda _address: None
