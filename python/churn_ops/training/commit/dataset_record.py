"""The data of a training as an input of MLflow."""

from __future__ import annotations

import json

from mlflow.entities import Dataset, DatasetInput, InputTag

from churn_ops.contract import TableSchema
from churn_ops.table.column_types import type_of


def dataset_input(name: str, path: str, sha256: str, rows: int, schema: TableSchema) -> DatasetInput:
    """Describe the data as an input of MLflow without opening it again."""
    types = [(column["name"], type_of(column["kind"])) for column in schema["features"]]
    types.append((schema["target"]["column"], type_of("category")))
    columns = [{"type": type_name, "name": name, "required": True} for name, type_name in types]
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
