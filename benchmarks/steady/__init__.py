"""Steadiness and lag of points over time: clips with known truth, what is measured on them, and figures."""
