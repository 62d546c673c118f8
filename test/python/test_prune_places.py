"""Where pruning removes files: only from places that MLflow gives to the run or model in question."""

import pytest

from churn_ops.artifacts import size_and_remove as artifacts
from churn_ops.errors import ChurnOpsError


def test_a_location_that_names_another_place_is_refused(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    for location in (precious.as_uri(), f"{precious.as_uri()}/m-1/../artifacts", f"{tmp_path.as_uri()}/m-1/x/y"):
        with pytest.raises(ChurnOpsError, match="not a folder of its own"):
            artifacts.remove(location, "m-1")
    assert precious.is_dir()
