"""Versions of what the program is made of, and packages that do not go together."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, requires, version

from packaging.requirements import Requirement
from packaging.version import Version

from tracker import __version__
from tracker.doctor.findings import Finding, good, note, problem

PROGRAM = "fkd"
OPENCV = "opencv-contrib-python"
OTHER_OPENCVS = ("opencv-python", "opencv-python-headless", "opencv-contrib-python-headless")
REPORTING = "0.10.35"
"""MediaPipe reports usage since this version."""


def system() -> Iterator[Finding]:
    """The program, Python, the system, and which of the program's variables are set."""
    yield good(PROGRAM, __version__, version=__version__)
    where = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield good("Python", f"{platform.python_version()} on {where}", python=platform.python_version(), system=where)
    # Names only: an address among the values may hold a password.
    variables = sorted(name for name in os.environ if name.startswith("FKD_"))
    if variables:
        yield good("environment", f"{', '.join(variables)} set", variables=variables)


def processor() -> Iterator[Finding]:
    """The processor, and how much of it may be used."""
    from tracker.bench import machine

    here = machine()
    name, count = here["processor"], here["processors"]
    yield good("processor", f"{name}, {count} usable", processor=name, usable=count)


def packages() -> Iterator[Finding]:
    """Compares what is installed with what the program requires."""
    versions: dict[str, str] = {}
    for requirement in _requirements():
        name, found = requirement.name, installed(requirement.name)
        again = f'pip install "{name}{requirement.specifier}"'
        if found is None:
            yield problem(name, f"is not installed; {requirement.specifier} is required", again)
            continue
        versions[name] = found
        if requirement.specifier.contains(found, prereleases=True):
            continue
        text = f"{found} is installed; {requirement.specifier} is required"
        if name == "mediapipe" and Version(found) >= Version(REPORTING):
            text += ", for this version reports usage to its maker and cannot be told not to"
        yield problem(name, text, again, version=found, required=str(requirement.specifier))
    if versions:
        yield good("packages", ", ".join(f"{name} {found}" for name, found in versions.items()), versions=versions)
    else:
        yield note("packages", f"{PROGRAM} is not installed, so that its requirements are not known", "pip install fkd")


def opencv() -> Iterator[Finding]:
    """Looks for packages that write the same files as the one that is required."""
    import cv2

    others = [name for name in OTHER_OPENCVS if installed(name) is not None]
    wanted = installed(OPENCV)
    data = {"loaded": cv2.__version__, "installed": wanted, "others": others}
    whole = wanted is not None and wanted.startswith(cv2.__version__)
    if not others and whole:
        yield good("OpenCV", f"{cv2.__version__}, without another of its packages", **data)
        return
    mend = f"pip uninstall -y {' '.join([*others, OPENCV])}; pip install {OPENCV}{f'=={wanted}' if wanted else ''}"
    if not whole:
        text = f"cv2 is {cv2.__version__}, not {OPENCV} {wanted or '(missing)'}"
        yield problem("OpenCV", text + (f"; {', '.join(others)} is installed too" if others else ""), mend, **data)
    else:
        text = f"{', '.join(others)} is installed beside {OPENCV}: both write the same files"
        yield problem("OpenCV", f"{text}, and removing one breaks the other", mend, **data)


def extras() -> Iterator[Finding]:
    """Tells which optional parts are installed."""
    try:
        names = distribution(PROGRAM).metadata.get_all("Provides-Extra") or []
    except PackageNotFoundError:
        return
    there = [name for name in names if not _missing(PROGRAM, name)]
    absent = [name for name in names if name not in there]
    if there:
        yield good("extras", f"installed: {', '.join(there)}", installed=there)
    if absent:
        advice = f'nothing, unless you want one: pip install "{PROGRAM}[{absent[0]}]"'
        yield note("extras", f"not installed: {', '.join(absent)}", advice, absent=absent)


def installed(name: str) -> str | None:
    """The version of a package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _requirements(package: str = PROGRAM, extra: str = "") -> list[Requirement]:
    """What a package requires here, for itself or for one of its extras alone."""
    try:
        found = [Requirement(text) for text in requires(package) or []]
    except PackageNotFoundError:
        return []
    here = [one for one in found if one.marker is None or one.marker.evaluate({"extra": extra})]
    return [one for one in here if not extra or (one.marker is not None and not one.marker.evaluate({"extra": ""}))]


def _missing(package: str, extra: str) -> list[str]:
    """Packages that an extra requires, those of its own requirements' extras too, and that are not installed."""
    missing = []
    for requirement in _requirements(package, extra):
        found = installed(requirement.name)
        if found is None or not requirement.specifier.contains(found, prereleases=True):
            missing.append(requirement.name)
            continue
        for further in requirement.extras:
            missing += _missing(requirement.name, further)
    return missing
