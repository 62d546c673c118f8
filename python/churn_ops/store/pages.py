"""All pages of what a store finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from churn_ops.store.registry_reader import RegistryReader


def search_versions(client: MlflowClient | RegistryReader, query: str) -> list[Any]:
    """Find registered versions, all pages of them."""
    found: list[Any] = []
    token = None
    while True:
        page = client.search_model_versions(query, max_results=1000, page_token=token)
        found.extend(page)
        token = page.token
        if not token:
            return found
