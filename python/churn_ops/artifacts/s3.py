"""S3-compatible storage: whether it answers within seconds, and what its errors mean.

Credentials come from the environment and AWS's own files alone; they are neither asked for nor written anywhere.
"""

from __future__ import annotations

import contextlib
import functools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from churn_ops.artifacts.s3_errors import is_of_s3, translate, unusable
from churn_ops.artifacts.s3_location import is_s3

_WRITE_TEST = ".churn-ops-write-test"
#: For the first question to a bucket, which tells whether it answers at all.
_FIRST_CONNECT_SECONDS, _FIRST_READ_SECONDS = 3, 5
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 4, 20, 3


def check(location: str, to_write: bool) -> None:
    """Say within seconds when a bucket cannot be used; other locations are not looked at.

    Parameters
    ----------
    location : str
        Where artifacts are or will be.
    to_write : bool
        Put an empty object there and take it away again.

    Raises
    ------
    ChurnOpsError
        ``ARTIFACTS_UNREACHABLE``.
    """
    if not is_s3(location):
        return
    _check_answers(urlsplit(location).netloc, location)
    if to_write:
        _check_writable(location)


@functools.cache
def _check_answers(bucket: str, location: str) -> None:
    import boto3
    from botocore.client import Config

    _bound_waits()
    try:
        client = boto3.client(
            "s3",
            # Read here and not by MLflow, whose import takes longer than the answer.
            endpoint_url=os.environ.get("MLFLOW_S3_ENDPOINT_URL") or None,
            verify=False if os.environ.get("MLFLOW_S3_IGNORE_TLS", "").lower() in ("true", "1") else None,
            config=Config(
                connect_timeout=_FIRST_CONNECT_SECONDS,
                read_timeout=_FIRST_READ_SECONDS,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": os.environ.get("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "auto")},
            ),
        )
        client.head_bucket(Bucket=bucket)
    except Exception as error:
        raise translate(error, location) or unusable(location, str(error)) from error


def _check_writable(location: str) -> None:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    # MLflow's own way of writing, with the encryption and ownership that its variables ask for.
    repository = get_artifact_repository(location)
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / _WRITE_TEST
        empty.touch()
        try:
            repository.log_artifact(str(empty))
        except Exception as error:
            raise translate(error, location) or unusable(location, str(error)) from error
    try:
        repository.delete_artifacts(_WRITE_TEST)
    except Exception as error:
        # Storage that forbids deletion keeps one empty object; training deletes nothing.
        if translate(error, location) is None:
            raise


@functools.cache
def _bound_waits() -> None:
    import boto3
    from botocore.client import Config
    from botocore.session import get_session

    # MLflow's client takes what is left open here: botocore waits 60 s for each of five connections otherwise.
    session = get_session()
    session.set_default_client_config(
        Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
        )
    )
    boto3.setup_default_session(botocore_session=session)


@contextlib.contextmanager
def reading(location: str) -> Iterator[None]:
    """Translate what goes wrong while files are read; a file that is not there stays a ``FileNotFoundError``.

    Raises
    ------
    ChurnOpsError
        ``ARTIFACTS_UNREACHABLE``.
    """
    try:
        yield
    except Exception as error:
        known = translate(error, location) if is_s3(location) else None
        if known is not None:
            raise known from error
        if is_of_s3(error):
            raise FileNotFoundError(str(error)) from error
        raise
