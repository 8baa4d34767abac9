"""What is fuzzed: everything of the project that parses bytes which may come from a stranger.

A target takes bytes and does with them what a command would. What may be raised on the way is one of the project's
errors, which the command line turns into a sentence; anything else is a finding. Modules are imported by `load`, so
that who fuzzes can watch the import and measure what the bytes reach.
"""

import io
import json
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Target = Callable[[bytes], None]

FOLDER = Path(tempfile.gettempdir()) / "fkd-fuzz"
"""For files that a target is to read; `run.py` gives each process a temporary folder of its own."""


def load(name: str) -> tuple[Target, list[bytes]]:
    """Returns a target, and bytes that it takes, from which fuzzing starts."""
    return TARGETS[name]()


def _file(data: bytes, name: str) -> Path:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / name
    path.write_bytes(data)
    return path


def configuration() -> tuple[Target, list[bytes]]:
    """The file of `--config`."""
    import typer
    from typer.main import get_command

    from tracker.cli.main import live_application
    from tracker.errors import InputError

    command: Any = get_command(live_application)
    context = typer.Context(command)

    def target(data: bytes) -> None:
        try:
            command.read(_file(data, "fkd.toml"), context)
        except InputError:
            return

    seeds = [
        b'smooth = "high"\nmax_faces = 3\ndetector = "short"\n[live]\ncamera = 2\nmirror = true\npoints = ["a.csv"]\n',
        b'[live]\nsize = "640x480"\nfps = 30.5\n[video]\nout = "a.mp4"\n',
    ]
    return target, seeds


def points_lines() -> tuple[Target, list[bytes]]:
    """A `.jsonl` of faces, as `fkd plot` reads it."""
    return _points(".jsonl")


def points_table() -> tuple[Target, list[bytes]]:
    """A `.csv` of faces."""
    return _points(".csv")


def points_columns() -> tuple[Target, list[bytes]]:
    """A `.parquet` of faces."""
    return _points(".parquet")


def _points(suffix: str) -> tuple[Target, list[bytes]]:
    import numpy as np

    from tracker.errors import InputError
    from tracker.faces import Faces
    from tracker.frame import Frame
    from tracker.plots.reading import read_table
    from tracker.sinks import open_points

    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"written{suffix}"
    path.unlink(missing_ok=True)
    faces = Faces(np.full((2, 15, 2), 7.5), np.ones((2, 15)), np.array([[0, 0, 9, 9.0]] * 2), np.ones(2), np.arange(2))
    with open_points(path) as sink:
        for index in range(2):
            sink.append(Frame(np.zeros((16, 16, 3), np.uint8), index, index / 30), faces)

    def target(data: bytes) -> None:
        try:
            table = read_table(_file(data, f"points{suffix}"))
        except InputError:
            return
        assert len(table.points) == len(table.times) == len(table.boxes)

    return target, [path.read_bytes()]


def journal() -> tuple[Target, list[bytes]]:
    """The journal beside a `.parquet` or `.json` that was not completed, as `fkd recover` reads it."""
    import numpy as np

    from tracker.errors import InputError
    from tracker.faces import Faces
    from tracker.frame import Frame
    from tracker.sinks import open_points, recover_points
    from tracker.sinks.journal import journal_of

    FOLDER.mkdir(exist_ok=True)
    seeds = []
    one = Faces(np.full((2, 15, 2), 7.5), np.ones((2, 15)), np.array([[0, 0, 9, 9.0]] * 2), np.ones(2), np.arange(2))
    measured = Faces(one.points, one.confidence, one.boxes, one.scores, one.ids, {"yaw": [1.5, np.nan]})
    for faces in (one, measured):
        path = FOLDER / "written.parquet"
        with open_points(path, overwrite=True, measures=tuple(faces.measures)) as sink:
            for index in range(2):
                sink.append(Frame(np.zeros((16, 16, 3), np.uint8), index, index / 30), faces)
            seeds.append(journal_of(path).read_bytes())

    def target(data: bytes) -> None:
        for suffix in (".parquet", ".json"):
            path = FOLDER / f"recovered{suffix}"
            _file(data, journal_of(path).name)
            try:
                recover_points(path)
            except InputError:
                continue

    return target, seeds


