"""All pages of what a store finds; MLflow's own helper would import MLflow, which looking at versions does without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from churn_ops.store.registry_reader import RegistryReader


def every(search: Callable[..., Any], *asked: Any) -> Iterator[Any]:
    """Give what a search of the client finds, asking for a page when the one before is used up.

    Parameters
    ----------
    search : callable
        A ``search_…`` method of ``MlflowClient``.
    *asked : Any
        Its positional arguments.
    """
    token = None
    while True:
        page = search(*asked, max_results=1000, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def search_versions(client: MlflowClient | RegistryReader, query: str) -> list[Any]:
    """Find registered versions."""
    return list(every(client.search_model_versions, query))


def search_runs(client: MlflowClient, experiments: list[str], query: str) -> list[Any]:
    """Find runs that are not deleted, the newest first."""
    return list(every(client.search_runs, experiments, query))
