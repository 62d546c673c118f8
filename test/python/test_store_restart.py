"""A PostgreSQL server that goes down in the middle of a training."""

import json
import signal

import conftest
import postgres

from churn_ops import wire
from churn_ops.store.connect import connect
from churn_ops.store.pages import search_versions
from churn_ops.training.train import train


def test_a_server_that_crashes_during_a_training_ends_it_and_a_rerun_finishes_the_work(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    monkeypatch.chdir(tmp_path)
    with postgres.cluster() as cluster:
        request = conftest.small_request(tmp_path)
        request["store"]["trackingUri"] = uri = cluster.uri()
        crashed = []

        def crash_once(message):
            told = json.loads(message)
            if told["phase"] == "train" and told["done"] == 2 and not crashed:
                cluster.restart(signal.SIGQUIT)
                crashed.append(told)

        call = json.dumps({"protocol": wire.PROTOCOL, "method": "train", "payload": request})
        error = json.loads(wire.answer(call, crash_once))["error"]
        assert (error["code"], len(crashed)) == ("STORE_UNREACHABLE", 1)
        assert postgres.PASSWORD not in json.dumps(error)

        outcome = train(request, lambda *_: None)
        assert [candidate["reused"] for candidate in outcome["candidates"]].count(True) >= 2
        versions = search_versions(connect(uri), f"name = '{request['store']['model']}'")
        assert sorted(int(version.version) for version in versions) == [1, 2, 3, 4]
        assert len({version.tags["churnops.key"] for version in versions}) == 4