def competition() -> tuple[Target, list[bytes]]:
    """The competition's tables; the first byte says which."""
    from tracker.errors import InputError
    from training.data.csv_files import parse_lookup, parse_solution, parse_test, parse_training
    from training.data.dataset import CELLS

    parsers: list[Callable[[str, bytes], Any]] = [parse_training, parse_test, parse_lookup, parse_solution]

    def target(data: bytes) -> None:
        if data:
            try:
                parsers[data[0] % len(parsers)]("table.csv", data[1:])
            except InputError:
                return

    pixels = " ".join(["7"] * 96 * 96)
    seeds = [
        f"0{','.join(CELLS)},Image\n{','.join(['1.5'] * len(CELLS))},{pixels}\n",
        f"1ImageId,Image\n1,{pixels}\n",
        "2RowId,ImageId,FeatureName,Location\n1,1,nose_tip_x,\n",
        "3RowId,Location\n1,2.5\n",
    ]
    return target, [seed.encode() for seed in seeds]


def competition_archive() -> tuple[Target, list[bytes]]:
    """The competition's zip."""
    import zipfile

    from tracker.errors import InputError
    from training.data.competition import read_dataset

    def target(data: bytes) -> None:
        try:
            read_dataset(_file(data, "packed.zip"), use_cache=False)
        except InputError:
            return

    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("training.csv", "a,b\n1,2\n")
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("training.zip", inner.getvalue())
        packed.writestr("test.csv", "ImageId,Image\n")
    return target, [outer.getvalue(), inner.getvalue()]


def face_set() -> tuple[Target, list[bytes]]:
    """The table of the face set, and what is made of its coordinates."""
    from tracker.errors import InputError
    from training.data.face_set import COLUMNS, read_face_set

    folder = FOLDER / "faces"

    def target(data: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "faces.csv").write_bytes(data)
        try:
            read_face_set(folder)
        except InputError:
            return

    row = ["a.jpg", "lfpw", "1", "human", "9", "9", *["1.5"] * 30]
    return target, [f"{','.join(COLUMNS)}\n{','.join(row)}\n".encode()]


def record() -> tuple[Target, list[bytes]]:
    """The record of an exported model, `model.json`."""
    from tracker.errors import EngineError
    from tracker.record import read_record

    def target(data: bytes) -> None:
        try:
            read_record(_file(data, "model.json"))
        except EngineError:
            return

    framing = {"eyes_in_side": 2.6, "mouth_in_side": 2.4, "eyes_weight": 0.6}
    whole = {"format": 1, "framing": framing, "confidence": True, "default": None, "files": {"a": {"sha256": "0"}}}
    return target, [json.dumps(whole).encode()]


def keras_weights() -> tuple[Target, list[bytes]]:
    """Keras weights: two small arrays of a file."""
    import h5py
    import numpy as np

    from tracker.loading.hdf5 import ArrayFile

    names = {"layers/conv2d/vars/0": (3, 3, 1, 2), "layers/dense/vars/0": (4,)}
    written = io.BytesIO()
    with h5py.File(written, "w") as file:
        for name, shape in names.items():
            file[name] = np.ones(shape, np.float32)

    def target(data: bytes) -> None:
        try:
            file = ArrayFile(data)
            arrays = [file.array(name, shape) for name, shape in names.items()]
        except ValueError:
            return
        assert [array.shape for array in arrays] == list(names.values())

    return target, [written.getvalue()]


