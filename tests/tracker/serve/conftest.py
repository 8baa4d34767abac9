"""A page that is served while a test runs."""

from collections.abc import Iterator

import pytest

from tracker.serve.address import Address
from tracker.serve.sink import ServeSink


@pytest.fixture
def sink() -> Iterator[ServeSink]:
    with ServeSink(Address("127.0.0.1", 0)) as served:
        yield served


@pytest.fixture
def points_only() -> Iterator[ServeSink]:
    with ServeSink(Address("127.0.0.1", 0), pictures=False) as served:
        yield served
