"""Pruning and the invariants where the files lie in S3-compatible storage, on a real server."""

import pytest
from object_storage import BUCKET, object_storage
from upkeep_store import MODEL, UpkeepStore

from churn_ops.artifacts import s3
from churn_ops.errors import ChurnOpsError
from churn_ops.upkeep import invariants
from churn_ops.upkeep.prune.apply import apply
from churn_ops.upkeep.prune.inventory import inventory


@pytest.fixture(scope="module")
def storage():
    with object_storage() as running:
        yield running


@pytest.fixture
def remote(store_folder, storage, monkeypatch):
    for name, value in storage.variables.items():
        monkeypatch.setenv(name, value)
    import boto3

    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    s3._check_answers.cache_clear()
    s3._bound_waits.cache_clear()
    store = UpkeepStore(store_folder, f"s3://{BUCKET}/{store_folder.name}")
    store.made = [made for name in "ab" for made in store.training(name)]
    return store


def silent(_phase, _done, _total, _text):
    pass


def objects(storage, store: UpkeepStore) -> list[str]:
    return [key for key in storage.objects() if key.startswith(f"{store.folder.name}/")]


def broken(store: UpkeepStore, quick: bool) -> dict[str, str]:
    found = invariants.check(store.client, store.store["trackingUri"], MODEL, quick)
    return {each["invariant"]: each["message"] for each in invariants.broken(found)}


def test_a_version_goes_with_its_objects_and_its_rows_with_the_last_one(remote, storage):
    facts = inventory({"store": remote.store}, silent)
    assert all(each["bytes"] > 1000 for each in facts["versions"])
    plan = {"versions": ["1", "2"], "models": [], "searches": [remote.made[0]["parent"]], "folders": []}
    done = apply({"store": remote.store, "waitSeconds": 5, **plan}, silent)
    assert (done["deleted"], done["skipped"]) == (["1", "2"], [])
    assert done["freedBytes"] > 2000
    left = objects(storage, remote)
    # Three of the model, one of the run for each version; three of the rows.
    assert len(left) == 2 * 4 + 3
    gone = [made[name] for made in remote.made[:2] for name in ("run", "modelId", "parent")]
    assert not [key for key in left if any(name in key for name in gone)]
    assert broken(remote, quick=False) == {}


@pytest.mark.parametrize("quick", [True, False])
def test_a_missing_object_is_named(remote, storage, quick):
    assert broken(remote, quick) == {}
    victim = next(
        key for key in objects(storage, remote) if remote.made[1]["modelId"] in key and key.endswith("model.skops")
    )
    storage.remove(victim)
    found = broken(remote, quick)
    assert list(found) == ["I1"]
    assert "version 2" in found["I1"] and "model.skops" in found["I1"]


def test_storage_that_refuses_us_is_no_damage(remote, monkeypatch):
    s3._check_answers.cache_clear()
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ChurnOpsError) as refused:
        broken(remote, quick=True)
    assert refused.value.code == "ARTIFACTS_UNREACHABLE"
