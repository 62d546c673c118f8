"""Two writers where no lock keeps them apart: a tracking server over HTTP, and clients of two machines."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from promoting import MODEL, facts, make_store, move, plan, promotion, silent

from churn_ops.errors import ChurnOpsError
from churn_ops.process import owner
from churn_ops.registry.moves import apply as applying
from churn_ops.registry.moves import champion_move
from churn_ops.store.connect import connect


@pytest.fixture
def served(store_folder, plain_model):
    """A real tracking server on a store whose version 2 is live; two clients have state folders of their own."""
    make_store(store_folder, plain_model)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    variables = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    path = f"{os.path.dirname(sys.executable)}{os.pathsep}{variables['PATH']}"
    log = (store_folder / "server.log").open("wb")
    server = subprocess.Popen(
        [*command, "--backend-store-uri", f"sqlite:///{store_folder}/mlflow.db"],
        env={**variables, "PATH": path},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/health", server)
        yield {"trackingUri": f"http://127.0.0.1:{port}", "model": MODEL}
    finally:
        os.killpg(server.pid, 9)
        server.wait()
        log.close()


def _wait_until_ready(url, server):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the tracking server did not answer")


def other_promotion(store, **more):
    """What a second person plans at the same time: version 1 instead of 3."""
    moves = [move("1", "Staging", "Production"), move("2", "Production", "Archived")]
    return plan(store, "1", "2", moves, actor="bea@other", **more)


def interleave(monkeypatch, name, store, request, tmp_path):
    """Have another writer, who shares no lock with us, do its whole move right before a step of ours."""
    original = getattr(champion_move.conflicts, name)
    done = []

    def first_the_other(*given):
        if not done:
            done.append(True)
            with monkeypatch.context() as elsewhere:
                elsewhere.setenv("CHURN_OPS_STATE", str(tmp_path / "elsewhere"))
                # On another machine our process would be one that nobody there can know.
                elsewhere.setattr(owner, "is_dead", lambda _tag: True)
                elsewhere.setattr(champion_move, "finish_all", lambda *_args, **_named: [])
                applying.apply(request, silent)
        return original(*given)

    monkeypatch.setattr(champion_move.conflicts, name, first_the_other)


def check_end(store, caught, version, who):
    assert caught.value.code == "BUSY"
    assert f"version {version} is live" in caught.value.message
    assert who in caught.value.message
    found = {each["version"]: each for each in facts(store)["versions"]}
    assert [each["stage"] for each in found.values()].count("Production") == 1
    assert (found[version]["stage"], "champion" in found[version]["aliases"]) == ("Production", True)
    assert all(each["unfinished"] == [] for each in found.values())


@pytest.mark.parametrize("step", ["before_commit", "after_commit", "read_back"])
def test_a_move_that_comes_between_is_noticed_and_named_at_every_step(served, monkeypatch, tmp_path, step):
    request = other_promotion(served)
    if step != "before_commit":
        # The other one has checked its plan already when we take the alias.
        request["holder"] = "3"
        monkeypatch.setattr(applying.conflicts, "check_plan", lambda *_: None)
    interleave(monkeypatch, step, served, request, tmp_path)
    with pytest.raises(ChurnOpsError) as caught:
        applying.apply(promotion(served, actor="ana@here"), silent)
    check_end(served, caught, "1", "bea@other")


def test_of_two_moves_in_progress_the_second_waits_for_nobody_and_names_the_first(served, monkeypatch):
    client = connect(served["trackingUri"])
    entry = {**dict.fromkeys(("reason", "policy", "from"), "x"), "to": "Production", "previous": "2"}
    intent = {**entry, "at": "2026-01-01T00:00:00.000Z", "actor": "bea@other", "action": "promote", "version": "1"}
    for state, owned in (("intent", owner.current()), ("intent", "elsewhere:boot/pid:1:2")):
        begun = {**intent, "state": state, "owner": owned}
        if owned != owner.current():
            begun["at"] = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        client.set_model_version_tag(MODEL, "1", "churnops.move.x", json.dumps(begun))
        for ask in (
            lambda: applying.apply(promotion(served), silent),
            lambda: applying.finish({"store": served, "waitSeconds": 1}, silent),
        ):
            with pytest.raises(ChurnOpsError, match="bea@other is about to put version 1") as caught:
                ask()
            assert caught.value.code == "BUSY"
    # One of another machine that is minutes old was cut off.
    old = {**intent, "state": "intent", "owner": "elsewhere:boot/pid:1:2"}
    client.set_model_version_tag(MODEL, "1", "churnops.move.x", json.dumps(old))
    finished = applying.finish({"store": served, "waitSeconds": 1}, silent)["finished"]
    assert [(each["version"], each["state"]) for each in finished] == [("1", "abandoned")]
    applying.apply(promotion(served), silent)
    assert facts(served)["versions"][2]["aliases"] == ["champion"]
