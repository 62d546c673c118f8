"""Files of versions that were damaged, replaced, planted or made to run code: nothing is loaded and nothing moves."""

import contextlib
import hashlib
import json
import pickle
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import sign, small_request
from promoting import MODEL, facts, move, plan, silent

from churn_ops.artifacts import fetch, manifest
from churn_ops.artifacts.fetch import download, version_folder
from churn_ops.contract import Tag
from churn_ops.drift.reference import read_stored
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import model_types, verify, verify_file
from churn_ops.registry.compare.golden_rows import check, verify_files
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.registry.moves import apply as applying
from churn_ops.store.connect import connect
from churn_ops.training.fit import scorer
from churn_ops.training.train import train


@pytest.fixture(scope="module")
def made(tmp_path_factory, empty_store):
    """One training whose first version is live; each test puts back what it changes."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copyfile(empty_store, folder / "mlflow.db")
    request = small_request(folder)
    request["candidates"] = request["candidates"][:2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_OPS_STATE", str(folder / ".churn-ops"))
        train(request, silent)
        applying.apply(plan(request["store"], "1", None, [move("1", "None", "Production")]), silent)
        yield request


@pytest.fixture
def second(made):
    """The folder of version 2, which every test may damage."""
    folder = version_folder(connect(made["store"]["trackingUri"]), MODEL, "2")
    with put_back(folder):
        yield folder


@contextlib.contextmanager
def put_back(folder):
    kept = folder.parent / "kept"
    shutil.copytree(folder, kept)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        kept.rename(folder)


def to_production(store, version="2", holder="1", **more):
    moves = [move(holder, "Production", "Staging"), move(version, "None", "Production")]
    return applying.apply(plan(store, version, holder, moves, **more), silent)


def refused_everywhere(request, version="2", **more):
    """The code with which serving, promoting and rolling back refuse a version; the registry stays as it was."""
    store, before = request["store"], facts(request["store"])
    asked = {"store": store, "version": version, "allowPickle": more.get("allowPickle")}
    columns = [column["name"] for column in request["schema"]["features"]]
    codes, messages = set(), []
    for refuse in (
        lambda: verify_files(asked, silent),
        lambda: to_production(store, version, **more),
        lambda: check({**asked, "columns": columns}, silent),
    ):
        with pytest.raises(ChurnOpsError) as caught:
            refuse()
        codes.add(caught.value.code)
        messages.append(caught.value.message)
    assert facts(store) == before
    assert len(codes) == 1, messages
    return codes.pop(), messages[0]


def flip(file, place=None):
    content = bytearray(file.read_bytes())
    content[len(content) // 2 if place is None else place] ^= 0x01
    file.write_bytes(content)


NAMES = ("model.skops", "MLmodel", "predictions/held_out.csv")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["flipped", "truncated", "gone"])
def test_a_changed_short_or_missing_file_is_named(made, second, name, how):
    file = second / name
    if how == "flipped":
        flip(file)
    elif how == "truncated":
        file.write_bytes(file.read_bytes()[:-1])
    else:
        file.unlink()
    code, message = refused_everywhere(made)
    assert code == "MODEL_INTEGRITY"
    # A folder without MLmodel is no model at all.
    assert name in message


def test_a_planted_file_is_named_and_planted_bytecode_never_runs(made, second):
    cache = second / "code" / "__pycache__"
    cache.mkdir()
    (cache / "churn_ops_scorer_x.cpython-311.pyc").write_bytes(b"whatever")
    assert verify_files({"store": made["store"], "version": "2"}, silent) == {"folder": str(second), "notes": []}
    assert not cache.exists()
    (second / "code" / "pandas.py").write_text("raise SystemExit")
    code, message = refused_everywhere(made)
    assert (code, "code/pandas.py (not its own)" in message) == ("MODEL_INTEGRITY", True)
    # Signed by whoever can write tags as well, it is still code that we do not know.
    client = connect(made["store"]["trackingUri"])
    with signed_anew(client, "2"):
        assert refused_everywhere(made)[0] == "PICKLE_REFUSED"


@contextlib.contextmanager
def signed_anew(client, version):
    known = client.get_model_version(MODEL, version).tags[Tag.MANIFEST]
    sign(client, version)
    try:
        yield
    finally:
        client.set_model_version_tag(MODEL, version, Tag.MANIFEST, known)


def test_a_folder_that_is_gone_is_told(made, second):
    shutil.rmtree(second)
    assert refused_everywhere(made)[0] == "MODEL_INTEGRITY"


def test_the_list_of_trusted_types_that_lies_beside_a_model_is_not_believed(made, second):
    record = yaml.safe_load((second / "MLmodel").read_text())
    record["flavors"]["sklearn"]["skops_trusted_types"] = ["sklearn.tree._tree.Tree", "os.system"]
    (second / "MLmodel").write_text(yaml.safe_dump(record))
    with signed_anew(connect(made["store"]["trackingUri"]), "2"):
        code, message = refused_everywhere(made)
    assert (code, "os.system" in message) == ("MODEL_INTEGRITY", True)


def test_a_model_file_with_a_type_of_its_own_is_not_loaded(made, second):
    import skops.io

    skops.io.dump({"payload": silent}, second / "model.skops")
    with signed_anew(connect(made["store"]["trackingUri"]), "2"):
        code, message = refused_everywhere(made)
    assert (code, "promoting.silent" in message) == ("MODEL_INTEGRITY", True)


def test_a_model_path_that_leads_elsewhere_is_refused(made, second):
    record = yaml.safe_load((second / "MLmodel").read_text())
    record["flavors"]["python_function"]["model_path"] = "../kept/model.skops"
    (second / "MLmodel").write_text(yaml.safe_dump(record))
    with signed_anew(connect(made["store"]["trackingUri"]), "2"):
        assert refused_everywhere(made)[0] == "PICKLE_REFUSED"


def test_a_version_of_ours_without_its_list_is_not_promoted_and_a_double_never(made):
    client = connect(made["store"]["trackingUri"])
    known = client.get_model_version(MODEL, "2").tags[Tag.MANIFEST]
    before = facts(made["store"])
    client.delete_model_version_tag(MODEL, "2", Tag.MANIFEST)
    with pytest.raises(ChurnOpsError, match="cannot be checked"):
        to_production(made["store"])
    [note] = verify_files({"store": made["store"], "version": "2"}, silent)["notes"]
    assert "earlier release" in note
    client.set_model_version_tag(MODEL, "2", Tag.MANIFEST, known)
    client.set_model_version_tag(MODEL, "2", "churnops.duplicate_of", "1")
    with pytest.raises(ChurnOpsError, match="duplicate of version 1"):
        to_production(made["store"])
    client.delete_model_version_tag(MODEL, "2", "churnops.duplicate_of")
    assert facts(made["store"]) == before


@pytest.mark.parametrize("side", ["reference", "held_out"])
def test_rows_and_answers_that_were_changed_are_not_judged_by(made, second, side):
    client = connect(made["store"]["trackingUri"])
    parent = client.get_model_version(MODEL, "2").tags["churnops.parent_run_id"]
    rows = download(client, parent, f"data/{side}.parquet")
    whole = rows.read_bytes()
    flip(rows)
    readers = (
        lambda: stored_versions(client, MODEL).rows("2", side),
        lambda: read_stored(client, MODEL, "2", made["schema"], side),
    )
    try:
        for read in readers:
            with pytest.raises(ChurnOpsError, match=f"{side}.parquet") as caught:
                read()
            assert caught.value.code == "MODEL_INTEGRITY"
    finally:
        rows.write_bytes(whole)
    answers = second / "predictions" / f"{side}.csv"
    answers.write_bytes(answers.read_bytes().replace(b"0.", b"0.9", 1))
    with pytest.raises(ChurnOpsError, match=f"{side}.csv"):
        readers[1]()


def test_files_in_another_storage_are_fetched_and_checked_one_by_one_or_all(made, second, monkeypatch):
    client = connect(made["store"]["trackingUri"])
    tags = client.get_model_version(MODEL, "2").tags
    parent = tags["churnops.parent_run_id"]
    # As if the artifacts lay in a bucket: everything is downloaded.
    monkeypatch.setattr(fetch, "local_path", lambda _uri: None)
    fetched = verify_file.verified_file(client, MODEL, "2", tags, "predictions/held_out.csv")
    assert second not in fetched.parents
    assert fetched.read_bytes() == (second / "predictions" / "held_out.csv").read_bytes()
    assert verify_file.verified_data(client, parent, "reference.parquet").is_file()
    assert second not in verify.verified(client, MODEL, "2", tags).folder.parents
    flip(second / "predictions" / "held_out.csv")
    with pytest.raises(ChurnOpsError, match=r"held_out\.csv \(changed\)"):
        verify_file.verified_file(client, MODEL, "2", tags, "predictions/held_out.csv")
    with pytest.raises(ChurnOpsError, match=r"held_out\.csv \(changed\)"):
        verify.verified(client, MODEL, "2", tags)


def logged(client, folder, name, **how):
    """Register what plain MLflow saves; gives the version."""
    import mlflow.sklearn
    from mlflow.models import infer_signature
    from sklearn.dummy import DummyClassifier

    rows = pd.DataFrame({"tenure": [1.0, 2.0]})
    model = DummyClassifier().fit(rows, [0, 1])
    how = {"signature": infer_signature(rows, [0, 1]), "serialization_format": "skops", **how}
    mlflow.sklearn.save_model(model, folder / name, pip_requirements=["scikit-learn"], **how)
    return str(client.create_model_version(MODEL, (folder / name).as_uri()).version)


@pytest.fixture
def foreign(store_folder):
    store = {"trackingUri": f"sqlite:///{store_folder}/mlflow.db", "model": MODEL}
    client = connect(store["trackingUri"])
    client.create_registered_model(MODEL)
    logged(client, store_folder, "live")
    done = applying.apply(plan(store, "1", None, [move("1", "None", "Production")]), silent)
    assert ["without churn-ops" in note for note in done["notes"]] == [True]
    return {"store": store, "schema": {"features": [{"name": "tenure"}]}}, client, store_folder


@pytest.mark.parametrize("serialization", ["pickle", "cloudpickle"])
def test_a_pickle_is_refused_unless_exactly_it_is_named(foreign, serialization):
    request, client, folder = foreign
    version = logged(client, folder, "pickled", serialization_format=serialization)
    code, message = refused_everywhere(request, version)
    assert (code, "model.pkl" in message) == ("PICKLE_REFUSED", True)
    for wrong in (f"{MODEL}@1", f"Other@{version}", f"{MODEL}@{version}2", MODEL):
        assert refused_everywhere(request, version, allowPickle=wrong)[0] == "PICKLE_REFUSED"
    named = f"{MODEL}@{version}"
    asked = {"store": request["store"], "version": version, "allowPickle": named}
    assert len(verify_files(asked, silent)["notes"]) == 1
    checked = check({**asked, "columns": ["tenure"]}, silent)
    assert (checked["goldenRows"], len(checked["notes"])) == (0, 2)
    to_production(request["store"], version, allowPickle=named)
    assert facts(request["store"])["versions"][1]["aliases"] == ["champion"]


def test_a_version_without_a_signature_is_refused_even_when_it_is_named(foreign):
    request, client, folder = foreign
    version = logged(client, folder, "unsigned", signature=None)
    assert refused_everywhere(request, version)[0] == "SIGNATURE_MISSING"
    named = f"{MODEL}@{version}"
    assert refused_everywhere(request, version, allowPickle=named)[0] == "SIGNATURE_MISSING"


@pytest.mark.parametrize(
    ("flavor", "name", "value"),
    [
        ("python_function", "loader_module", "mlflow.pyfunc.model"),
        ("python_function", "loader_module", "churn_ops_scorer_0123456789ab"),
        ("python_function", "code", "code"),
        ("sklearn", "code", "code"),
        ("sklearn", "serialization_format", "cloudpickle"),
    ],
)
def test_a_record_that_names_another_way_to_load_is_refused(foreign, flavor, name, value):
    request, client, folder = foreign
    version = logged(client, folder, "other")
    file = folder / "other" / "MLmodel"
    record = yaml.safe_load(file.read_text())
    record["flavors"][flavor][name] = value
    file.write_text(yaml.safe_dump(record))
    assert refused_everywhere(request, version)[0] == "PICKLE_REFUSED"


def test_another_scorer_under_our_name_is_taken_only_with_a_manifest(foreign):
    request, client, folder = foreign
    version = logged(client, folder, "scored")
    target = folder / "scored"
    (target / "code").mkdir()
    record = yaml.safe_load((target / "MLmodel").read_text())
    for content, taken in ((Path(scorer.__file__).read_bytes(), True), (b"raise SystemExit", False)):
        module = f"churn_ops_scorer_{hashlib.sha256(content).hexdigest()[:12]}"
        shutil.rmtree(target / "code")
        (target / "code").mkdir()
        (target / "code" / f"{module}.py").write_bytes(content)
        record["flavors"]["python_function"].update(loader_module=module, code="code", model_path="model.skops")
        (target / "MLmodel").write_text(yaml.safe_dump(record))
        if taken:
            verify_files({"store": request["store"], "version": version}, silent)
        else:
            assert refused_everywhere(request, version)[0] == "PICKLE_REFUSED"


def test_a_version_whose_source_has_no_files_leaves_the_others_promotable(foreign):
    request, client, folder = foreign
    run = client.create_run("0").info.run_id
    stub = str(client.create_model_version(MODEL, f"runs:/{run}/model", run).version)
    assert refused_everywhere(request, stub)[0] == "MODEL_INTEGRITY"
    version = logged(client, folder, "whole")
    to_production(request["store"], version)
    assert facts(request["store"])["versions"][int(version) - 1]["stage"] == "Production"


def test_no_pickle_runs_while_files_are_checked(foreign, tmp_path):
    request, client, folder = foreign
    version = logged(client, folder, "bomb", serialization_format="pickle")
    (folder / "bomb" / "model.pkl").write_bytes(pickle.dumps(Bomb(str(tmp_path / "exploded"))))
    refused_everywhere(request, version)
    verify_files({"store": request["store"], "version": version, "allowPickle": f"{MODEL}@{version}"}, silent)
    assert not (tmp_path / "exploded").exists()


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_a_forest_is_judged_without_skops_and_anything_else_with_it(second, tmp_path, monkeypatch):
    import skops.io

    asked = []
    monkeypatch.setattr(skops.io, "get_untrusted_types", lambda file: asked.append(file) or ["os.system"])
    assert model_types.disallowed_types(second / "model.skops") == []
    with zipfile.ZipFile(second / "model.skops") as whole:
        files = {name: whole.read(name) for name in whole.namelist()}
    for part, other in (
        (b'"JsonNode"', b'"FunctionNode"'),
        (b'"Tree"', b'"BaseTree"'),
        (b'"sklearn.pipeline"', b'"os"'),
    ):
        assert part in files["schema.json"]
        with zipfile.ZipFile(tmp_path / "model.skops", "w") as changed:
            for name, content in files.items():
                changed.writestr(name, content.replace(part, other, 1) if name == "schema.json" else content)
        assert model_types.disallowed_types(tmp_path / "model.skops") == ["os.system"]
    assert len(asked) == 3


def test_the_scorer_and_the_rest_have_one_list_of_types():
    assert scorer.ALLOWED_TYPES == model_types.ALLOWED_TYPES


def test_each_flipped_byte_of_a_small_version_is_noticed(foreign):
    _, client, folder = foreign
    target = folder / "live"
    sign(client, "1")
    tags = client.get_model_version(MODEL, "1").tags
    files = json.loads((target / manifest.FILE).read_text())["files"]
    places = [(target / name, place) for name in files for place in range(0, (target / name).stat().st_size, 97)]
    assert len(places) > 30
    for file, place in places:
        flip(file, place)
        with pytest.raises(ChurnOpsError):
            verify.verified(client, MODEL, "1", tags)
        flip(file, place)
    verify.verified(client, MODEL, "1", tags)
