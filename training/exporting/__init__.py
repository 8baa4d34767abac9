"""Turns trained networks into files that run elsewhere: LiteRT in float and in 8 bits, ONNX, and what says how."""
