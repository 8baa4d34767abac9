"""What a shell offers for an option's value. It must come at once: OpenCV is not loaded where it can be spared."""

import sys
from collections.abc import Iterator
from pathlib import Path

DEVICES = Path("/sys/class/video4linux")


def complete_camera(incomplete: str) -> list[tuple[str, str]]:
    """Offers cameras by their indices and, where one word tells a camera from all others, by that.

    Args:
        incomplete: what is typed so far.

    Returns:
        Words with the whole name of the camera.
    """
    cameras = sorted(_cameras())
    offered = []
    for index, name in cameras:
        others = [other.casefold() for number, other in cameras if number != index]
        words = (word for word in name.split() if not word.isdecimal())
        telling = (word for word in words if not any(word.casefold() in other for other in others))
        offered += [(str(index), name), *((word, name) for word in [next(telling, "")] if word)]
    typed = incomplete.casefold()
    return [(incomplete + word[len(incomplete) :], name) for word, name in offered if word.casefold().startswith(typed)]


def _cameras() -> Iterator[tuple[int, str]]:
    """Indices and names of cameras, from the system's own files on Linux."""
    if sys.platform != "linux":
        from tracker.sources.cameras import list_cameras

        yield from ((camera.index, camera.name) for camera in list_cameras())
        return
    for device in DEVICES.glob("video*"):
        try:
            name, place = ((device / file).read_text(encoding="utf-8").strip() for file in ("name", "index"))
        except OSError:
            continue
        if place == "0":  # the others of the same camera give no pictures
            yield int(device.name.removeprefix("video")), name
