"""A promotion or a rollback that is killed at any step: one live model throughout, and the same end when run again."""

import pytest
from promoting import MODEL, facts, killed, make_store, plan, promotion, rollback, silent

from churn_ops.process.crash_points import POINTS
from churn_ops.registry.moves import apply as applying
from churn_ops.store.connect import connect

PLACES = [f"{point}:{side}" for point in POINTS["promote"] for side in ("before", "after")]
AFTER_THE_COMMIT = PLACES[PLACES.index("champion:after") :]


@pytest.fixture
def own_store(store_folder, plain_model):
    return make_store(store_folder, plain_model), str(store_folder / ".churn-ops")


@pytest.fixture(scope="module", params=[promotion, rollback], ids=["promotion", "rollback"])
def unbroken(request, tmp_path_factory, empty_store, plain_model):
    """The end of the same work without a kill."""
    import shutil

    folder = tmp_path_factory.mktemp("unbroken")
    shutil.copyfile(empty_store, folder / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_OPS_STATE", str(folder / ".churn-ops"))
        store = make_store(folder, plain_model)
        applying.apply(request.param(store), silent)
        return request.param, facts(store)


@pytest.mark.parametrize("place", PLACES)
def test_killed_at_any_step_and_run_again_it_ends_as_if_nothing_had_happened(own_store, unbroken, place):
    work, expected = unbroken
    store, state = own_store
    assert killed(work(store), place, state) == -9
    client = connect(store["trackingUri"])
    live = str(client.get_model_version_by_alias(MODEL, "champion").version)
    wanted = work(store)["champion"]
    assert live == (wanted if place in AFTER_THE_COMMIT else "2")
    staged = [v.version for v in client.search_model_versions(f"name='{MODEL}'") if v.current_stage == "Production"]
    assert len(staged) == 1

    [*finished] = applying.finish({"store": store, "waitSeconds": 5}, silent)["finished"]
    states = [entry["state"] for entry in finished]
    if place.startswith("verify") or place in ("intent:before", "done:after"):
        assert states == []
    else:
        assert states == (["done"] if place in AFTER_THE_COMMIT else ["abandoned"])
    if live != wanted:
        applying.apply(work(store), silent)
    assert facts(store) == expected


@pytest.mark.parametrize("place", ["previous:after", "stage:after"])
def test_a_plan_that_was_made_over_a_cut_off_move_leaves_nothing_unfinished(own_store, place):
    # As doctor and older programs do it: without finishing first.
    store, state = own_store
    assert killed(promotion(store), place, state) == -9
    live = str(connect(store["trackingUri"]).get_model_version_by_alias(MODEL, "champion").version)
    request = promotion(store) if live == "2" else plan(store, "3", "3", [], previous=None)
    applying.apply(request, silent)
    found = facts(store)["versions"]
    assert [version["stage"] for version in found] == ["Archived", "Staging", "Production"]
    assert [version["aliases"] for version in found] == [[], ["previous"], ["champion"]]
    assert all(version["unfinished"] == [] for version in found)


def test_a_move_that_was_given_up_puts_the_alias_previous_back(own_store):
    store, state = own_store
    assert killed(promotion(store), "previous:after", state) == -9
    applying.finish({"store": store, "waitSeconds": 5}, silent)
    assert [v["aliases"] for v in facts(store)["versions"]] == [["previous"], ["champion"], ["challenger"]]
