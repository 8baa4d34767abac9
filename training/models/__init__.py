"""The models of the competition, one file each, and the table that finds them by name."""

from training.models.base import Family, Part, find_family

__all__ = ["Family", "Part", "find_family"]
