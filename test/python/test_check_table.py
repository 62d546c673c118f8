"""What ``validate`` asks of a table whose split decides whether it can be trained on."""

import hashlib

import pytest
from conftest import small_request

from churn_ops.errors import ChurnOpsError
from churn_ops.training.check_table import check
from churn_ops.training.train import train


def silent(*_):
    pass


def few_churners(request, count):
    """Keep so many churners of the table, all of them at its end."""
    path = request["dataset"]["path"]
    with open(path, encoding="utf-8") as file:
        header, *lines = file.read().splitlines(keepends=True)
    churned = [line for line in lines if line.endswith("Yes\n")]
    kept = [line for line in lines if line not in churned] + churned[:count]
    content = "".join([header, *kept]).encode()
    with open(path, "wb") as file:
        file.write(content)
    dataset = {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "rows": len(kept)}
    return {**request, "dataset": dataset}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_check_says_what_training_says(store_folder, seed):
    request = few_churners({**small_request(store_folder), "splitSeed": seed}, 3)
    request["candidates"] = request["candidates"][:1]
    asked = {**request, "folds": None}
    try:
        check(asked, silent)
    except ChurnOpsError as refused:
        with pytest.raises(ChurnOpsError) as caught:
            train(request, silent)
        assert (caught.value.code, caught.value.message) == (refused.code, refused.message)
        assert not (store_folder / "mlruns").exists()
    else:
        assert train(request, silent)["candidates"]
