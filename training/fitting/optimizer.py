"""What takes the steps: AdamW, with a learning rate that rises over the first steps and falls along a cosine.

Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
"""

import keras


def adamw(learning_rate: float, steps: int, warm_up: int, weight_decay: float) -> keras.optimizers.Optimizer:
    """Makes the optimizer of a training.

    Args:
        learning_rate: at its highest; it begins with a hundredth of that.
        steps: of the whole training; a training without any counts as one step.
        warm_up: steps in which the rate rises, a tenth of all at most.
        weight_decay: share of the learning rate by which weights shrink at each step.
    """
    steps = max(steps, 1)
    warm_up = min(warm_up, steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 100,
        decay_steps=steps - warm_up,
        warmup_target=learning_rate,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(schedule, weight_decay=weight_decay)
