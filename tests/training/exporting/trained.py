"""Folders of trained runs whose networks have random weights: what an export reads of a training."""

from pathlib import Path

import keras
import numpy as np

from training.data.competition import read_dataset
from training.data.conventions import Heads
from training.data.dataset import Dataset
from training.files import write_arrays, write_json
from training.fitting.options import Options
from training.fitting.run import Run, create_run
from training.models import find_family

SECOND = Heads((10, 14))


def write_trained(
    folder: Path, data: Path, model: str, *, heads: Heads = SECOND, held: int = 30, precision: str = "float32"
) -> tuple[Run, Dataset]:
    """Writes a run of a model with random weights, of which fold 0 held out the first rows; returns it and its data."""
    keras.utils.set_random_seed(3)
    dataset = read_dataset(data)
    run = create_run(folder, Options(model=model, precision=precision), dataset, heads, resume=False)
    for part in find_family(model).parts(heads):
        network = part.build()
        for layer in network.layers:
            if layer.name.endswith("_maps"):  # so that maps have peaks, of which some are sharp
                layer.set_weights([200 * layer.get_weights()[0], layer.get_weights()[1]])
        given = {name: network.output[name] for name in ("points", "maps") if name in network.output}
        path = run.fold_folder(0) / part.name / "best.weights.h5"
        path.parent.mkdir(parents=True)
        keras.Model(network.input, given).save_weights(path)
    write_arrays(run.fold_folder(0) / "predictions.npz", {"rows": np.arange(held)})
    write_json(run.fold_folder(0) / "result.json", {"rmse": 1.0})
    return run, dataset
