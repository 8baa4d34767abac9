"""Where a training runs: on one device, on several of this machine, or on those of several machines.

Several machines are described by the environment variable TF_CONFIG, as TensorFlow has it. They go in step: every
device holds the same weights, has its share of each batch, and adds its gradients to those of the others.
"""

import io
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from tracker.errors import InputError, MachineError
from tracker.quiet import quiet_stderr

LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
)
"""What TensorFlow raises when a machine is gone; which of them depends on what it was doing."""


class Devices:
    """The devices of a training. Made once per process, before TensorFlow has computed anything.

    Args:
        choice: `all` (every GPU, or the CPU where there is none), how many GPUs, or a list such as `gpu:0,gpu:1`.
            `cpu:0,cpu:1` makes two devices of one CPU, which is how the rest is tried out without GPUs.

    Attributes:
        strategy: how TensorFlow spreads the work.
        machines: how many take part.
        chief: whether this is the machine that writes files and speaks.

    Raises:
        InputError: there are no such devices here, or TF_CONFIG cannot be used.
    """

    def __init__(self, choice: str = "all") -> None:
        self.machines, self.chief = _cluster(os.environ.get("TF_CONFIG"))
        with quiet_stderr():  # TensorFlow logs that there is no GPU
            chosen = _choose(choice, self.machines)
            self.strategy = self._strategy(chosen)

    def __len__(self) -> int:
        return int(self.strategy.num_replicas_in_sync)

    def _strategy(self, chosen: list[str]) -> Any:
        if self.machines > 1:
            with self.watched():
                return tf.distribute.MultiWorkerMirroredStrategy()
        return tf.distribute.MirroredStrategy(chosen) if len(chosen) > 1 else tf.distribute.get_strategy()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Says in a sentence that another machine is gone.

        Raises:
            MachineError: it is.
        """
        try:
            yield
        except LOST as error:
            if self.machines == 1:
                raise
            raise MachineError(
                "Another machine of this training has ended or cannot be reached; what the chief has written is kept. "
                "Start the same command (fkd train fit with --resume) on every machine to go on."
            ) from error

    def from_chief(self, content: Any) -> Any:
        """Returns what the chief has given, on every machine; waits for all of them.

        Args:
            content: what JSON can hold; it matters on the chief alone.
        """
        return json.loads(self._bytes_from_chief(json.dumps(content).encode()))

    def agree(self, content: Any, what: str) -> None:
        """Sees to it that all machines were given the same.

        Args:
            content: what JSON can hold, of this machine.
            what: its name in the plural, for the sentence.

        Raises:
            InputError: this machine was given something else than the chief.
        """
        if self.from_chief(content) != json.loads(json.dumps(content)):
            raise InputError(f"This machine was given other {what} than the chief.")

    def share(self, variables: Sequence[Any]) -> None:
        """Gives variables the values that they have on the chief."""
        if self.machines == 1:
            return
        file = io.BytesIO()
        np.savez(file, *(variable.numpy() for variable in variables))
        with np.load(io.BytesIO(self._bytes_from_chief(file.getvalue()))) as values:
            for variable, name in zip(variables, values.files, strict=True):
                variable.assign(values[name])

    def _bytes_from_chief(self, content: bytes) -> bytes:
        if self.machines == 1:
            return content
        (size,) = self._sum(np.array([len(content) if self.chief else 0], np.int32))
        words = np.zeros(-(-int(size) // 4), np.int32)
        if self.chief:
            words.view(np.uint8)[: len(content)] = np.frombuffer(content, np.uint8)
        return self._sum(words).tobytes()[: int(size)]

    def _sum(self, numbers: np.ndarray) -> np.ndarray:
        """The sum over machines; of each machine one device takes part with its numbers, the others with zeros."""

        def one() -> Any:
            context = tf.distribute.get_replica_context()
            first = context.replica_id_in_sync_group % (len(self) // self.machines) == 0
            return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.where(first, numbers, tf.zeros_like(numbers)))

        with self.watched():
            return np.asarray(self.strategy.experimental_local_results(self.strategy.run(one))[0])


def _cluster(text: str | None) -> tuple[int, bool]:
    """Reads TF_CONFIG; returns how many machines there are and whether this is the chief."""
    if not text:
        return 1, True
    try:
        config = json.loads(text)
        cluster, kind, index = config["cluster"], config["task"]["type"], int(config["task"]["index"])
        place = list(cluster[kind])[index]
    except (ValueError, KeyError, TypeError, IndexError):
        raise InputError(
            'TF_CONFIG cannot be used; it must be like {"cluster": {"worker": ["one:2222", "two:2222"]}, '
            '"task": {"type": "worker", "index": 0}}.'
        ) from None
    if not set(cluster) <= {"chief", "worker"}:
        raise InputError(f"TF_CONFIG names {', '.join(cluster)}; there can be a chief and workers only.")
    everyone = [*cluster.get("chief", []), *cluster.get("worker", [])]
    return len(everyone), place == everyone[0]


def _choose(choice: str, machines: int) -> list[str]:
    """Shows TensorFlow the chosen devices alone; returns their names."""
    gpus = tf.config.list_physical_devices("GPU")
    if choice == "all" or choice.isdecimal():
        count = len(gpus) if choice == "all" else int(choice)
        if count > max(len(gpus), 1) or (choice != "all" and count < 1):
            raise InputError(f"--devices {choice}: TensorFlow sees {len(gpus)} GPUs here.")
        kind, indices = "gpu", list(range(min(count, len(gpus))))
    else:
        kind, indices = _listed(choice)
    if kind == "gpu":
        if any(index >= len(gpus) for index in indices):
            raise InputError(f"--devices {choice}: TensorFlow sees {len(gpus)} GPUs here.")
        if indices != list(range(len(gpus))):
            tf.config.set_visible_devices([gpus[index] for index in indices], "GPU")
        return [f"GPU:{place}" for place in range(len(indices))]
    if machines > 1 and len(indices) > 1:
        raise InputError(f"--devices {choice}: of several machines each trains on one CPU; name cpu:0.")
    tf.config.set_visible_devices([], "GPU")
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration() for _ in indices])
    return [f"CPU:{place}" for place in range(len(indices))]


def _listed(choice: str) -> tuple[str, list[int]]:
    """Reads a list of devices of one kind."""
    found = [re.fullmatch(r"(gpu|cpu):(\d+)", word.strip().lower()) for word in choice.split(",")]
    named = [(match[1], int(match[2])) for match in found if match is not None]
    if len(named) < len(found) or len({kind for kind, _ in named}) != 1 or len(set(named)) < len(named):
        raise InputError(f"--devices {choice}: it can be all, a number of GPUs, or a list such as gpu:0,gpu:1.")
    return named[0][0], [index for _, index in named]
