"""URLs of paths: one function makes them, SQLAlchemy and MLflow read the same path back."""

import json
from pathlib import Path

import pytest
from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.uri import is_local_uri
from sqlalchemy.engine import make_url

from churn_ops.artifacts import root as artifact_root
from churn_ops.artifacts.fetch import download, local_path
from churn_ops.store import file_location, path_urls
from churn_ops.store.connect import connect

PAIRS = json.loads((Path(__file__).resolve().parents[1] / "fixtures" / "awkward-folders.json").read_text())
FOLDERS = [Path(path).parent.name for path, _ in PAIRS]


@pytest.mark.parametrize(("path", "address"), PAIRS)
def test_a_path_has_one_address_that_sqlalchemy_reads_back(path, address):
    assert path_urls.sqlite_address(Path(path)) == address
    assert make_url(address).database == path
    assert path_urls.sqlite_path(address) == Path(path)


@pytest.mark.parametrize(("path", "_address"), PAIRS)
def test_mlflow_reads_a_file_url_as_the_same_path(path, _address):
    url = path_urls.file_url(Path(path))
    assert local_path(url) == Path(path)
    assert file_location.path_of(url) == Path(path)


@pytest.mark.parametrize(
    "uri",
    [
        *(
            "/plain/path",
            "/a b",
            "/a%20b",
            "/100%",
            "/q?x#y",
            "relative/path",
            "file:/one",
            "file:///three",
            "file:relative",
        ),
        *(
            "file:///a%20b/c%3Fd",
            "file:///q?x#y",
            "file://localhost/there",
            "",
            "s3://bucket/key",
            "mlflow-artifacts:/1/2",
        ),
        *("https://host/path", "runs:/1/model", "models:/name/1", "s3:key", "FILE:///upper"),
    ],
)
def test_where_artifacts_lie_is_read_as_mlflow_reads_it(uri):
    local = is_local_uri(uri, is_tracking_or_registry_uri=False)
    assert local_path(uri) == (Path(local_file_uri_to_path(uri)) if local else None)


def test_addresses_that_users_write_are_read_as_sqlalchemy_reads_them():
    for written in ("sqlite:///x%20y.db", "sqlite:///20%.db", "sqlite:///fa%C3%A7ade.db", "sqlite:////p/%zz"):
        assert str(path_urls.sqlite_path(written)) == make_url(written).database
    assert path_urls.sqlite_path("postgresql://host/db") is None


def test_a_store_is_made_in_its_folder_and_nowhere_else(tmp_path, monkeypatch):
    for folder in FOLDERS:
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        address = path_urls.sqlite_address(tmp_path / folder / "mlflow.db")
        client = connect(address)
        client.create_registered_model("M")
        request = {"store": {"trackingUri": address}, "experiment": "churn", "artifacts": None}
        experiment, _ = artifact_root.experiment(client, request)
        run = client.create_run(experiment).info
        client.log_text(run.run_id, "text", "note.txt")
        assert download(client, run.run_id, "note.txt").is_relative_to(tmp_path / folder)
        assert (tmp_path / folder / "mlruns" / "churn" / run.run_id / "artifacts" / "note.txt").read_text() == "text"
    # Neither `aAb` for `a%41b` nor the empty folder of the quoted name that MLflow would make.
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FOLDERS)
