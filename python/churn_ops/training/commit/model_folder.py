"""The folder of a saved model: MLflow's own sklearn flavor, and a python_function flavor that points at our scorer."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

from churn_ops.contract import TableSchema, TrainingRules
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity.model_types import SCORER_FILE
from churn_ops.table.column_types import type_of
from churn_ops.table.read_table import typed_frame

_SERVING_PACKAGES = ("mlflow", "scikit-learn", "pandas", "numpy", "skops")
_EXAMPLE_ROWS = TrainingRules.EXAMPLE_ROWS


class ModelFolders:
    """Completes candidates' folders from one template that MLflow itself wrote.

    Parameters
    ----------
    schema : dict
        The table's schema.
    train : pandas.DataFrame
        Features of the training rows, for the quantiles of the made-up example.
    folder : pathlib.Path
        Where the template is kept.
    """

    def __init__(self, schema: TableSchema, train: pd.DataFrame, folder: Path) -> None:
        self._template = folder / "template"
        self.signature = model_signature(schema)
        _write_template(self._template, self.signature, example_rows(schema, train))
        self._module = _copy_scorer(self._template)

    def complete(self, folder: Path, model_id: str, run_id: str, artifact_uri: str, types: list[str]) -> None:
        """Put everything next to ``model.skops`` that makes it a model of MLflow.

        Parameters
        ----------
        folder : pathlib.Path
            The candidate's folder, with ``model.skops`` in it.
        model_id : str
            Id of the logged model.
        run_id : str
            The candidate's run.
        artifact_uri : str
            Where the folder will be.
        types : list of str
            Types besides skops' own in ``model.skops``.

        Raises
        ------
        ChurnOpsError
            ``SIGNATURE_MISSING``: nothing without a signature is registered.
        """
        for item in self._template.iterdir():
            if item.name in ("MLmodel", "model.skops"):
                continue
            if item.is_dir():
                shutil.copytree(item, folder / item.name)
            else:
                shutil.copyfile(item, folder / item.name)
        # Not Model.load: MLflow unquotes a plain path as if it were a URL, and so misses a folder called `a%20b`.
        model = Model.from_dict(yaml.safe_load((self._template / "MLmodel").read_text(encoding="utf-8")))
        model.model_id = model_id
        model.model_uuid = model_id
        model.run_id = run_id
        model.artifact_path = artifact_uri
        model.model_size_bytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        model.flavors["python_function"].update(
            loader_module=self._module, code="code", model_path="model.skops", predict_fn="predict"
        )
        model.flavors["sklearn"]["skops_trusted_types"] = types
        if model.signature is None or model.signature.inputs is None:
            raise _without_signature(run_id)
        model.save(folder / "MLmodel")


def model_signature(schema: TableSchema) -> ModelSignature:
    """Signature of every model of a schema: raw features in, labels out, ``detail`` as a parameter."""
    inputs = Schema([ColSpec(type_of(column["kind"]), column["name"]) for column in schema["features"]])
    outputs = Schema([ColSpec("long")])
    return ModelSignature(inputs, outputs, ParamSchema([ParamSpec("detail", "boolean", False)]))


def example_rows(schema: TableSchema, train: pd.DataFrame) -> pd.DataFrame:
    """Five customers that do not exist: quantiles of the numbers, known values of the categories in turn."""
    rows: list[dict[str, Any]] = []
    for index in range(_EXAMPLE_ROWS):
        row: dict[str, Any] = {}
        for column in schema["features"]:
            values = train[column["name"]].dropna()
            if column["kind"] == "number":
                quantile = float(np.quantile(values, (index + 0.5) / _EXAMPLE_ROWS)) if len(values) else 0.0
                row[column["name"]] = float(round(quantile)) if column.get("integer") else round(quantile, 2)
            else:
                known = column.get("values") or sorted(values.unique().tolist()) or [""]
                row[column["name"]] = known[index % len(known)]
        rows.append(row)
    return typed_frame(rows, schema)


def _without_signature(run_id: str) -> ChurnOpsError:
    return ChurnOpsError(
        "SIGNATURE_MISSING",
        f"The model of run {run_id} has no signature, so its columns are not known. It was not registered.",
        "Run `churn-ops doctor`: the installed MLflow may differ from the lock.",
        {"runId": run_id},
    )


def _write_template(folder: Path, signature: ModelSignature, example: pd.DataFrame) -> None:
    from mlflow.sklearn import save_model
    from sklearn.dummy import DummyClassifier

    stand_in = DummyClassifier().fit([[0.0], [1.0]], [0, 1])
    save_model(
        stand_in,
        folder,
        signature=signature,
        input_example=example,
        pip_requirements=[f"{package}=={version(package)}" for package in _SERVING_PACKAGES],
        serialization_format="skops",
        skops_trusted_types=[],
    )


def _copy_scorer(template: Path) -> str:
    source = SCORER_FILE.read_bytes()
    # Two versions in one process must not share the code of the first.
    module = f"churn_ops_scorer_{hashlib.sha256(source).hexdigest()[:12]}"
    code = template / "code"
    code.mkdir()
    (code / f"{module}.py").write_bytes(source)
    return module


def work_folder(state: Path) -> Path:
    """Make a folder for unfinished files on the same disk as the store."""
    parent = state / "work"
    parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="report-", dir=parent))
