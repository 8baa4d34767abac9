"""What is to be closed in the end, by `close` or by a `with`."""

from types import TracebackType
from typing import Self


class Closing:
    """Makes a class with `close` a context manager."""

    def close(self) -> None:
        """Frees or completes what is held; may be called twice."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
