"""Only arrays are read of a weights file, and only as Keras writes them."""

import contextlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.loading.files import SHAPES, write_arrays
from tracker.loading.hdf5 import ArrayFile
from tracker.models import KEYPOINTS_KERAS, models_folder

FIRST = "layers/conv2d/vars/0"


def read(path: Path) -> None:
    file = ArrayFile(path.read_bytes())
    for name, shape in SHAPES.items():
        file.array(name, shape)


def test_arrays_are_what_the_library_reads() -> None:
    path = models_folder() / KEYPOINTS_KERAS
    ours = ArrayFile(path.read_bytes())
    count = 0
    with h5py.File(path) as theirs:

        def compare(name: str, item: object) -> None:
            nonlocal count
            if isinstance(item, h5py.Dataset):
                assert (ours.array(name, item.shape) == item[()]).all()
                count += 1
            elif isinstance(item, h5py.Group):
                assert ours.names(name) == set(item)

        theirs.visititems(compare)
    assert count == 87


def test_groups_of_many_entries_are_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for index in range(1500):  # two levels of the tree
            file[f"layers/dense_{index}/vars/0"] = np.full(2, index, np.float32)
    ours = ArrayFile((tmp_path / "a.h5").read_bytes())
    assert ours.names("layers") == {f"dense_{index}" for index in range(1500)}
    assert (ours.array("layers/dense_1234/vars/0", (2,)) == 1234).all()


def replace(path: Path, make: Callable[[h5py.File], None]) -> None:
    with h5py.File(path, "a") as file:
        del file[FIRST]
        make(file)


def outside(folder: Path) -> list[tuple[str, int, int]]:
    (folder / "raw").write_bytes(bytes(4096))
    return [(str(folder / "raw"), 0, 4096)]


HOSTILE: dict[str, tuple[Callable[[h5py.File, Path], object], str]] = {
    "external link": (lambda f, d: f.__setitem__(FIRST, h5py.ExternalLink(str(d / "canary.h5"), "/x")), "links"),
    "external link at the root": (
        lambda f, d: f.__setitem__("y", h5py.ExternalLink(str(d / "canary.h5"), "/")),
        "links",
    ),
    "soft link": (lambda f, _: f.__setitem__(FIRST, h5py.SoftLink("/layers/dense/vars/0")), "links"),
    "data in another file": (
        lambda f, d: f.create_dataset(FIRST, SHAPES[FIRST], np.float32, external=outside(d)),
        "another file",
    ),
    "virtual dataset": (lambda f, _: f.create_virtual_dataset(FIRST, virtual()), "one piece|cannot be read"),
    "compressed": (
        lambda f, _: f.create_dataset(FIRST, data=np.ones(SHAPES[FIRST], np.float32), compression=9),
        "compressed",
    ),
    "chunked": (
        lambda f, _: f.create_dataset(FIRST, data=np.ones(SHAPES[FIRST], np.float32), chunks=True),
        "one piece",
    ),
    "terabytes": (lambda f, _: f.create_dataset(FIRST, (1 << 40,), np.float32), "shape"),
    "terabytes in chunks": (lambda f, _: f.create_dataset(FIRST, (1 << 40,), np.float32, chunks=(1024,)), "shape"),
    "declared but not there": (lambda f, _: f.create_dataset(FIRST, SHAPES[FIRST], np.float32), "cut short"),
    "doubles": (lambda f, _: f.create_dataset(FIRST, data=np.ones(SHAPES[FIRST])), "32-bit"),
    "the other byte order": (lambda f, _: f.create_dataset(FIRST, data=np.ones(SHAPES[FIRST], ">f4")), "32-bit"),
    "objects": (lambda f, _: f.create_dataset(FIRST, SHAPES[FIRST], h5py.string_dtype()), "32-bit"),
    "references": (lambda f, _: f.create_dataset(FIRST, SHAPES[FIRST], h5py.ref_dtype), "32-bit"),
    "no numbers": (lambda f, _: f.create_dataset(FIRST, data=np.full(SHAPES[FIRST], np.nan, np.float32)), "no numbers"),
    "infinite": (lambda f, _: f.create_dataset(FIRST, data=np.full(SHAPES[FIRST], np.inf, np.float32)), "no numbers"),
    "a group": (lambda f, _: f.create_group(FIRST), "no array"),
    "nothing": (lambda f, _: f.flush(), "missing"),
}


def virtual() -> h5py.VirtualLayout:
    layout = h5py.VirtualLayout(SHAPES[FIRST], np.float32)
    layout[:] = h5py.VirtualSource("canary.h5", "x", SHAPES[FIRST])
    return layout


@pytest.mark.parametrize(("change", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_keras_does_not_write_is_refused(
    tmp_path: Path, change: Callable[[h5py.File, Path], object], said: str
) -> None:
    path = write_arrays(tmp_path / "a.h5")
    read(path)
    replace(path, lambda file: change(file, tmp_path))
    tracemalloc.start()
    with pytest.raises(ValueError, match=said):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("form", ["latest", ("v110", "latest")])
def test_newer_forms_are_refused(tmp_path: Path, form: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w", libver=form) as file:
        file[FIRST] = np.ones(SHAPES[FIRST], np.float32)
    with pytest.raises(ValueError, match="form"):
        read(tmp_path / "a.h5")


def test_a_tree_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    content = bytearray(write_arrays(tmp_path / "a.h5").read_bytes())
    tree = content.index(b"TREE")
    content[tree + 5] = 1  # itself is one level below
    content[tree + 32 : tree + 40] = tree.to_bytes(8, "little")
    with pytest.raises(ValueError, match="too many entries"):
        ArrayFile(bytes(content))


def test_a_tree_of_many_nodes_ends(tmp_path: Path) -> None:
    """Each node leads forty times to the next: 40 ** 6 ways, which nobody can walk."""
    content = bytearray(write_arrays(tmp_path / "a.h5").read_bytes())
    root = content.index(b"TREE")
    nodes = [len(content) + 1024 * index for index in range(6)]
    below = [*nodes[1:], content.index(b"SNOD")]
    for level, child in zip(range(5, -1, -1), below, strict=True):
        node = b"TREE" + bytes((0, level, 40, 0)) + bytes(16) + (bytes(8) + child.to_bytes(8, "little")) * 40
        content += node.ljust(1024, b"\0")
    content[root + 5] = 6
    content[root + 32 : root + 40] = nodes[0].to_bytes(8, "little")
    with pytest.raises(ValueError, match="too many entries"):
        ArrayFile(bytes(content))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_arrays(tmp_path_factory.mktemp("weights") / "a.h5").read_bytes()


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_broken_files_are_refused_or_read(whole: bytes, data: st.DataObject) -> None:
    """Cut anywhere and with any bytes changed, a file gives arrays of the shapes asked for or a ValueError."""
    content = bytearray(whole[: data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))])
    if content:
        for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
            content[place] = data.draw(st.integers(0, 255))
    arrays = []
    with contextlib.suppress(ValueError):
        file = ArrayFile(bytes(content))
        arrays = [file.array(name, shape) for name, shape in SHAPES.items()]
    assert [array.shape for array in arrays] in ([], list(SHAPES.values()))
