"""Reads tables of a flatbuffer with every position checked, before anything reads it that checks none.

Source: Google, "FlatBuffers: Internals" (how tables, vtables, vectors and strings lie in a buffer).
"""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_U16, _I32, _U32 = struct.Struct("<H"), struct.Struct("<i"), struct.Struct("<I")


class Table:
    """A table of a flatbuffer. Fields are named by their number in the schema; those left out have defaults.

    Args:
        content: the whole buffer.
        place: where in it the table is.

    Raises:
        ValueError: there is no table; as do all methods if a field leads out of the buffer.
    """

    def __init__(self, content: bytes, place: int) -> None:
        self._content, self._place = content, place
        self._check(place, 4, 4)
        self._vtable = place - _I32.unpack_from(content, place)[0]
        self._check(self._vtable, 4, 2)
        size, self._size = (_U16.unpack_from(content, self._vtable + offset)[0] for offset in (0, 2))
        if size < 4 or size % 2 or self._size < 4:
            raise ValueError("a table is broken")
        self._check(self._vtable, size, 2)
        self._check(place, self._size, 4)
        self._fields = size // 2 - 2

    def only(self, *known: int) -> None:
        """Raises ValueError if the table has a field that is not among these."""
        for field in range(self._fields):
            if field not in known and self._offset(field):
                raise ValueError("it holds something that no model of ours needs")

    def number(self, field: int, form: str, default: int = 0) -> Any:
        """A number; `form` as in the module struct."""
        size = struct.calcsize(form)
        offset = self._offset(field)
        if not offset:
            return default
        if offset + size > self._size or (self._place + offset) % size:
            raise ValueError("a field leads out of its table")
        return struct.unpack_from(f"<{form}", self._content, self._place + offset)[0]

    def numbers(self, field: int, dtype: str) -> NDArray[Any]:
        """A vector of numbers of a dtype, as a view of the buffer; empty if it is left out."""
        place, count = self._vector(field, np.dtype(dtype).itemsize)
        return np.frombuffer(self._content, dtype, count, place) if count else np.empty(0, dtype)

    def text(self, field: int) -> None:
        """Checks a string, of which nothing else is needed."""
        place, count = self._vector(field, 1)
        if place and self._content[place + count : place + count + 1] != b"\0":
            raise ValueError("a text has no end")

    def table(self, field: int) -> "Table | None":
        """A table; None if it is left out."""
        place = self._indirect(field)
        return Table(self._content, place) if place else None

    def tables(self, field: int, most: int) -> list["Table"]:
        """A vector of at most so many tables."""
        place, count = self._vector(field, 4)
        if count > most:
            raise ValueError(f"it has {count} parts of a kind of which {most} would be many")
        places = [place + 4 * index for index in range(count)]
        return [Table(self._content, each + _U32.unpack_from(self._content, each)[0]) for each in places]

    def _offset(self, field: int) -> int:
        if field >= self._fields:
            return 0
        return int(_U16.unpack_from(self._content, self._vtable + 4 + 2 * field)[0])

    def _indirect(self, field: int) -> int:
        """Where a field leads; 0 if it is left out."""
        offset = self.number(field, "I")
        return self._place + self._offset(field) + offset if self._offset(field) else 0

    def _vector(self, field: int, size: int) -> tuple[int, int]:
        """Where a vector's items are, and how many."""
        place = self._indirect(field)
        if not place:
            return 0, 0
        self._check(place, 4, 4)
        count = _U32.unpack_from(self._content, place)[0]
        self._check(place + 4, count * size, 4)
        return place + 4, count

    def _check(self, place: int, size: int, align: int) -> None:
        if place < 0 or place % align or place + size > len(self._content):
            raise ValueError("it is cut short, or leads out of the file")


def root(content: bytes) -> Table:
    """The table with which a buffer begins."""
    if len(content) < 8:
        raise ValueError("it is cut short")
    return Table(content, _U32.unpack_from(content)[0])
