"""S3-compatible storage: whether it answers within seconds, and what its errors mean.

Credentials come from the environment and AWS's own files alone; they are neither asked for nor written anywhere.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from churn_ops.errors import ChurnOpsError

_PREFIX = "s3://"
_WRITE_TEST = ".churn-ops-write-test"
#: For the first question to a bucket, which tells whether it answers at all.
_FIRST_CONNECT_SECONDS, _FIRST_READ_SECONDS = 3, 5
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 4, 20, 3

_LIBRARIES = {"botocore", "boto3", "s3transfer"}
_NO_CREDENTIALS = (
    r"NoCredentials|PartialCredentials|CredentialRetrieval|TokenRetrieval|ProfileNotFound|SSO|ExpiredToken"
)
_REFUSED = r"AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|Forbidden|\b403\b|\b401\b"
_NO_BUCKET = r"NoSuchBucket|\b404\b|Not Found"
_SILENT = (
    r"EndpointConnection|ConnectTimeout|ReadTimeout|ConnectionClosed|Could not connect to the endpoint|timed? ?out"
)
#: A file that is gone is no fault of the storage.
_NO_OBJECT = r"NoSuchKey|\(404\) when calling the (Head|Get)Object"


def is_s3(location: str) -> bool:
    """Tell whether files lie in S3-compatible storage."""
    return location.startswith(_PREFIX)


def check(location: str, to_write: bool) -> None:
    """Say within seconds when a bucket cannot be used; other locations are not looked at.

    Parameters
    ----------
    location : str
        Where artifacts lie or shall lie.
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
        if _is_of_s3(error):
            raise FileNotFoundError(str(error)) from error
        raise


def translate(error: BaseException, location: str = "") -> ChurnOpsError | None:
    """Find the meaning of an error of the S3 client.

    Parameters
    ----------
    error : BaseException
        What was raised.
    location : str
        Where the files lie.

    Returns
    -------
    ChurnOpsError or None
        ``ARTIFACTS_UNREACHABLE``; None for an error of something else.
    """
    if isinstance(error, ChurnOpsError):
        return error if error.code == "ARTIFACTS_UNREACHABLE" else None
    for link in _chain(error):
        if re.search(_NO_OBJECT, str(link)):
            return None
        if _is_of_s3(link):
            return unusable(location, f"{type(link).__name__}: {link}")
        # MLflow gathers the failures of a download into the text of one error of its own.
        gathered = type(link).__name__ == "MlflowException" and is_s3(location)
        if gathered and re.search(f"{_SILENT}|{_NO_CREDENTIALS}|{_REFUSED}", str(link)):
            return unusable(location, str(link))
    return None


def unusable(location: str, reason: str) -> ChurnOpsError:
    """Make the error for storage that does not answer or refuses us."""
    what, hint = _meaning(reason)
    shown = location or "the storage of the models' files"
    return ChurnOpsError(
        "ARTIFACTS_UNREACHABLE",
        f"{shown} cannot be used: {what}. What was finished before is kept.",
        hint,
        {"location": shown, "reason": _brief(reason)},
    )


def _meaning(reason: str) -> tuple[str, str]:
    if re.search(_NO_CREDENTIALS, reason):
        return (
            "there are no valid credentials for it",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, then run the same command again.",
        )
    if re.search(_REFUSED, reason):
        return (
            "it refuses these credentials",
            "Let them list, read and write there (or set others in AWS_…), then run the same command again.",
        )
    if re.search(_NO_BUCKET, reason):
        return "there is no such bucket", "Make the bucket, or name another one with --artifacts, then run it again."
    if re.search(_SILENT, reason):
        return (
            "it does not answer",
            "Start it, or put its address into MLFLOW_S3_ENDPOINT_URL, then run the same command again.",
        )
    return _brief(reason), "Check the AWS_… and MLFLOW_S3_… variables, then run the same command again."


def _brief(reason: str) -> str:
    return re.sub(r"\s+", " ", reason)[:200].rstrip(" .")


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _is_of_s3(error: BaseException) -> bool:
    return any(kind.__module__.partition(".")[0] in _LIBRARIES for kind in type(error).__mro__)
