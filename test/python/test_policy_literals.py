"""No threshold, default, stage or tag is a literal of Python: they come from `src/domain/` by the contract.

Numbers are looked for where a policy would stand: in constants, defaults, comparisons, and arguments of ``get``,
``min``, ``max`` and ``quantile``. 0, 1 and -1 are counts and ends.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from churn_ops.contract import Stages, TrainingRules

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "churn_ops"
_PLAIN = (0, 1, -1)
_STAGES = {value for name, value in vars(Stages).items() if name.isupper()} - {Stages.NONE}
_CHOOSING = {"get", "min", "max", "quantile", "getattr", "pop", "setdefault"}

#: What may stand in Python, as ``file:constant`` or ``file:text of the line``, and why.
ALLOWED = {
    "*:*_SECONDS*": "how long a machine is waited for; no model and no version depends on it",
    "*:_*_BYTES": "size of a buffer",
    "*:*_CHARACTERS": "how much of a message is shown",
    "*:_BATCH_ROWS": "rows in memory at once",
    "*:_CHUNK": "draws in memory at once",
    "*:*2**53*": "what JavaScript's numbers hold",
    "*:_MAX_SAFE_INTEGER": "what JavaScript's numbers hold",
    "*:_EXIT_TERMINATED": "the exit code that shells give SIGTERM",
    "*:*len(np.unique(*labels)) ?? 2*": "both classes of two",
    "*:if len(np.unique(*labels)) < 2:": "both classes of two",
    "*:if len(set(labels*)) < 2:": "both classes of two",
    "*:more = *": "how many examples a sentence names",
    "training/commit/search_warnings.py:_MOST_NAMED": "how many examples a sentence names",
    "serving/array_file.py:_ALIGNMENT": "bytes of a double",
    "serving/boundary_rows.py:_TRIES": "rows tried for a proof, which counts those that it has",
    "serving/made_up_rows.py:*": "how made-up rows are mixed; a proof holds for any mixture",
    "serving/model_parts.py:if len(steps) != 2 *": "the two steps of a pipeline of ours",
    "serving/proof_files.py:_ROWS_AT_ONCE": "rows in memory at once",
    "upkeep/relocated_files.py:_SHOWN": "how many examples a sentence names",
    "training/fit/split.py:*count >= 2*": "scikit-learn stratifies from two customers on",
    "training/fit/split.py:*_UNKNOWN*": "codes in an array",
    "training/fit/split.py:*16[*][*]13*": "a hash as a number between 0 and 1",
    "training/fit/time_split.py:LEFT_OUT": "a code in an array",
    "training/fit/out_of_sample.py:count = folds or max(2*": "cross-validation takes two folds at least",
    "training/fit/measure.py:*f1_at_half*": "the metric is defined so",
    "training/fit/calibrate.py:_EDGE": "keeps a logarithm finite",
    "training/fit/skops_file.py:_TREES": "a place in a file's name",
    "training/fit/picture.py:*(_LEFT, _TOP)*": "where things are drawn",
    "training/fit/picture.py:_CELL": "where things are drawn",
    "training/fit/picture.py:_SIZE": "where things are drawn",
    "training/fit/picture.py:draw.text(*": "black on white, white on black",
    "training/fit/picture.py:return name if len(name) <= 10*": "what fits into the picture",
    "training/evidence/figure.py:def new_figure(*": "where things are drawn",
    "training/evidence/slices.py:edges = *": "terciles are thirds",
    "training/commit/model_folder.py:quantile = *": "the middle of each part",
    "statistics/skill.py:_STEPS": "bisection down to the last digit",
    "statistics/skill.py:return (area - value) *": "a formula",
    "statistics/f1_interval.py:*cells < 3*": "cells of a table of two by two",
    "registry/compare/paired.py:_CELLS": "cells of a table of two by four",
    "registry/compare/paired.py:*cells >= 4*": "cells of a table of two by four",
    "process/owner.py:if len(parts) != 4*": "parts of a text",
    "drift/report_page.py:if len(parts) != 4*": "parts of a page",
    "store/address.py:*error.code*": "codes of HTTP",
    "store/errors.py:*status*": "codes of HTTP",
    "store/locks/file_lock.py:*wait_seconds / 2*": "when a wait is first told of",
    "upkeep/store_state.py:*start_time / 1000*": "milliseconds",
    "versions/searches.py:_KEY*": "how long a tag of MLflow may be",
    "versions/searches.py:_TAGS_A_CALL": "how many tags MLflow takes at once",
    "table/export/export.py:*len(owner) < 16*": "digits of a process id",
    "upkeep/prune/*:*": "what may not be deleted is judged under the store's lock",
}


def literals(source: str) -> Iterator[tuple[int, str]]:
    """Give line and name, or line and text, of every number where a policy would stand, and of every stage and tag."""
    tree, lines = ast.parse(source), source.splitlines()
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        for name, part in _policy_places(node):
            for each in _numbers(part):
                yield each.lineno, name or lines[each.lineno - 1].strip()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            is_named = node.value in _STAGES or re.search(r"churnops\.[a-z_]", node.value) is not None
            if is_named:
                yield node.lineno, lines[node.lineno - 1].strip()


def _policy_places(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Module | ast.ClassDef):
        for statement in node.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                yield ", ".join(map(ast.unparse, targets)), statement.value
    elif isinstance(node, ast.arguments):
        for default in [*node.defaults, *filter(None, node.kw_defaults)]:
            yield "", default
    elif isinstance(node, ast.Compare):
        for operand in [node.left, *node.comparators]:
            yield "", operand
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        for operand in node.values[1:]:
            yield "", operand
    elif isinstance(node, ast.Call) and _called(node) in _CHOOSING:
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            yield "", argument


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _numbers(part: ast.AST) -> Iterator[ast.Constant]:
    """Give the numbers of an expression, without places in a sequence; calls inside are looked at by themselves."""
    if isinstance(part, ast.Constant):
        if type(part.value) in (int, float) and part.value not in _PLAIN:
            yield part
        return
    if isinstance(part, ast.Slice | ast.Call | ast.Lambda | ast.comprehension):
        return
    children = [part.value] if isinstance(part, ast.Subscript) else ast.iter_child_nodes(part)
    for child in children:
        yield from _numbers(child)


def _found() -> list[tuple[str, str]]:
    return [
        (file.relative_to(PACKAGE).as_posix(), text)
        for file in sorted(PACKAGE.rglob("*.py"))
        if file.name != "contract.py"
        for _, text in literals(file.read_text(encoding="utf-8"))
    ]


def _allows(pattern: str, file: str, text: str) -> bool:
    files, texts = pattern.split(":", 1)
    return fnmatchcase(file, files) and fnmatchcase(text, texts)


def test_no_limit_default_stage_or_tag_is_a_literal_of_python():
    found = _found()
    left = [f"{file}: {text}" for file, text in found if not any(_allows(each, file, text) for each in ALLOWED)]
    assert left == [], "let it come from src/domain by the contract or the request"


def test_whatever_is_allowed_is_there():
    found = _found()
    assert [each for each in ALLOWED if not any(_allows(each, file, text) for file, text in found)] == []


@pytest.mark.parametrize(
    "line",
    [
        "LIMIT = 0.56",
        "LIMITS = {'f1': [0.56]}",
        "class Rules:\n    floor: float = 30",
        "def promote(floor=0.56): ...",
        "def promote(*, floor=0.56): ...",
        "def drifted(score):\n    return score >= 0.1",
        "few = 30 > len(rows)",
        "late = age * 2 > 3600 + grace",
        "floor = settings.get('floor', 0.56)",
        "floor = settings.floor or 0.56",
        "least = max(30, rows)",
        "low = np.quantile(drawn, [0.025, 0.975])",
        "ok = version.current_stage == 'Production'",
        "writer.put(version, 'Archived')",
        "tags['churnops.threshold']",
        "query = f'tags.`churnops.key` = {key}'",
    ],
)
def test_a_planted_one_is_found(line):
    assert list(literals(line)) != []


@pytest.mark.parametrize(
    "line",
    [
        "FIRST = 0",
        "names = found[:3]",
        "def share():\n    half = 2 * hits / (hits + missed)",
        "some = count > TrainingRules.MINIMUM_ROWS",
        "'''Of the stage Production, by the tag churnops.key.'''",
        "name = 'production'",
    ],
)
def test_counting_and_telling_is_none(line):
    assert list(literals(line)) == []


def test_the_contract_has_what_python_goes_by():
    assert TrainingRules.MINIMUM_ROWS > 1
    assert {Stages.PRODUCTION, Stages.ARCHIVED, Stages.STAGING} == _STAGES
