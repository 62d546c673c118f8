"""Reports about hostile tables: nothing of them runs, in a browser, in a spreadsheet or in Markdown."""

import csv
import json
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from churn_ops.artifacts.fetch import version_folder
from churn_ops.drift import report
from churn_ops.drift.report_page import harden
from churn_ops.store.connect import connect
from churn_ops.training.evidence import leaderboard, write
from churn_ops.training.evidence.cells import code, plain, spreadsheet
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.fit.measure import measure
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.versions.rows import Rows

MARK = "document.documentElement.dataset.ran"
HOSTILE = [
    f"<script>{MARK}=1</script>",
    f'</script><img src=x onerror="{MARK}=2">',
    f'"><svg onload={MARK}=3>',
    f'<a href="javascript:{MARK}=4">x</a>',
    "=cmd|'/C calc'!A0",
    "$\\frac{x$",
]
COLUMN = f"</script><script>{MARK}=5</script>"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def drift_run():
    random = np.random.default_rng(0)

    def frame(rows, categories):
        return pd.DataFrame(
            {
                "tenure": random.normal(size=rows),
                COLUMN: [categories[at % len(categories)] for at in range(rows)],
            }
        )

    run, _ = report.compare(
        frame(600, HOSTILE),
        frame(200, HOSTILE[:3]),
        {"tenure": "number", COLUMN: "category"},
        {"number": "wasserstein", "category": "jensenshannon"},
        {"columnThreshold": 0.1, "count": 2, "share": 0.5},
        None,
    )
    return run


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Evidently's page as it is, and the one that we save."""
    folder = tmp_path_factory.mktemp("pages")
    run = drift_run()
    raw = folder / "raw.html"
    raw.write_text(run.get_html_str(as_iframe=False), encoding="utf-8")
    return raw, folder / report.save(run, str(folder / "out"))["html"]


def test_the_data_of_a_drift_report_cannot_leave_its_script(pages):
    raw, saved = (page.read_text(encoding="utf-8") for page in pages)
    assert f"<script>{MARK}=1</script>" in raw
    for text in (f"<script>{MARK}", "<img src=x", "<svg onload", "<a href"):
        assert text not in saved
    assert "\\u003cimg src=x" in saved
    # Data, a line of Evidently's, its library, the call.
    assert len(re.findall("<script>", saved.split("drawDashboard=")[0].split("<body>")[0])) == 1
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', saved)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe-inline" not in policy[1].partition("script-src")[2]


