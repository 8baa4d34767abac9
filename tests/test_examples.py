"""The examples are programs, and the one for Ray Serve names what the installed Ray has."""

import ast
import asyncio
import importlib.util
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_compiles(path: Path) -> None:
    compile(path.read_text(encoding="utf-8"), path.name, "exec")


def parameters(file: str, function: str) -> set[str]:
    """Names of what a function of Ray Serve takes, from its text: to import it needs its servers."""
    spec = importlib.util.find_spec("ray")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse((Path(spec.origin).parent / "serve" / file).read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    assert found
    return {each.arg for each in (*found[-1].args.args, *found[-1].args.kwonlyargs)}


class Request:
    """What Ray Serve gives a deployment, as far as the example uses it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def body(self) -> bytes:
        return self._content


def test_ray_serve_finds_the_faces_of_pictures_and_none_in_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """With decorators that leave classes and functions as they are, and take note of what they are given."""
    given: dict[str, dict[str, Any]] = {}

    def decorator(name: str) -> Callable[..., Callable[[Any], Any]]:
        def taking(**options: Any) -> Callable[[Any], Any]:
            def unchanged(decorated: Any) -> Any:
                if name == "deployment":
                    decorated.bind = classmethod(lambda cls: cls)
                return decorated

            given[name] = options
            return unchanged

        return taking

    ray, serve = ModuleType("ray"), ModuleType("ray.serve")
    ray.__dict__["serve"] = serve
    serve.__dict__.update(deployment=decorator("deployment"), batch=decorator("batch"))
    monkeypatch.setitem(sys.modules, "ray", ray)
    deployed = runpy.run_path(str(ROOT / "examples" / "ray_serve.py"))["app"]()
    monkeypatch.undo()
    portrait = (ROOT / "tracker" / "assets" / "astronaut.jpg").read_bytes()
    with deployed.tracker:
        found = asyncio.run(deployed([Request(each) for each in (portrait, b"", b"no picture", portrait)]))
    assert [len(faces) for faces in found] == [1, 0, 0, 1]
    assert len(found[0][0]["points"]) == 15
    assert found[0] == found[3]
    assert set(given["deployment"]) <= parameters("api.py", "deployment")
    assert set(given["batch"]) <= parameters("batching.py", "batch")
