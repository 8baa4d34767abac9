"""Whether a window can be shown."""

import os
from collections.abc import Iterator

from tracker.doctor.child import ChildError, ask_child
from tracker.doctor.findings import Finding, good, note, problem
from tracker.doctor.private import anonymous
from tracker.window import has_display

_WITHOUT = "go without: fkd-live --no-window --record FILE.mp4"


def display() -> Iterator[Finding]:
    """Opens a window for a moment, in a process of its own: OpenCV ends the one whose window cannot be opened."""
    import cv2

    framework = cv2.currentUIFramework()
    server = next((name for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)), None)
    data = {"framework": framework, "server": server}
    if not has_display():
        text = "there is none: neither DISPLAY nor WAYLAND_DISPLAY is set"
        yield note("window", text, f"{_WITHOUT}; over SSH, connect with ssh -X", **data)
        return
    try:
        ask_child("window")
    except ChildError as error:
        yield problem(
            "window", f"OpenCV opens none ({framework or 'no toolkit'}): {anonymous(str(error))}", _WITHOUT, **data
        )
    else:
        yield good("window", f"OpenCV opens one ({', '.join(filter(None, (framework, server)))})", **data)
