"""The short form of the kill tests; the long one is `npm run test:kill`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 900

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are followed through /proc")


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Every round, played once by a process that has imported nothing else and started no thread."""
    report = tmp_path_factory.mktemp("kill") / "report.json"
    path = os.pathsep.join(str(ROOT / folder) for folder in ("test", "python"))
    played = subprocess.run(
        [sys.executable, "-m", "kill", "--json", str(report)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert report.exists(), played.stderr[-4000:]
    return json.loads(report.read_text())


def rounds(short: dict, kind: str, store: str) -> list[dict]:
    found = [each for each in short["results"] if (each["kind"], each["store"]) == (kind, store)]
    reasons = {each["skipped"] for each in found} - {""}
    if reasons:
        pytest.skip(reasons.pop())
    assert found, [each["broken"] for each in short["results"] if each["kind"] == "unbroken"]
    return found


def broken(found: list[dict]) -> list[str]:
    return [f"{each['case']}: {text}" for each in found for text in each["broken"]]


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kind", ["point", "random"])
def test_after_a_kill_at_any_place_one_rerun_ends_as_an_unbroken_run(short, kind, store):
    found = rounds(short, kind, store)
    assert broken(found) == []
    assert all(each["killed"] for each in found)
    assert {each["reruns"] for each in found} == {1}


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_four_trainings_and_two_promotions_at_once_double_and_lose_nothing(short, store):
    assert broken(rounds(short, "at once", store)) == []


def test_the_real_program_killed_or_interrupted_leaves_nothing_and_finishes_when_run_again(short):
    found = rounds(short, "cli", "sqlite")
    assert broken(found) == []
    assert any(each["killed"] for each in found)


def test_a_full_disk_breaks_no_store_and_with_more_room_the_same_command_finishes(short):
    found = rounds(short, "disk full", "sqlite")
    assert broken(found) == []
    assert any(each["killed"] for each in found)


def test_an_answer_that_the_server_never_delivers_doubles_nothing(short):
    found = rounds(short, "lost reply", "http")
    assert broken(found) == []
    assert all(each["killed"] for each in found)


def test_the_champion_is_never_gone_while_work_is_killed_and_run_again(short):
    assert [text for text in short["broken"] if "I3" in text] == []
    assert short["readsWithChampion"] > 1000


def test_no_process_port_or_file_is_left(short):
    assert short["left"] == []


def test_a_kill_costs_at_most_one_finished_candidate(short):
    assert max(int(lost) for lost in short["journaledAndFittedAgain"]) <= 1
