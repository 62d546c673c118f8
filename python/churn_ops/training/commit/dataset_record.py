"""The data of a training as an input of MLflow."""

from __future__ import annotations

import json

from mlflow.entities import Dataset, DatasetInput, InputTag

from churn_ops.contract import TableSchema


def dataset_input(name: str, path: str, sha256: str, rows: int, schema: TableSchema) -> DatasetInput:
    """Describe the data as an input of MLflow without opening it again."""
    kinds = {"number": "double", "category": "string"}
    columns = [
        {"type": kinds[column["kind"]], "name": column["name"], "required": True} for column in schema["features"]
    ]
    columns.append({"type": "string", "name": schema["target"]["column"], "required": True})
    return DatasetInput(
        Dataset(
            name=name,
            # MLflow keeps 36 characters of a digest.
            digest=sha256[:36],
            source_type="local",
            source=json.dumps({"uri": path}),
            schema=json.dumps({"mlflow_colspec": columns}),
            profile=json.dumps({"num_rows": rows, "num_elements": rows * len(columns)}),
        ),
        tags=[InputTag("mlflow.data.context", "training")],
    )
