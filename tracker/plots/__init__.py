"""Pictures of a points file: when faces were there, what they did, where they went."""

from tracker.plots.figures import write_plots

__all__ = ["write_plots"]