def test_a_page_that_is_built_in_another_way_is_not_taken_for_safe():
    with pytest.raises(ValueError, match="not built as expected"):
        harden('<html><head><meta charset="UTF-8"></head><script>draw({"a": 1})</script></html>')


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine to open the page in")
def test_a_browser_runs_nothing_of_a_hostile_table_and_still_draws_the_report(pages, tmp_path):
    def opened(page):
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
        command = [BROWSER, *arguments, "--dump-dom", "--virtual-time-budget=6000", page.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout

    raw, saved = (opened(page) for page in pages)
    # The page as Evidently writes it does run them: this test can fail.
    assert re.search(r"<html[^>]*data-ran", raw)
    assert not re.search(r"<html[^>]*data-ran", saved)
    assert "js-plotly-plot" in saved


@pytest.fixture(scope="module")
def facts():
    random = np.random.default_rng(0)
    names = ["<b>tenure</b>", "$x^{$", "=1+1"]
    schema = {
        "id": None,
        "target": {"column": "left`<i>", "positive": "<img src=x>", "negative": "No"},
        "features": [
            {"name": names[0], "kind": "number", "values": [], "integer": False},
            {"name": names[1], "kind": "category", "values": [], "closed": False},
            {"name": names[2], "kind": "category", "values": [], "closed": False},
        ],
    }
    features = pd.DataFrame(
        {
            names[0]: random.normal(size=900),
            names[1]: [HOSTILE[at % 3] for at in range(900)],
            names[2]: [HOSTILE[3 + at % 3] for at in range(900)],
        }
    )
    keys = np.array([f"k{at}" for at in range(900)], dtype=object)
    rows = Rows(features, keys, keys, keys, random.integers(0, 2, 900))
    train, test = rows.only(slice(0, 500)), rows.only(slice(500, None))
    preprocessing = fit_and_transform(schema, train.features[names], False)[0]
    classifier = LogisticRegression().fit(preprocessing.transform(train.features[names]), train.label)
    model = Pipeline([("preprocessing", preprocessing), ("classifier", classifier)])
    answered = model.predict_proba(test.features[names])[:, 1]
    return Facts(
        name="=RF|<script>",
        registered_model="Model",
        params={"n_estimators": 40},
        threshold=0.5,
        held_method="out-of-bag",
        metrics={"f1_oof": 0.6, **measure(test.label, answered, 0.5, test.group, 1)},
        schema=schema,
        train=train,
        test=test,
        held=model.predict_proba(train.features[names])[:, 1],
        answered=answered,
        training={"dataset": {"path": "/data/`<x>`.csv", "rows": 900, "sha256": "ab" * 32}, "splitSeed": 42},
        model=model,
        version="7",
        search=[{"version": "7", "name": "=RF|<script>", "metrics": {"f1_oof": 0.6, "f1_score": 0.5}, "params": {}}],
    )


def test_a_model_card_shows_hostile_names_as_they_are_written(facts, tmp_path):
    files = write.write_evidence(tmp_path, facts)
    card = files[0].read_text(encoding="utf-8")
    outside_code = re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", card, flags=re.DOTALL))
    assert "&lt;b&gt;tenure&lt;/b&gt;" in card
    assert not re.search(r"<[a-z/!]", outside_code)
    assert "](" not in outside_code
    assert card.count("`") % 2 == 0


def test_no_cell_of_the_evidence_is_a_formula_to_a_spreadsheet(facts, tmp_path):
    write.write_evidence(tmp_path, facts)
    tables = sorted(tmp_path.rglob("*.csv"))
    assert {table.name for table in tables} == {"importance.csv", "leaderboard.csv", "slices.csv"}
    for table in tables:
        cells = [cell for line in csv.reader(table.open(encoding="utf-8", newline="")) for cell in line]
        assert any(cell.startswith("'=") for cell in cells), table.name
        assert [cell for cell in cells if re.match(r"[=+@\t\r]|-(?![\d.])", cell)] == []


def test_the_leaderboard_of_a_parent_run_is_plain_text_too(facts):
    text = leaderboard.markdown(facts.search, "Model")
    assert "<script>" not in re.sub(r"`[^`]*`", "", text)
    assert "=RF\\|&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-5", "-5"),
        ("+1e3", "+1e3"),
        ("-5+x", "'-5+x"),
        ("\t=1", "'\t=1"),
        ("\uff1d1", "'\uff1d1"),
        (-0.5, -0.5),
        (None, None),
        ("DSL", "DSL"),
    ],
)
def test_a_cell_is_guarded_as_the_typescript_half_does(value, written):
    assert spreadsheet(value) == written


def test_text_for_markdown_stays_on_its_line():
    assert plain("a\n# b<c>\u2028`d` [e](f)") == "a # b&lt;c&gt; &#96;d&#96; &#91;e&#93;(f)"
    assert code("a`b\nc") == "`a'b c`"


def test_the_input_example_of_a_model_is_no_customer(trained):
    request, outcome = trained
    client = connect(request["store"]["trackingUri"])
    folder = version_folder(client, "RandomForestGridSearch", outcome["candidates"][0]["version"])
    table = pd.read_csv(request["dataset"]["path"], dtype=str, keep_default_na=False)
    for name in ("input_example.json", "serving_input_example.json"):
        example = json.loads((folder / name).read_text(encoding="utf-8"))
        split = example.get("dataframe_split", example)
        rows = pd.DataFrame(split["data"], columns=split["columns"])
        assert len(rows) > 0
        known = table[list(rows.columns)]
        for _, row in rows.iterrows():
            same = [_same(known[column], value) for column, value in row.items()]
            assert not np.logical_and.reduce(same).any()


def _same(texts, value):
    if isinstance(value, str):
        return (texts == value).to_numpy()
    return (pd.to_numeric(texts, errors="coerce") == float(value)).to_numpy()
