"""Images that show the same picture, within the training data and between it and the test images."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset, Faces96
from training.data.duplicates import ALIKE, duplicate_groups, unit_vectors
from training.reports.eda.common import KIND_COLOURS
from training.reports.page import Page
from training.reports.rows import row_name
from training.reports.style import figure, show_face

DOWN, ACROSS = 3, 3
"""Pairs of images in a figure."""
STRICTER = (ALIKE, 0.95, 0.98)
"""Correlations for which the groups are counted, to see how much hangs on the limit."""
LARGEST_MEASURED = 500
"""Members of a group that are compared each with each, at most."""
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images: indices, of a training image and a training or a test image, and their correlation."""

    first: int
    second: int
    likeness: float


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    faces = dataset.training
    counted, groups, matches = [], copies_within(faces.images), matches_in_training(faces, dataset.test)
    for limit in STRICTER:
        found = groups if limit == ALIKE else copies_within(faces.images, limit)
        counted.append(
            {
                "correlation": limit,
                "groups": len(found),
                "images": sum(map(len, found)),
                "largest_group": max(map(len, found), default=0),
                "test_images": sum(match.likeness >= limit for match in matches),
            }
        )
    exact = exact_copies(faces.images)
    pairs = [least_alike(faces.images, members) for members in groups]
    page.section("Duplicates", _text_training(counted[0], len(faces), exact, pairs))
    if groups:
        _draw_training(page, dataset, groups, pairs)
    page.text(_text_test(matches, len(dataset.test)))
    if matches:
        _draw_test(page, dataset, matches)
    if groups or matches:
        page.table(
            ("correlation from", "groups", "images in them", "largest group", "test images like a training image"),
            [(f"{each['correlation']:.2f}", *list(each.values())[1:]) for each in counted],
            f"What counts as the same picture, by the correlation that is asked for. Folds are dealt with {ALIKE}.",
        )
    return {"duplicates": {"alike": counted, "exact_copies": exact}}


def copies_within(images: NDArray[np.uint8], alike: float = ALIKE) -> list[Rows]:
    """Groups images (N, 96, 96) that show the same picture; only groups of two or more, the largest first."""
    groups = duplicate_groups(images, alike)
    order = np.argsort(groups, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
    return sorted((part for part in parts if len(part) > 1), key=len, reverse=True)


def exact_copies(images: NDArray[np.uint8]) -> int:
    """How many images are the same as an earlier one to the last pixel."""
    return sum(count - 1 for count in Counter(image.tobytes() for image in images).values())


def likeness(images: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Correlation of the gray levels of shrunk images (N, 96, 96) and (M, 96, 96): (N, M), -1 to 1."""
    first, second = (unit_vectors(each) for each in (images, others))
    return np.asarray(first @ second.T)


def least_alike(images: NDArray[np.uint8], members: Rows) -> Pair:
    """The two members of a group that are least alike."""
    members = members[:LARGEST_MEASURED]
    table = likeness(images[members], images[members])
    np.fill_diagonal(table, np.inf)  # each with another
    first, second = sorted(np.unravel_index(int(table.argmin()), table.shape))
    return Pair(int(members[first]), int(members[second]), float(table[first, second]))


def matches_in_training(faces: Faces96, test: NDArray[np.uint8]) -> list[Pair]:
    """Finds test images that show the picture of a training image.

    Returns:
        The nearest training image and the index of each such test image, the most alike first.
    """
    if not len(test):
        return []
    table = likeness(test, faces.images)
    nearest, best = table.argmax(axis=1), table.max(axis=1)
    order = np.argsort(-best, kind="stable")
    return [Pair(int(nearest[i]), int(i), float(best[i])) for i in order if best[i] >= ALIKE]


def _draw_training(page: Page, dataset: Dataset, groups: list[Rows], pairs: list[Pair]) -> None:
    chosen = np.unique(np.linspace(0, len(groups) - 1, min(DOWN * ACROSS, len(groups))).round().astype(int))
    tiles = []
    for index in chosen:
        pair = pairs[index]
        tiles.append(_training_tile(dataset, pair.first, f"{len(groups[index])} images"))
        tiles.append(_training_tile(dataset, pair.second, f"{pair.likeness:.2f}"))
    _draw(
        page,
        "duplicates",
        tiles,
        "Pairs from groups of training images, from the largest group to the smallest: the two members that are least "
        "alike, with the size of the group and their correlation.",
    )


def _draw_test(page: Page, dataset: Dataset, matches: list[Pair]) -> None:
    tiles = []
    for pair in matches[: DOWN * ACROSS]:
        tiles.append(_training_tile(dataset, pair.first, ""))
        name = f"test {dataset.test_ids[pair.second]}\n{pair.likeness:.2f}"
        tiles.append((dataset.test[pair.second], None, "black", name))
    _draw(
        page,
        "duplicates_in_test",
        tiles,
        "Pairs of a training image and a test image, the most alike first, with their correlation.",
    )


Tile = tuple[NDArray[np.uint8], NDArray[np.float32] | None, str, str]


def _training_tile(dataset: Dataset, row: int, note: str) -> Tile:
    colour = KIND_COLOURS[dataset.training[row : row + 1].kinds[0]]
    return dataset.training.images[row], dataset.training.points[row], colour, f"{row_name(dataset, row)}\n{note}"


def _draw(page: Page, name: str, tiles: list[Tile], caption: str) -> None:
    down = -(-len(tiles) // (2 * ACROSS))
    widths = ([1, 1, 0.15] * ACROSS)[:-1]
    made, grid = figure(1.82 * down + 0.1, down, len(widths), width_ratios=widths)
    places = [axes for row in grid for column, axes in enumerate(row) if widths[column] == 1]
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, (image, points, colour, title) in zip(places, tiles, strict=False):
        axes.set_axis_on()
        show_face(axes, image, *(() if points is None else ((points, colour, "."),)))
        axes.set_title(title, fontsize=9)
    page.figure(name, made, caption)


def _text_training(counted: dict[str, Any], rows: int, exact: int, pairs: list[Pair]) -> str:
    if not counted["groups"]:
        return "No two training images show the same picture."
    return (
        f"{counted['images']:,} of {rows:,} training images belong to {counted['groups']:,} groups that count as one "
        f"picture: the gray levels of each member correlate with another's by at least {ALIKE}, in whatever light. The "
        f"largest group has {counted['largest_group']:,}, its least alike ones correlate by {pairs[0].likeness:.2f}. "
        f"Copies of an earlier image to the last pixel: {exact:,}. A group is kept in one fold, for a network that has "
        "seen one of two copies is not tested by the other; pictures that are merely alike do no harm there."
    )


def _text_test(matches: list[Pair], images: int) -> str:
    if not images:
        return "There are no test images to compare with."
    if not matches:
        return "No test image is a copy of a training image."
    return (
        f"{len(matches):,} of {images:,} test images correlate with a training image by at least {ALIKE}, the nearest "
        f"by {matches[0].likeness:.2f}. That much may come from the same photograph or from the same pose in the same "
        "light, as the figure shows; only on the former the test score is better than on faces never seen."
    )
