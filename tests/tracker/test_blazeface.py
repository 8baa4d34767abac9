import numpy as np
import pytest

from tracker.blazeface import INPUT_SIZE, _shrink


@pytest.mark.parametrize(
    ("size", "factor"), [((480, 640), 2), ((720, 1280), 4), ((1081, 1923), 6), ((1000, 1700), 5), ((200, 639), 1)]
)
def test_the_detector_is_given_means_of_whole_pixels(size: tuple[int, int], factor: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    small = _shrink(image)
    height, width = size[0] // factor, size[1] // factor
    assert max(height, width) >= INPUT_SIZE
    blocks = image[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    assert small.shape == (height, width, 3)
    assert np.abs(small - blocks.mean(axis=(1, 3))).max() <= 1