def litert() -> tuple[Target, list[bytes]]:
    """A LiteRT file. One that passes is also run, for the interpreter must stand what passes."""
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    from tracker.loading.litert import check

    def target(data: bytes) -> None:
        try:
            check(data)
        except ValueError:
            return
        try:
            interpreter = Interpreter(model_content=data, num_threads=1)
            (given,) = interpreter.get_input_details()
            interpreter.resize_tensor_input(given["index"], [2, 96, 96, 1])
            interpreter.allocate_tensors()
            interpreter.set_tensor(given["index"], np.zeros((2, 96, 96, 1), np.float32))
            interpreter.invoke()
        except (ValueError, RuntimeError):
            return

    return target, [small_litert()]


def small_litert() -> bytes:
    """A LiteRT file from crops to keypoints of 3 kB: means over nine fields, a dense layer, a change of shape."""
    import flatbuffers
    import numpy as np
    from ai_edge_litert import schema_py_generated as schema

    kinds = schema.BuiltinOperator
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.description, model.buffers = 3, b"small", [schema.BufferT()]
    arrays = [[1, 96, 96, 1], [1, 3, 3, 1], np.ones((45, 9), "<f4"), [1, 45], np.array([-1, 15, 3], "<i4"), [1, 15, 3]]
    graph.tensors, graph.inputs, graph.outputs, graph.name = [], [0], [5], b"main"
    for index, array in enumerate(arrays):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.buffer = f"array {index}".encode(), array, 0
        if isinstance(array, np.ndarray):
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(array.tobytes(), np.uint8)
            model.buffers.append(buffer)
            tensor.shape, tensor.buffer = list(array.shape), len(model.buffers) - 1
            tensor.type = schema.TensorType.INT32 if array.dtype == "<i4" else schema.TensorType.FLOAT32
        else:
            tensor.shapeSignature = [-1, *array[1:]]
        graph.tensors.append(tensor)
    pool = schema.Pool2DOptionsT()
    pool.padding, pool.strideW, pool.strideH, pool.filterWidth, pool.filterHeight = schema.Padding.VALID, 32, 32, 32, 32
    graph.operators, model.operatorCodes = [], []
    for number, inputs, output, options in (
        (kinds.AVERAGE_POOL_2D, [0], 1, pool),
        (kinds.FULLY_CONNECTED, [1, 2, -1], 3, schema.FullyConnectedOptionsT()),
        (kinds.RESHAPE, [3, 4], 5, schema.ReshapeOptionsT()),
    ):
        code, operator = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = number
        code.version = 1
        operator.opcodeIndex, operator.inputs, operator.outputs = len(model.operatorCodes), inputs, [output]
        operator.builtinOptions = options
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
        model.operatorCodes.append(code)
        graph.operators.append(operator)
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def addresses() -> tuple[Target, list[bytes]]:
    """Addresses that the command line is given."""
    from tracker.errors import InputError
    from tracker.serve.address import parse_address
    from tracker.sinks.streams import Address

    def target(data: bytes) -> None:
        for parse in (parse_address, Address.parse):
            try:
                parse(data.decode("utf-8", "surrogateescape"))
            except InputError:
                continue

    return target, [b"8000", b"[::1]:80", b"osc://127.0.0.1:9000", b"ws://[::1]:1?origin=https://a.example"]


def viewers() -> tuple[Target, list[bytes]]:
    """What a viewer of the web page says."""
    from tracker.serve.hub import Viewer

    def target(data: bytes) -> None:
        viewer = Viewer(lambda: None, pictures=True)
        for line in data.decode("utf-8", "replace").split("\n"):
            viewer.hear(line)
            viewer.wants()

    return target, [b"picture 0\npoints 12", struct.pack("<Q", 7)]


TARGETS: dict[str, Callable[[], tuple[Target, list[bytes]]]] = {
    each.__name__: each
    for each in (
        configuration,
        points_lines,
        points_table,
        points_columns,
        journal,
        competition,
        competition_archive,
        face_set,
        record,
        keras_weights,
        litert,
        addresses,
        viewers,
    )
}
