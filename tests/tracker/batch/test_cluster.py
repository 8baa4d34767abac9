"""A Ray cluster of two nodes on this machine, one of which is killed."""

import os
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tracker.batch.cluster import RayWorkers
from tracker.batch.jobs import Input, Options, Outcome, Task, Tell
from tracker.batch.results import Results
from tracker.batch.run import State, run
from tracker.errors import EngineError

pytestmark = pytest.mark.filterwarnings("default")  # Ray is full of what other packages call deprecated
STORE = 80 << 20


class Slow:
    """Notes where it works on what, and waits for a word; what it makes is the input's name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, task: Task, tell: Tell) -> Outcome:  # noqa: ARG002 - nothing to tell
        import ray

        node = ray.get_runtime_context().get_node_id()
        (self._folder / f"{task.input.name} on {node} by {os.getpid()}").touch()
        while not (self._folder / "go").exists():
            time.sleep(0.02)
        made = self._folder / f"made by {os.getpid()}"
        made.write_text(task.input.name, encoding="utf-8")
        return Outcome("done", frames=1, file=made)

    def close(self) -> None:
        pass


class Broken:
    def __init__(self) -> None:
        raise EngineError("There is no engine.")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head and another node, a processor each; usage reports and the dashboard are off."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "num_gpus": 0, "object_store_memory": STORE, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    cluster.other = cluster.add_node(num_cpus=1, num_gpus=0, object_store_memory=STORE)
    yield cluster
    cluster.shutdown()


def test_a_node_that_dies_costs_only_what_it_had_in_hand(cluster: Any, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    inputs = [Input(f"/in/{name}", name, 1, "mark") for name in "abcd"]
    lost = threading.Event()

    def watch(state: State) -> None:  # noqa: ARG001 - the notes say more
        if not lost.is_set() and len(list(notes.glob("* on *"))) == 2:
            lost.set()
            cluster.remove_node(cluster.other)
            (notes / "go").touch()

    with Results(tmp_path / "out", Options()) as results:
        state = run(
            inputs,
            results,
            lambda: RayWorkers(cluster.address, partial(Slow, notes), None, 1),
            threading.Event(),
            watch,
        )
    assert lost.is_set()
    assert not state.broken
    for input in inputs:
        assert (tmp_path / "out" / f"{input.name}.parquet").read_text(encoding="utf-8") == input.name
    tries = [path.name.split()[0] for path in notes.glob("* on *")]
    assert sorted(set(tries)) == ["a", "b", "c", "d"]
    assert len(tries) == 5
    nodes = {path.name.split()[2] for path in notes.glob("* on *")}
    assert len(nodes) == 2


def test_what_no_node_can_do_ends_the_run(cluster: Any, tmp_path: Path) -> None:
    with Results(tmp_path / "out", Options()) as results, pytest.raises(EngineError, match="There is no engine"):
        run(
            [Input("/in/a", "a", 1, "mark")],
            results,
            lambda: RayWorkers(cluster.address, Broken, 1, 1),
            threading.Event(),
        )
