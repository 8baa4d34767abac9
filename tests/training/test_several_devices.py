"""Training over several devices: two logical processors stand in for two GPUs."""

import os
import subprocess
import sys
from pathlib import Path

from tests.training.competition_files import write_competition

PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
import tensorflow as tf
processor, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
from training.data.competition import read_dataset
from training.data.conventions import Heads
from training.fitting import train
from training.fitting.fold import fold_of_rows, train_fold
from training.fitting.run import create_run
from training.models import find_family
both = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert both.num_replicas_in_sync == 2
train.strategy = lambda: both
data, out = map(Path, sys.argv[1:])
dataset = read_dataset(data)
options = replace(find_family("baseline").options, epochs=3, batch=8, averaging=0.5)
folds = fold_of_rows(dataset, options)

class Stop(Exception):
    pass

def stop(self, epoch, logs=None):
    whole(self, epoch, logs)
    raise Stop

whole, train.Checkpoint.on_epoch_end = train.Checkpoint.on_epoch_end, stop
try:
    train_fold(create_run(out, options, dataset, Heads(), resume=False), dataset, folds, 0, verbose=0)
except Stop:
    train.Checkpoint.on_epoch_end = whole
result = train_fold(create_run(out, options, dataset, Heads(), resume=True), dataset, folds, 0, verbose=0)
print("rmse", result["rmse"])
"""


def test_a_run_over_two_devices_learns_and_goes_on_after_a_stop(tmp_path: Path) -> None:
    data = write_competition(tmp_path / "data", first=60, second=0)
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(data), str(tmp_path / "run")],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"FKD_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    history = (tmp_path / "run/fold-0/joint/history.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in history[1:]] == ["0.0", "1.0", "2.0"]
    first, last = (float(history[row].split(",")[-1]) for row in (1, -1))
    assert last < 0.8 * first
