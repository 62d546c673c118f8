"""What S3-compatible storage says when it fails, as errors of our table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from churn_ops.artifacts.s3_location import is_s3
from churn_ops.errors import ChurnOpsError

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


def translate(error: BaseException, location: str = "") -> ChurnOpsError | None:
    """Find the meaning of an error of the S3 client.

    Parameters
    ----------
    error : BaseException
        What was raised.
    location : str
        Where the files are.

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
        if is_of_s3(link):
            return unusable(location, f"{type(link).__name__}: {link}")
        # MLflow gathers the failures of a download into the text of one error of its own.
        gathered = type(link).__name__ == "MlflowException" and is_s3(location)
        if gathered and re.search(f"{_SILENT}|{_NO_CREDENTIALS}|{_REFUSED}", str(link)):
            return unusable(location, str(link))
    return None


def unusable(location: str, reason: str) -> ChurnOpsError:
    """Make the error for storage that does not answer or refuses us."""
    what, hint = _meaning(reason)
    shown = location or "the storage for model files"
    return ChurnOpsError(
        "ARTIFACTS_UNREACHABLE",
        f"{shown} cannot be used: {what}. Finished work is kept.",
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
            "Allow them to list, read and write there (or set others in AWS_…), then run the same command again.",
        )
    if re.search(_NO_BUCKET, reason):
        return "there is no such bucket", "Create the bucket, or give another one with --artifacts, then run it again."
    if re.search(_SILENT, reason):
        return (
            "it does not answer",
            "Start it, or set its address in MLFLOW_S3_ENDPOINT_URL, then run the same command again.",
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


def is_of_s3(error: BaseException) -> bool:
    """Tell whether an error came from the libraries of S3."""
    return any(kind.__module__.partition(".")[0] in _LIBRARIES for kind in type(error).__mro__)
