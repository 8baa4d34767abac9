"""The live loop: of one source, and of several at once."""

from tracker.live.loop import run_live
from tracker.live.many import run_many
from tracker.live.openings import Opening
from tracker.live.options import LiveOptions

__all__ = ["LiveOptions", "Opening", "run_live", "run_many"]
