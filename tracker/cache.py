"""The folder for what may be thrown away, and the only one where something is written that nobody named."""

import os
from pathlib import Path

FOLDER_VARIABLE = "FKD_CACHE"


def folder() -> Path:
    """The folder named by `FKD_CACHE`, else `fkd` in the user's cache folder."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fkd"


def adopt_libraries() -> None:
    """Has Keras and matplotlib keep there what they would put elsewhere into the user's home; before they are loaded.

    Whoever has set their own variables for this keeps them.
    """
    os.environ.setdefault("KERAS_HOME", str(folder() / "keras"))
    os.environ.setdefault("MPLCONFIGDIR", str(folder() / "matplotlib"))
