"""The Python end of the wire: whatever a method does, one strict JSON string comes of it."""

from __future__ import annotations

import importlib
import json
import math
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from churn_ops import contract, wire
from churn_ops.errors import ChurnOpsError, Interrupted
from churn_ops.process import lifetime


def _strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} crossed")

    return json.loads(text, parse_constant=refuse)


def _call(monkeypatch: pytest.MonkeyPatch, method: Any, payload: Any = None) -> Any:
    monkeypatch.setitem(wire.METHODS, "test", "churn_ops.wire:_test_method")
    monkeypatch.setattr(wire, "_test_method", method, raising=False)
    answer = wire.answer(json.dumps({"protocol": wire.PROTOCOL, "method": "test", "payload": payload}), None)
    assert isinstance(answer, str)
    return _strict(answer)


def test_a_result_comes_back_in_an_ok_envelope(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _call(monkeypatch, lambda payload, _progress: {"got": payload}, {"a": [1, None]})
    assert answer == {"protocol": wire.PROTOCOL, "ok": True, "result": {"got": {"a": [1, None]}}}


@pytest.mark.parametrize(
    ("value", "crossed"),
    [
        (math.nan, None),
        (-math.inf, None),
        (np.float64("nan"), None),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (2**53 - 1, 2**53 - 1),
        (2**53, str(2**53)),
        (np.int64(2**62), str(2**62)),
        (-(2**60), str(-(2**60))),
        ((1, math.nan), [1, None]),
        ({math.nan: math.nan}, {"nan": None}),
        ({1: {"deep": [np.float64("inf")]}}, {"1": {"deep": [None]}}),
        ("\ud800 \u2028 é", "\ud800 \u2028 é"),
        (True, True),
        (None, None),
    ],
)
def test_values_cross_as_strict_json(monkeypatch: pytest.MonkeyPatch, value: Any, crossed: Any) -> None:
    assert _call(monkeypatch, lambda _payload, _progress: value)["result"] == crossed


def test_the_answer_is_plain_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(wire.METHODS, "test", "churn_ops.wire:_test_method")
    monkeypatch.setattr(wire, "_test_method", lambda payload, _progress: payload, raising=False)
    request = json.dumps({"protocol": wire.PROTOCOL, "method": "test", "payload": "\u2028é\ud800"})
    assert wire.answer(request, None).isascii()


def _raising(error: BaseException) -> Any:
    def method(_payload: Any, _progress: Any) -> None:
        raise error

    return method


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (ChurnOpsError("BUSY", "Somebody writes.", "Wait."), "BUSY", "Somebody writes."),
        (ValueError("odd"), "PYTHON_ERROR", "ValueError: odd"),
        (KeyboardInterrupt(), "PYTHON_ERROR", "KeyboardInterrupt"),
        (SystemExit(2), "PYTHON_ERROR", "SystemExit: 2"),
        (Interrupted(), "INTERRUPTED", "Stopped on request."),
        (MemoryError(), "PYTHON_DIED", "Python ran out of memory."),
        (RecursionError("deep"), "PYTHON_ERROR", "RecursionError: deep"),
        (OSError(28, "No space left on device", "x"), "DISK_FULL", "No space left"),
        (PermissionError(13, "Permission denied", "x"), "NOT_WRITABLE", "Not allowed"),
        (ConnectionError("refused"), "PYTHON_ERROR", "ConnectionError: refused"),
    ],
)
def test_every_exception_becomes_an_envelope(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: str, text: str
) -> None:
    answer = _call(monkeypatch, _raising(error))
    assert answer["ok"] is False
    assert answer["error"]["code"] == code
    assert text in answer["error"]["message"]
    assert answer["error"]["hint"]


@pytest.mark.parametrize("details", [{"set": {1}}, {"nan": math.nan}, {"array": np.arange(3)}, {"path": Path("x")}])
def test_odd_details_never_keep_an_error_from_arriving(
    monkeypatch: pytest.MonkeyPatch, details: dict[str, Any]
) -> None:
    answer = _call(monkeypatch, _raising(ChurnOpsError("BUSY", "m", "h", details)))
    assert answer["error"]["code"] == "BUSY"


def test_a_result_that_holds_itself_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert _call(monkeypatch, lambda _payload, _progress: circle)["error"]["code"] == "PYTHON_ERROR"


@pytest.mark.parametrize(
    ("request_text", "code"),
    [
        ("no json", "PYTHON_ERROR"),
        ("[]", "PYTHON_ERROR"),
        (json.dumps({"protocol": wire.PROTOCOL + 1, "method": "warm", "payload": {}}), "BRIDGE_PROTOCOL"),
        (json.dumps({"protocol": wire.PROTOCOL, "method": "no.such", "payload": {}}), "BRIDGE_PROTOCOL"),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_too(request_text: str, code: str) -> None:
    assert _strict(wire.answer(request_text, None))["error"]["code"] == code


def test_progress_crosses_as_strict_json(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def method(_payload: Any, progress: wire.Progress) -> None:
        progress("fit", 1, 27, "RF_50_10_2 é")

    monkeypatch.setitem(wire.METHODS, "test", "churn_ops.wire:_test_method")
    monkeypatch.setattr(wire, "_test_method", method, raising=False)
    wire.answer(json.dumps({"protocol": wire.PROTOCOL, "method": "test", "payload": {}}), seen.append)
    assert [_strict(text) for text in seen] == [{"phase": "fit", "done": 1, "total": 27, "text": "RF_50_10_2 é"}]


@pytest.mark.parametrize("target", list(wire.METHODS.values()))
def test_every_method_of_the_table_exists(target: str) -> None:
    import importlib

    module, name = target.split(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_termination_interrupts_work_once_and_ends_an_idle_process() -> None:
    with pytest.raises(Interrupted), lifetime.interruptible():
        lifetime._interrupt(15, None)
    lifetime._interrupt(15, None)
    with lifetime.interruptible():
        pass
    with pytest.raises(SystemExit) as ended:
        lifetime._interrupt(15, None)
    assert ended.value.code == 143


def test_the_contract_names_every_method_and_each_is_there():
    assert set(wire.METHODS) == set(get_args(contract.MethodName))
    for target in wire.METHODS.values():
        module, function = target.split(":")
        assert callable(getattr(importlib.import_module(module), function))
