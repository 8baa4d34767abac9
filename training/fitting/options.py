"""How a model is trained: everything that decides the result, in one record that a run folder keeps."""

from dataclasses import dataclass

from tracker.errors import InputError

CHOICES = {
    "loss": ("mse", "huber", "wing"),
    "missing": ("mask", "fill", "drop"),
    "conventions": ("apart", "together"),
    "augment": ("none", "flip", "moderate", "strong"),
    "precision": ("auto", "float32", "mixed_float16", "mixed_bfloat16"),
}
LARGEST_SEED = 2**32 - 1
"""That of numpy, which Keras sets too."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a model is trained.

    Attributes:
        model: the family's name.
        loss: `mse`, `huber` or `wing`, of the labelled coordinates.
        augment: which augmentation, see `training.augment_crops`.
        missing: what happens to missing cells: `mask`, `fill` or `drop`.
        conventions: `apart` gives a keypoint that the two conventions place differently an output for each; `together`
            masks what is missing and no more.
        epochs: passes over the training rows, at most.
        batch: rows per step.
        learning_rate: of AdamW at the top of its course, which rises over the first steps and falls by a cosine.
        averaging: how much of the mean of the weights is kept at each step, 0 to 1; 0: no mean is taken.
        patience: epochs without a better validation score after which training ends; 0 for never.
        folds: how many folds the rows are dealt into; one is held out for validation.
        seed: of the weights, the order and the augmentation.
        precision: of the arithmetic; `auto` is mixed float16 on a GPU and float32 elsewhere.
    """

    model: str
    loss: str = "mse"
    augment: str = "flip"
    missing: str = "mask"
    conventions: str = "apart"
    epochs: int = 60
    batch: int = 64
    learning_rate: float = 1e-3
    averaging: float = 0.0
    patience: int = 0
    folds: int = 10
    seed: int = 0
    precision: str = "auto"

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(f"--{name} cannot be {getattr(self, name)!r}; it can be {', '.join(choices)}.")
        for name, lowest in (("epochs", 1), ("batch", 1), ("patience", 0), ("folds", 2), ("seed", 0)):
            if getattr(self, name) < lowest:
                raise InputError(f"--{name} cannot be {getattr(self, name)}; it must be at least {lowest}.")
        if self.seed > LARGEST_SEED:
            raise InputError(f"--seed cannot be {self.seed}; it must be at most {LARGEST_SEED}.")
        if not 0 <= self.averaging < 1:
            raise InputError(f"--averaging cannot be {self.averaging}; it must be at least 0 and below 1.")
        if not 0 < self.learning_rate < 1:
            raise InputError(f"--learning-rate cannot be {self.learning_rate}; it must be between 0 and 1.")
