"""Prints how far open the mouth of each face is, from OSC.

pip install python-osc
python examples/osc_receiver.py              # then: fkd-live --camera 0 --send osc://127.0.0.1:9000
"""

import sys
from typing import Any

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

upper: dict[str, float] = {}


def top(address: str, *values: float) -> None:
    upper[address.split("/")[3]] = values[1]


def bottom(address: str, *values: float) -> None:
    face, y = address.split("/")[3], values[1]
    print(f"face {face}: lips {y - upper.get(face, y):.3f} of the picture's height apart", flush=True)


listener: Any = Dispatcher()
listener.map("/fkd/face/*/mouth_center_top_lip", top)
listener.map("/fkd/face/*/mouth_center_bottom_lip", bottom)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
BlockingOSCUDPServer(("127.0.0.1", port), listener).serve_forever()
