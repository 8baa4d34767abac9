"""Prints how many faces there are, from a WebSocket.

pip install websockets
fkd-live --camera 0 --send ws://127.0.0.1:8765      # then: python examples/websocket_client.py
"""

import json
import sys

from websockets.sync.client import connect

with connect(sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8765") as server:
    for text in server:
        message = json.loads(text)
        print(f"{message['time']:.2f} s: {len(message['faces'])} faces", flush=True)
