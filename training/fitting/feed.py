"""How batches reach the devices: each device makes and gets its own rows of every batch."""

from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from training.fitting.devices import Devices

Images = NDArray[np.float32]
Targets = NDArray[np.float32]


class Supply(Protocol):
    """Batches of an epoch. What is in a row depends on seed, epoch, step and row alone, not on who asks for it.

    Attributes:
        epoch: the epoch whose batches are made.
    """

    epoch: int

    def __len__(self) -> int:
        """How many batches there are."""

    def size(self, step: int) -> int:
        """How many rows a batch has, at least one."""

    def rows(self, step: int, rows: NDArray[np.int64]) -> tuple[Images, Targets]:
        """Makes rows of a batch: images (n, 96, 96, 1), gray levels 0 to 255, and targets (n, K, 3)."""


class Given:
    """Rows that are there already, in batches that are the same in every epoch: those of validation."""

    epoch = 0

    def __init__(self, images: Images, targets: Targets, batch: int = 256) -> None:
        self.images, self.targets, self.batch = images, targets, batch

    def __len__(self) -> int:
        return -(-len(self.images) // self.batch)

    def size(self, step: int) -> int:
        """See `Supply`."""
        return min(self.batch, len(self.images) - step * self.batch)

    def rows(self, step: int, rows: NDArray[np.int64]) -> tuple[Images, Targets]:
        """See `Supply`."""
        chosen = step * self.batch + rows
        return self.images[chosen], self.targets[chosen]


def feed(supply: Supply, devices: Devices, points: int) -> Any:
    """Makes a data set of what the devices of this machine work on, step by step.

    Args:
        supply: the batches; its `epoch` counts when an iteration begins.
        devices: who works.
        points: K, how many points a target has.

    Returns:
        A data set of images, targets and what a row of them weighs in its batch: 1 through the batch's rows, or 0 where
        a batch has fewer rows than there are devices and this one has none of its own.
    """
    count = len(devices)
    plain = tf.autograph.experimental.do_not_convert

    def one_machine(context: Any) -> Any:
        here = count // context.num_input_pipelines
        first = context.input_pipeline_id * here

        def make(number: int) -> tuple[Images, Targets, np.float32]:
            step, place = divmod(int(number), here)
            size = supply.size(step)
            own = np.arange(first + place, size, count)
            images, targets = supply.rows(step, own if len(own) else np.zeros(1, np.int64))
            return images, targets, np.float32(1 / size if len(own) else 0)

        def shaped(number: Any) -> Any:
            images, targets, share = tf.numpy_function(make, [number], (tf.float32, tf.float32, tf.float32))
            images.set_shape((None, CROP_SIZE, CROP_SIZE, 1))
            targets.set_shape((None, points, 3))
            share.set_shape(())
            return images, targets, share

        numbers = tf.data.Dataset.range(len(supply) * here)
        # tuning has nothing to tune here, and keeps the end of an epoch waiting for seconds now and then
        untuned = tf.data.Options()
        untuned.autotune.enabled = False
        return (
            numbers.map(plain(shaped), num_parallel_calls=2, deterministic=True)
            .prefetch(2 * here)
            .with_options(untuned)
        )

    return devices.strategy.distribute_datasets_from_function(plain(one_machine))
