"""A new SQLite store from an empty one that MLflow has made before.

MLflow sets a new database up by some fifty migrations, two seconds of work whose result is the same each time but for
the folder of the experiment ``Default``. The first empty store is kept as a template in the Python environment.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from importlib.metadata import version
from pathlib import Path

from churn_ops.store import path_urls


def copy_template(database: Path) -> bool:
    """Make a database from the template.

    Parameters
    ----------
    database : pathlib.Path
        A file that does not exist yet; one that another process makes meanwhile is left alone.

    Returns
    -------
    bool
        False when there is no template, or it cannot be used.
    """
    template = _template()
    if template is None or not template.is_file():
        return False
    _remove_left_drafts(database)
    draft = _draft(database)
    try:
        shutil.copyfile(template, draft)
        _adapt(draft)
        # A link and no rename: it fails where a database is already.
        os.link(draft, database)
    except FileExistsError:
        return True
    except (OSError, sqlite3.Error):
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def create(database: Path) -> None:
    """Have MLflow set a database up where nobody sees it before it is whole.

    Parameters
    ----------
    database : pathlib.Path
        A file that does not exist yet; one that another process makes meanwhile is left alone.
    """
    from mlflow.store.db import utils
    from mlflow.store.tracking.dbmodels.models import SqlExperiment
    from sqlalchemy.orm import Session

    _remove_left_drafts(database)
    draft = _draft(database)
    engine = utils.create_sqlalchemy_engine(path_urls.sqlite_address(draft))
    try:
        utils._initialize_tables(engine)
        with Session(engine) as session, session.begin():
            # MLflow would write the name of the current folder into a statement: one with quotes in it breaks that.
            session.add(SqlExperiment(experiment_id=0, name="Default", lifecycle_stage="active", workspace="default"))
        _adapt(draft)
        with contextlib.suppress(FileExistsError):
            os.link(draft, database)
    finally:
        engine.dispose()
        draft.unlink(missing_ok=True)


def keep_template(database: Path) -> None:
    """Keep a database that MLflow has just made, and nobody has written to, as the template."""
    template = _template()
    if template is None:
        return
    draft = template.with_name(f"{template.name}.{os.getpid()}.new")
    # Without a template the next store takes two seconds longer; that is no reason to stop.
    with contextlib.suppress(OSError, sqlite3.Error):
        template.parent.mkdir(parents=True, exist_ok=True)
        try:
            if _copy_if_empty(database, draft):
                draft.replace(template)
        finally:
            draft.unlink(missing_ok=True)


def _copy_if_empty(database: Path, draft: Path) -> bool:
    with contextlib.closing(sqlite3.connect(database)) as source, contextlib.closing(sqlite3.connect(draft)) as copy:
        source.backup(copy)
        # Judged on the copy: another process may have begun to use the store.
        runs = copy.execute("SELECT COUNT(*) FROM runs").fetchone()[0]
        models = copy.execute("SELECT COUNT(*) FROM registered_models").fetchone()[0]
        experiments = copy.execute("SELECT experiment_id FROM experiments").fetchall()
        return runs == 0 and models == 0 and experiments == [(0,)]


def _draft(database: Path) -> Path:
    return database.with_name(f".{database.name}.{os.getpid()}.new")


def _remove_left_drafts(database: Path) -> None:
    for left in database.parent.glob(f".{database.name}.*.new*"):
        pid = left.name.removeprefix(f".{database.name}.").partition(".")[0]
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            left.unlink(missing_ok=True)
        except (OSError, ValueError):
            continue


def _adapt(draft: Path) -> None:
    now = int(time.time() * 1000)
    with contextlib.closing(sqlite3.connect(draft)) as connection, connection:
        # Where MLflow would have put it, a folder of the current one; as a URL, for MLflow unquotes plain paths too.
        connection.execute(
            "UPDATE experiments SET artifact_location = ?, creation_time = ?, last_update_time = ?"
            " WHERE experiment_id = 0",
            (path_urls.file_url(Path.cwd() / "mlruns" / "0"), now, now),
        )


def _template() -> Path | None:
    folder = os.environ.get("CHURN_OPS_TEMPLATES")
    return Path(folder) / f"empty-store-mlflow-{version('mlflow')}.db" if folder else None
