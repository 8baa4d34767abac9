"""Turns trained networks into files that run elsewhere: LiteRT in float and in 8 bits, ONNX, and what says how."""

import os

# ONNX Runtime reports to its maker from the moment it is loaded; disable_telemetry_events() comes too late for that.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
