"""Reads arrays from an HDF5 file in the one form in which Keras writes weights, and refuses everything else.

The HDF5 library follows links into other files, allocates what a file declares, unpacks what it packs, and has had
many flaws by which a broken file corrupts the memory of who reads it. None of that can happen here: this is plain
Python on bytes that are in memory already, every position is checked, and of all that HDF5 can do only this is
understood: superblock version 0, groups as symbol tables, and contiguous datasets of little-endian float32 that lie in
the file.

Source: The HDF Group, "HDF5 File Format Specification Version 3.0"; section numbers below are its.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MOST_ENTRIES = 4096
"""A group of more entries than this, or a tree of more nodes, is none of a network."""
MOST_MESSAGES = 256
"""Nor is an object that is described by more messages than this."""
LONGEST_NAMES = 1 << 20
"""Nor a group whose names take more bytes than this."""
DEEPEST = 8
"""Nor a tree of more levels than this."""

_SUPERBLOCK = struct.Struct("<8sBBBBBBBBHHIQQQQQQII16s")  # II.A; the last five are the root group's entry
_HEADER = struct.Struct("<BBHII")  # IV.A.1.a
_MESSAGE = struct.Struct("<HHB3x")
_NODE = struct.Struct("<4sBBH16x")  # III.A.1
_SYMBOLS = struct.Struct("<4sBxH")  # III.B
_ENTRY = struct.Struct("<QQI20x")  # III.C
_HEAP = struct.Struct("<4sB3xQQQ")  # III.D
_LAYOUT = struct.Struct("<BBQQ")  # IV.A.2.i
_PLACE, _PAIR = struct.Struct("<Q"), struct.Struct("<QQ")

_DATASPACE, _LINK_INFO, _DATATYPE, _LINK, _EXTERNAL = 0x01, 0x02, 0x03, 0x06, 0x07
_DATA_LAYOUT, _FILTERS, _CONTINUATION, _SYMBOL_TABLE = 0x08, 0x0B, 0x10, 0x11
_SHARED = 0b10
_FLOAT32 = bytes.fromhex("11201f000400000000002000170800177f000000")
_CONTIGUOUS = 1
_SOFT_LINK = 2


class ArrayFile:
    """The arrays of an HDF5 file.

    Args:
        content: the file.

    Raises:
        ValueError: it is no HDF5 file, or one of another form.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        values = self._unpack(_SUPERBLOCK, 0)
        if values[0] != SIGNATURE:
            raise ValueError("it is no HDF5 file")
        if values[1] != 0 or values[6:8] != (8, 8) or values[12] != 0:
            raise ValueError("it is an HDF5 file of another form than Keras writes")
        self._groups: dict[str, Mapping[str, int]] = {"": self._group(values[17])}

    def names(self, group: str = "") -> set[str]:
        """Names of what is in a group, which is named by the names on the way to it with `/` between them."""
        return set(self._entries(group))

    def array(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Reads an array.

        Args:
            name: of its dataset, with the groups on the way to it.
            shape: which it must have; so no more memory is taken than the caller expects.

        Returns:
            The array, of its own memory.

        Raises:
            ValueError: it is not there, is of another shape or type, or is not held in the file as it should be.
        """
        group, _, leaf = name.rpartition("/")
        entries = self._entries(group)
        if leaf not in entries:
            raise ValueError(f"{name} is missing")
        messages = dict(self._messages(entries[leaf]))
        if _EXTERNAL in messages:
            raise ValueError(f"{name} lies in another file")
        if _FILTERS in messages:
            raise ValueError(f"{name} is compressed")
        if not {_DATASPACE, _DATATYPE, _DATA_LAYOUT} <= set(messages):
            raise ValueError(f"{name} is no array")
        found = _shape(messages[_DATASPACE])
        if found != shape:
            raise ValueError(f"{name} is of shape {found}, not {shape}")
        if messages[_DATATYPE][: len(_FLOAT32)] != _FLOAT32:
            raise ValueError(f"{name} is not of 32-bit floating-point numbers")
        return self._values(name, messages[_DATA_LAYOUT], shape)

    def _values(self, name: str, layout: bytes, shape: tuple[int, ...]) -> NDArray[np.float32]:
        size = 4 * int(np.prod(shape, dtype=np.int64))
        if len(layout) < _LAYOUT.size or layout[:2] != bytes((3, _CONTIGUOUS)):
            raise ValueError(f"{name} is not held in one piece")
        _, _, start, length = _LAYOUT.unpack_from(layout)
        if length != size:
            raise ValueError(f"{name} has {length} bytes, not {size}")
        values = np.frombuffer(self._bytes(start, size), "<f4").reshape(shape).astype(np.float32)
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds values that are no numbers")
        return values

    def _entries(self, group: str) -> Mapping[str, int]:
        """What a group holds: positions of object headers by name."""
        if group not in self._groups:
            parent, _, leaf = group.rpartition("/")
            entries = self._entries(parent)
            if leaf not in entries:
                raise ValueError(f"{group} is missing")
            self._groups[group] = self._group(entries[leaf])
        return self._groups[group]

    def _group(self, header: int) -> Mapping[str, int]:
        messages = dict(self._messages(header))
        if _LINK in messages or _LINK_INFO in messages:
            raise ValueError("it holds links that Keras does not write, which may lead into other files")
        if _SYMBOL_TABLE not in messages or len(messages[_SYMBOL_TABLE]) < _PAIR.size:
            raise ValueError("it holds something else where a group should be")
        tree, heap = _PAIR.unpack_from(messages[_SYMBOL_TABLE])
        names = self._heap(heap)
        entries: dict[str, int] = {}
        for name, place in self._symbols(tree, [MOST_ENTRIES], DEEPEST):
            end = names.find(b"\0", name)
            if not 0 <= name < end:
                raise ValueError("a name is not where it should be")
            entries[names[name:end].decode("utf-8", "backslashreplace")] = place
        return entries

    def _symbols(self, tree: int, left: list[int], above: int) -> Iterator[tuple[int, int]]:
        """Yields places of names in the heap, and of object headers in the file.

        `left`: how many more entries and nodes there may be; `above`: the level of the node that led here.
        """
        signature, kind, level, used = self._unpack(_NODE, tree)
        left[0] -= 1
        if signature != b"TREE" or kind != 0 or level >= above or left[0] < 0:
            raise ValueError("a group is broken, or has too many entries")
        for index in range(used):
            (child,) = self._unpack(_PLACE, tree + _NODE.size + 8 + 16 * index)
            yield from self._symbols(child, left, level) if level else self._leaf(child, left)

    def _leaf(self, place: int, left: list[int]) -> Iterator[tuple[int, int]]:
        signature, _, count = self._unpack(_SYMBOLS, place)
        left[0] -= count
        if signature != b"SNOD" or left[0] < 0:
            raise ValueError("a group is broken, or has too many entries")
        for index in range(count):
            name, header, kind = self._unpack(_ENTRY, place + _SYMBOLS.size + 40 * index)
            if kind == _SOFT_LINK:
                raise ValueError("it holds links, which Keras does not write")
            yield name, header

    def _heap(self, place: int) -> bytes:
        signature, _, size, _, start = self._unpack(_HEAP, place)
        if signature != b"HEAP" or size > LONGEST_NAMES:
            raise ValueError("a group is broken")
        return self._bytes(start, size)

    def _messages(self, header: int) -> Iterator[tuple[int, bytes]]:
        """Yields kinds and contents of an object header's messages."""
        version, _, count, _, size = self._unpack(_HEADER, header)
        if version != 1 or count > MOST_MESSAGES:
            raise ValueError("it is an HDF5 file of another form than Keras writes")
        pieces = [(header + 16, size)]
        for place, length in pieces:
            end = place + length
            while count > 0 and place + _MESSAGE.size <= end:
                kind, extent, flags = self._unpack(_MESSAGE, place)
                content = self._bytes(place + _MESSAGE.size, extent)
                place += _MESSAGE.size + extent
                count -= 1
                if kind == _CONTINUATION and len(content) >= _PAIR.size:
                    pieces.append(_PAIR.unpack_from(content))
                elif flags & _SHARED:
                    raise ValueError("it shares descriptions between arrays, which Keras does not")
                else:
                    yield kind, content

    def _unpack(self, form: struct.Struct, place: int) -> tuple[Any, ...]:
        return form.unpack(self._bytes(place, form.size))

    def _bytes(self, place: int, size: int) -> bytes:
        if place + size > len(self._content):
            raise ValueError("it is cut short, or declares more than it holds")
        return self._content[place : place + size]


def _shape(dataspace: bytes) -> tuple[int, ...]:
    """The shape that a dataspace message declares (IV.A.2.b)."""
    version, rank = dataspace[:2] if len(dataspace) >= 8 else (0, 0)
    start = {1: 8, 2: 4}.get(version)
    if start is None or len(dataspace) < start + 8 * rank:
        raise ValueError("the shape of an array cannot be read")
    return struct.unpack_from(f"<{rank}Q", dataspace, start)
