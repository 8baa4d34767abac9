"""The shipped models: are they the ones that were measured?"""

import hashlib
from collections.abc import Iterator

from tracker.doctor.findings import Finding, good, problem
from tracker.errors import EngineError
from tracker.loading.shipped import SUMS
from tracker.models import models_folder

_AGAIN = "install the package again: pip install --force-reinstall --no-deps fkd"


def models() -> Iterator[Finding]:
    """Compares each shipped file with the hash that was shipped beside it."""
    try:
        folder = models_folder()
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except EngineError as error:
        yield problem("models", str(error), _AGAIN)
        return
    except OSError:
        yield problem("models", f"{SUMS} is missing, so that the models cannot be told from others", _AGAIN)
        return
    for line in lines:
        wanted, name = line.split(maxsplit=1)
        path = folder / name.lstrip("*")
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            yield problem(
                "model", f"{path.name} cannot be read: {error.strerror}", _AGAIN, file=path.name, wanted=wanted
            )
            continue
        data = {"file": path.name, "sha256": found, "wanted": wanted}
        if found == wanted:
            yield good("model", f"{path.name} {found[:12]}", **data)
        else:
            yield problem("model", f"{path.name} is {found[:12]}, not {wanted[:12]} as shipped", _AGAIN, **data)
