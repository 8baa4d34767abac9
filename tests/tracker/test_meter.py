import numpy as np
import pytest

from tracker import Faces, meter
from tracker.meter import Meter, Rate, number_of


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the meter reads, in a list of one."""
    now = [5.0]
    monkeypatch.setattr(meter, "monotonic", lambda: now[0])
    return now


def test_the_rate_is_that_of_the_frames_however_uneven(clock: list[float]) -> None:
    rate = Rate()
    assert rate.count() == 0
    for index in range(200):
        clock[0] += 0.01 if index % 2 else 0.09
        last = rate.count()
    assert last == pytest.approx(20, rel=0.1)


def test_the_rate_follows_a_change(clock: list[float]) -> None:
    rate = Rate()
    for between, expected in ((0.05, 20), (0.01, 100)):
        for _ in range(100):
            clock[0] += between
            last = rate.count()
        assert last == pytest.approx(expected, rel=0.01)


def test_a_meter_shows_rate_and_latency_and_says_what_was_seen(clock: list[float]) -> None:
    shown = Meter(_started=clock[0])
    for index in range(100):
        clock[0] += 0.02 if index % 2 else 0.06
        shown.count(Faces.empty(), latency=0.03)
    assert shown.rate == pytest.approx(25, rel=0.1)
    assert shown.latency == pytest.approx(0.03)
    assert shown.summary() == "100 frames (100 with 0 faces), 0 ids, 25 frames per second"


@pytest.mark.parametrize(("count", "said"), [(0, "0 frames"), (1, "1 frame"), (2, "2 frames")])
def test_one_is_one(count: int, said: str) -> None:
    assert number_of(count, "frame") == said


def test_each_id_is_counted_once_also_after_it_was_away(clock: list[float]) -> None:
    shown = Meter(_started=clock[0])
    for ids in ([0], [], [0, 2], [2, 3, 7], [0], [7]):
        clock[0] += 0.5
        count = len(ids)
        shown.count(
            Faces(np.zeros((count, 15, 2)), np.ones((count, 15)), np.zeros((count, 4)), np.ones(count), np.array(ids)),
            latency=0.0,
        )
    assert shown.ids == 4
    assert shown.summary().endswith("(1 with 0, 3 with 1, 1 with 2, 1 with 3 faces), 4 ids, 2 frames per second")
