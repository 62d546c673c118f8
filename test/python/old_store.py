"""Stores with the schema of an older MLflow, made by MLflow's own migrations."""

import contextlib
import sqlite3
from pathlib import Path

from alembic import command
from mlflow.store.db import utils
from mlflow.store.tracking.dbmodels.initial_models import Base
from sqlalchemy import text

#: Of the end of 2024: newer schemas have tables and columns that it lacks.
OLD_REVISION = "0584bdc529eb"


def make_old_store(address: str, revision: str = OLD_REVISION) -> None:
    """An older store with two versions of a model and a champion."""
    engine = utils.create_sqlalchemy_engine(address)
    Base.metadata.create_all(engine)
    config = utils._get_alembic_config(address)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    with engine.begin() as connection:
        for statement in _ROWS:
            connection.execute(text(statement))
    engine.dispose()


_ROWS = (
    "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) "
    "VALUES (0, 'Default', 'mlruns/0', 'active')",
    "INSERT INTO registered_models (name, creation_time, last_updated_time) VALUES ('RandomForestGridSearch', 1, 1)",
    "INSERT INTO model_versions (name, version, creation_time, last_updated_time, current_stage, source, status) "
    "VALUES ('RandomForestGridSearch', 1, 1, 1, 'Archived', '/nowhere/1', 'READY')",
    "INSERT INTO model_versions (name, version, creation_time, last_updated_time, current_stage, source, status) "
    "VALUES ('RandomForestGridSearch', 2, 2, 2, 'Production', '/nowhere/2', 'READY')",
    "INSERT INTO registered_model_aliases (name, alias, version) VALUES ('RandomForestGridSearch', 'champion', 2)",
)


def revision_of(database: Path) -> str:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def rows_of(database: Path) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        versions = connection.execute("SELECT version, current_stage FROM model_versions ORDER BY version").fetchall()
        aliases = connection.execute("SELECT alias, version FROM registered_model_aliases").fetchall()
    return [*versions, *aliases]
