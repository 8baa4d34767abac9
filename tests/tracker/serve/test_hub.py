import asyncio
import math
from collections.abc import Callable

import pytest

from tracker.serve import hub as hub_module
from tracker.serve.hub import IN_FLIGHT, MOST_VIEWERS, Hub, Viewer
from tracker.serve.message import Message


def message(serial: int, picture: bytes | None = b"jpeg") -> Message:
    return Message(serial, float(serial), b"{}", picture)


class FakeLoop:
    """Keeps what is to be called."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []

    def call_soon_threadsafe(self, call: Callable[[], None]) -> None:
        self.calls.append(call)


def test_a_viewer_that_is_not_ready_gets_nothing() -> None:
    async def run() -> None:
        hub = Hub(lambda: None, pictures=True)
        with hub.viewer() as viewer:
            assert viewer is not None
            waiting = asyncio.create_task(viewer.next())
            await asyncio.sleep(0)
            viewer.offer(message(1))
            await asyncio.sleep(0)
            assert not hub.wanted().frame
            assert not waiting.done()
            viewer.end()
            assert await waiting is None

    asyncio.run(run())


def test_only_the_newest_frame_waits() -> None:
    async def run() -> None:
        hub = Hub(lambda: None, pictures=True)
        hub.attach(asyncio.get_running_loop())
        with hub.viewer() as viewer:
            assert viewer is not None
            viewer.hear("picture 0")
            waiting = asyncio.create_task(viewer.next())
            await asyncio.sleep(0)
            for serial in range(1, 101):
                viewer.offer(message(serial))
            got = await waiting
            assert got is not None
            assert got.serial == 100

    asyncio.run(run())


def test_the_loop_is_called_once_for_all_that_came_meanwhile() -> None:
    loop = FakeLoop()
    hub = Hub(lambda: None, pictures=True)
    hub.attach(loop)  # type: ignore[arg-type]
    for serial in range(1, 101):
        hub.publish(message(serial))
    assert len(loop.calls) == 1
    loop.calls[0]()
    hub.publish(message(101))
    assert len(loop.calls) == 2


def test_no_more_frames_are_under_way_than_may_be() -> None:
    async def run() -> None:
        hub = Hub(lambda: None, pictures=True)
        with hub.viewer() as viewer:
            assert viewer is not None
            for _ in range(50):
                viewer.hear("picture 0")
            for serial in range(1, IN_FLIGHT + 1):
                assert await offered(viewer, message(serial)) is not None
            assert await offered(viewer, message(IN_FLIGHT + 1)) is None

    asyncio.run(run())


def test_a_frame_is_never_sent_twice() -> None:
    async def run() -> None:
        hub = Hub(lambda: None, pictures=True)
        with hub.viewer() as viewer:
            assert viewer is not None
            viewer.hear("picture 0")
            viewer.hear("picture 0")
            assert await offered(viewer, message(5)) is not None
            assert await offered(viewer, message(5)) is None
            assert await offered(viewer, message(4)) is None

    asyncio.run(run())


def test_who_wants_a_picture_waits_for_one_that_has_it() -> None:
    async def run() -> None:
        hub = Hub(lambda: None, pictures=True)
        with hub.viewer() as viewer:
            assert viewer is not None
            viewer.hear("picture 0")
            assert await offered(viewer, message(1, None)) is None
            viewer.hear("points 0")
            assert await offered(viewer, message(1, None)) is not None

    asyncio.run(run())


def test_where_pictures_are_not_sent_nobody_wants_them() -> None:
    async def run() -> None:
        hub = Hub(lambda: None, pictures=False)
        with hub.viewer() as viewer:
            assert viewer is not None
            viewer.hear("picture 0")
            waiting = asyncio.create_task(viewer.next())
            await asyncio.sleep(0)
            assert hub.wanted() == (True, False)
            waiting.cancel()

    asyncio.run(run())


async def offered(viewer: Viewer, one: Message) -> Message | None:
    """What a viewer takes that waits and is offered a message."""
    waiting = asyncio.create_task(viewer.next())
    await asyncio.sleep(0)
    viewer.offer(one)
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    if done:
        return waiting.result()
    waiting.cancel()
    await asyncio.wait([waiting])
    return None


@pytest.mark.parametrize(
    "text", ["", "picture", "picture -1", "picture x", "pictures 1", "points 1 2", "points " + "9" * 20, "picture ²"]
)
def test_what_a_viewer_should_not_say(text: str) -> None:
    assert not Viewer(lambda: None, pictures=True).hear(text)


def test_latency_is_the_median_from_grab_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        viewer = Viewer(lambda: None, pictures=True)
        viewer.hear("picture 0")
        assert math.isnan(viewer.latency)
        for serial, late in ((1, 0.25), (2, 60.0), (3, 0.5)):
            await offered(viewer, message(serial))
            monkeypatch.setattr(hub_module, "monotonic", lambda now=serial + late: now)
            viewer.hear(f"picture {serial}")
        viewer.hear("picture 3")  # known already
        viewer.hear("picture 77")  # never sent
        assert viewer.latency == 0.5

    asyncio.run(run())


def test_too_many_viewers_and_late_ones_are_sent_away() -> None:
    async def run() -> None:
        hub = Hub(lambda: None, pictures=True)
        entered = [hub.viewer() for _ in range(MOST_VIEWERS)]
        assert all(each.__enter__() for each in entered)
        with hub.viewer() as one_more:
            assert one_more is None
        entered[0].__exit__(None, None, None)
        with hub.viewer() as instead:
            assert instead is not None
        hub.end()
        with hub.viewer() as late:
            assert late is None

    asyncio.run(run())


def test_publishing_after_the_end_does_nothing() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    hub = Hub(lambda: None, pictures=True)
    hub.attach(loop)
    hub.publish(message(1))
