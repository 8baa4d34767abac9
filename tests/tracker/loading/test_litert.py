"""LiteRT files are looked through before the interpreter gets them."""

import contextlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import EngineError
from tracker.engines import open_engine
from tracker.loading import litert
from tracker.loading.operations import OPERATIONS
from tracker.models import DETECTORS, KEYPOINTS_FLOAT, KEYPOINTS_INT8, models_folder


@pytest.fixture(scope="module")
def whole() -> bytes:
    return (models_folder() / KEYPOINTS_INT8).read_bytes()


def packed(whole: bytes, change: Callable[[Any], object]) -> bytes:
    """A changed copy of a model, written by the flatbuffers library."""
    model = schema.ModelT.InitFromPackedBuf(whole)
    change(model)
    builder = flatbuffers.Builder(len(whole))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize("name", [KEYPOINTS_INT8, KEYPOINTS_FLOAT])
def test_what_ships_passes(name: str) -> None:
    litert.check((models_folder() / name).read_bytes())


def test_operations_are_numbered_as_in_the_schema() -> None:
    for number, operation in OPERATIONS.items():
        assert getattr(schema.BuiltinOperator, operation.name) == number
        assert operation.options in vars(schema.BuiltinOptions).values()


@pytest.mark.parametrize("name", DETECTORS.values())
def test_a_network_of_something_else_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"MB per crop|one array"):
        litert.check((models_folder() / name).read_bytes())


def graph(model: Any) -> Any:
    return model.subgraphs[0]


def convolution(model: Any) -> Any:
    kinds = [code.builtinCode for code in model.operatorCodes]
    return next(each for each in graph(model).operators if kinds[each.opcodeIndex] == schema.BuiltinOperator.CONV_2D)


def constant(model: Any) -> Any:
    return next(each for each in graph(model).tensors if model.buffers[each.buffer].data is not None)


def computed(model: Any) -> Any:
    """All arrays that are computed are claimed to be as large as is allowed for one."""
    for each in graph(model).tensors:
        if model.buffers[each.buffer].data is None and len(each.shape) == 4 and each.shape[1] == 12:
            each.shape = [1, 1 << 12, 1 << 12, 1]
            each.shapeSignature = None


def custom(model: Any) -> None:
    model.operatorCodes[0].builtinCode = schema.BuiltinOperator.CUSTOM
    model.operatorCodes[0].deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    model.operatorCodes[0].customCode = "FlexReadFile"


def operation(number: int) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        model.operatorCodes[0].builtinCode = number
        model.operatorCodes[0].deprecatedBuiltinCode = min(number, 127)

    return change


def assign(part: Callable[[Any], Any], **values: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        for name, value in values.items():
            assert hasattr(part(model), name)
            setattr(part(model), name, value)

    return change


CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "custom operation": (custom, "no model of ours needs"),
    "loop": (operation(schema.BuiltinOperator.WHILE), "its operation 119"),
    "call": (operation(schema.BuiltinOperator.CALL_ONCE), "its operation 129"),
    "another version": (assign(lambda m: m, version=2), "version"),
    "two graphs": (lambda m: m.subgraphs.append(graph(m)), "2 graphs"),
    "no graph": (lambda m: m.subgraphs.clear(), "0 graphs"),
    "two inputs": (assign(graph, inputs=[0, 1]), "one array"),
    "an input that is not there": (assign(graph, inputs=[9999]), "does not have"),
    "an output before zero": (assign(graph, outputs=[-1]), "does not have"),
    "an output never computed": (lambda m: graph(m).operators.pop(), "never computed"),
    "a type of no number": (assign(lambda m: graph(m).tensors[5], type=schema.TensorType.RESOURCE), "of a type"),
    "a text": (assign(lambda m: graph(m).tensors[5], type=schema.TensorType.STRING), "of a type"),
    "a variable": (assign(lambda m: graph(m).tensors[5], isVariable=True), "of a type"),
    "a buffer that is not there": (assign(lambda m: graph(m).tensors[5], buffer=99999), "does not have"),
    "a constant of another size": (assign(constant, shape=[77], shapeSignature=None), "bytes by its shape"),
    "an empty side": (assign(lambda m: graph(m).tensors[5], shape=[0]), r"of shape \(0,\)"),
    "terabytes": (assign(lambda m: graph(m).tensors[-2], shape=[1 << 20] * 2, shapeSignature=None), "MB per crop"),
    "gigabytes in parts": (computed, "MB per crop"),
    "many dimensions": (assign(lambda m: graph(m).tensors[-2], shape=[1] * 9, shapeSignature=None), "of shape"),
    "an array read before it is computed": (lambda m: graph(m).operators.reverse(), "not computed before it"),
    "an input that the operation lacks": (assign(convolution, inputs=[0, -1, -1]), "not computed before it"),
    "too few inputs": (assign(convolution, inputs=[0]), "another number of arrays"),
    "a step of zero": (assign(lambda m: convolution(m).builtinOptions, strideW=0), "0 as a step"),
    "a step back": (assign(lambda m: convolution(m).builtinOptions, dilationHFactor=-1), "-1 as a step"),
    "options of another operation": (
        assign(convolution, builtinOptionsType=schema.BuiltinOptions.PackOptions, builtinOptions=schema.PackOptionsT()),
        "options of another",
    ),
    "no options": (assign(convolution, builtinOptionsType=0, builtinOptions=None), "has no options"),
    "options of its own": (assign(convolution, customOptions=[1, 2, 3]), "no model of ours needs"),
    "weights elsewhere": (
        lambda m: (setattr(m.buffers[2], "offset", 1 << 40), setattr(m.buffers[2], "size", 1 << 40)),
        "no model of ours needs",
    ),
    "a scale of zero": (
        lambda m: [
            setattr(each.quantization, "scale", [0.0])
            for each in graph(m).tensors
            if each.quantization is not None
            and each.quantization.scale is not None
            and len(each.quantization.scale) == 1
        ],
        "ranges that are none",
    ),
    "many operation codes": (lambda m: m.operatorCodes.extend([m.operatorCodes[0]] * 5000), "would be many"),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES.keys())
def test_what_no_model_of_ours_has_is_refused(
    whole: bytes, tmp_path: Path, change: Callable[[Any], object], said: str
) -> None:
    content = packed(whole, change)
    tracemalloc.start()
    with pytest.raises(ValueError, match=said):
        litert.check(content)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
    (tmp_path / "a.tflite").write_bytes(content)
    with pytest.raises(EngineError, match=r"a\.tflite is not a LiteRT model that can be run here") as error:
        open_engine("auto", tmp_path / "a.tflite")
    assert "\n" not in str(error.value)


def test_an_unchanged_copy_passes(whole: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes(packed(whole, lambda _: None))
    assert open_engine("auto", tmp_path / "a.tflite").predict is not None


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litert, "LARGEST", 1 << 20)
    with (tmp_path / "a.tflite").open("wb") as file:
        file.write(b"\0\0\0\0TFL3")
        file.truncate(1 << 40)
    with pytest.raises(EngineError, match="larger than 1 MB"):
        open_engine("auto", tmp_path / "a.tflite")


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_broken_files_are_refused_or_pass(whole: bytes, data: st.DataObject) -> None:
    """Cut anywhere or with any bytes of its tables changed, a file passes or there is a ValueError."""
    content = bytearray(whole[: data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))])
    if len(content) > 8:
        for place in data.draw(st.lists(st.integers(0, min(len(content), 40_000) - 1), max_size=4)):
            content[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        litert.check(bytes(content))
