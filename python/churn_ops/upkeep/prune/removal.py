"""Remove the files of a version, then its logged model and its run; what is gone already is no error."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from churn_ops.artifacts import size_and_remove as artifacts
from churn_ops.process import crash_points

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Removal:
    """Removes files, and counts what that frees.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    """

    def __init__(self, client: MlflowClient) -> None:
        self._client = client
        self.freed_bytes = 0

    def files(self, model_id: str | None, run_id: str | None) -> None:
        """Remove a logged model and a run with their files."""
        with crash_points.around("files"):
            if model_id is not None:
                self._model(model_id)
            if run_id:
                self.run(run_id)

    def _model(self, model_id: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            model = self._client.get_logged_model(model_id)
        except MlflowException:
            return
        self.freed_bytes += artifacts.remove(model.artifact_location, model_id)
        self._client.delete_logged_model(model_id)

    def run(self, run_id: str) -> None:
        """Remove a run with its files."""
        from mlflow.exceptions import MlflowException

        try:
            run = self._client.get_run(run_id)
        except MlflowException:
            return
        self.freed_bytes += artifacts.remove(cast(str, run.info.artifact_uri), run_id)
        if run.info.lifecycle_stage != "deleted":
            self._client.delete_run(run_id)
