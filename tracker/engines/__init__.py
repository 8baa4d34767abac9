"""Engines: what runs the keypoint network on a batch of crops. LiteRT on a CPU, Keras on a GPU."""

from tracker.engines.base import ENGINES, Engine, open_engine

__all__ = ["ENGINES", "Engine", "open_engine"]
