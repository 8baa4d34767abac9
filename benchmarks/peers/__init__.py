"""Peers that the tracker is measured against, each in an environment of its own."""
