"""Which cameras there are, and which may not be opened."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tracker.doctor.findings import Finding, good, note
from tracker.doctor.private import unowned
from tracker.sources.cameras import list_cameras

DEVICES = Path("/dev")
_RIGHTS = {
    "linux": "connect one; in a container, pass it on with --device /dev/video0; or try fkd-live --demo",
    "darwin": "connect one, and allow the terminal to use it (System Settings, Privacy); or try fkd-live --demo",
    "win32": "connect one, and let desktop apps use it (Settings, Privacy); or try fkd-live --demo",
}


def cameras() -> Iterator[Finding]:
    """Lists the cameras without opening them. Their paths are left out: some hold a serial number."""
    found = list_cameras()
    if not found:
        yield note("camera", "the system tells of none", _RIGHTS.get(sys.platform, "try fkd-live --demo"))
    for camera in found:
        modes = camera.modes()
        sizes = f", up to {modes[-1].width}x{modes[-1].height}" if modes else ""
        name = unowned(camera.name)
        yield good(
            "camera",
            f"{camera.index}: {name} ({camera.backend_name}{sizes})",
            index=camera.index,
            name=name,
            backend=camera.backend_name,
            modes=[[mode.width, mode.height, mode.rate] for mode in modes],
        )
    closed = [path.name for path in sorted(DEVICES.glob("video*")) if not os.access(path, os.R_OK | os.W_OK)]
    if sys.platform == "linux" and closed:
        yield note(
            "camera rights",
            f"this user may not open {', '.join(closed)}",
            "add the user to the group that owns it: sudo usermod -aG video $USER, then log in again",
            devices=closed,
        )
