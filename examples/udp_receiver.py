"""Prints where each face's nose is, from JSON datagrams.

python examples/udp_receiver.py                  # then: fkd-live --camera 0 --send udp://127.0.0.1:9001
"""

import json
import socket
import sys

NOSE_TIP = 10

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9001))
while True:
    message = json.loads(receiver.recv(65536))
    for face in message["faces"]:
        x, y = face["points"][NOSE_TIP]
        print(f"frame {message['frame']}, face {face['id']}: nose at {x:.0f}, {y:.0f}", flush=True)
