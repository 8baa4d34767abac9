"""The folder for what may be thrown away, and the only one where something is written that nobody named."""

import logging
import os
from pathlib import Path

FOLDER_VARIABLE = "FKD_CACHE"


def folder() -> Path:
    """The folder named by `FKD_CACHE`, else `fkd` in the user's cache folder.

    A user whom the system does not know, as in some containers, has no such folder; what is returned then is none
    either, and every cache is done without.
    """
    if given := os.environ.get(FOLDER_VARIABLE):
        return Path(given)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fkd"
    except RuntimeError:
        return Path(os.devnull) / "fkd"


def adopt_libraries() -> None:
    """Has Keras and matplotlib keep there what they would put elsewhere into the user's home; before they are loaded.

    Whoever has set their own variables for this keeps them. Where the folder cannot be written matplotlib does without,
    and would say so at length.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    os.environ.setdefault("KERAS_HOME", str(folder() / "keras"))
    os.environ.setdefault("MPLCONFIGDIR", str(folder() / "matplotlib"))
