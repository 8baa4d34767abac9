from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from tests.fakes import FakeDetector, FakeEngine, upright_points
from tracker import Faces, Frame, InputError, Settings, Tracker
from tracker.sources.demo import PORTRAIT

BLANK = np.full((480, 640, 3), 128, np.uint8)
DARK = np.zeros((480, 640, 3), np.uint8)


def tracker_of(*centres: tuple[float, float], **settings: float) -> tuple[Tracker, FakeDetector, FakeEngine]:
    """A tracker that sees faces at the centres, in bright frames only."""
    detector = FakeDetector(*centres)
    engine = FakeEngine(lambda crop: 0.9 if crop.mean() > 50 else 0.1)
    return Tracker(detector=detector, engine=engine, settings=Settings(**settings)), detector, engine  # type: ignore[arg-type]


def follow(tracker: Tracker, images: Sequence[np.ndarray], rate: float = 30.0, start: int = 0) -> list[Faces]:
    return [tracker.update(Frame(image, i, i / rate)) for i, image in enumerate(images, start)]


def test_the_fakes_agree_on_where_a_face_is() -> None:
    tracker, _, _ = tracker_of((300, 200))
    (faces,) = follow(tracker, [BLANK])
    assert faces.points[0, :2] == pytest.approx(np.array([[320, 200], [280, 200]]), abs=0.5)


def test_the_detector_rests_while_a_face_is_followed() -> None:
    tracker, detector, engine = tracker_of((300, 200), detect_every=0.5, search_every=0.1)
    seen = follow(tracker, [BLANK] * 60)
    assert all(faces.ids.tolist() == [0] for faces in seen)
    assert detector.calls == pytest.approx(60 / 30 / 0.5 + 1, abs=1)
    assert set(engine.batches[3:]) <= {0, 1}


def test_the_detector_looks_at_every_frame_without_a_face() -> None:
    tracker, detector, _ = tracker_of()
    assert all(len(faces) == 0 for faces in follow(tracker, [BLANK] * 10))
    assert detector.calls == 10


def test_all_faces_of_a_frame_are_one_batch() -> None:
    tracker, _, engine = tracker_of((100, 100), (300, 100), (500, 300))
    follow(tracker, [BLANK] * 3)
    assert engine.batches[-1] == 3


def test_newcomers_are_found_and_get_new_ids() -> None:
    tracker, detector, _ = tracker_of((100, 100))
    follow(tracker, [BLANK] * 10)
    detector.centres.append((400, 300))
    seen = follow(tracker, [BLANK] * 15, start=10)
    assert seen[-1].ids.tolist() == [0, 1]


def test_a_face_covered_for_half_a_second_keeps_its_id() -> None:
    tracker, _, _ = tracker_of((300, 200))
    seen = follow(tracker, [BLANK] * 10 + [DARK] * 15 + [BLANK] * 10)
    assert [len(faces) for faces in seen] == [1] * 10 + [0] * 15 + [1] * 10
    assert seen[-1].ids.tolist() == [0]


def test_a_lost_face_that_comes_back_nearby_keeps_its_id() -> None:
    tracker, detector, _ = tracker_of((300, 200))
    follow(tracker, [BLANK] * 10 + [DARK] * 10)
    detector.centres = [(325, 210)]
    assert follow(tracker, [BLANK] * 5, start=20)[-1].ids.tolist() == [0]


def test_a_lost_face_is_looked_for_where_the_detector_sees_it() -> None:
    def spot(x: int, y: int) -> np.ndarray:
        return np.asarray(cv2.circle(DARK.copy(), (x, y), 30, (255, 255, 255), -1), np.uint8)

    detector = FakeDetector((300, 200))
    engine = FakeEngine(lambda crop: 0.9 if crop[48, 48] > 50 else 0.1)
    tracker = Tracker(detector=detector, engine=engine)
    assert len(follow(tracker, [spot(300, 220)] * 5)[-1]) == 1
    detector.centres = [(345, 200)]  # beyond the middle of the old crop, which is dark now
    seen = follow(tracker, [spot(345, 220)] * 10, start=5)
    assert seen[-1].ids.tolist() == [0]
    assert seen[-1].points[0, :, 0].mean() == pytest.approx(345, abs=2)


def test_a_detection_near_a_face_that_is_seen_is_not_taken_for_a_lost_one() -> None:
    half_dark = BLANK.copy()
    half_dark[:, 352:] = 0
    detector = FakeDetector((300, 200), (360, 200))
    tracker = Tracker(detector=detector, engine=FakeEngine(lambda crop: 0.9 if crop[48, 48] > 50 else 0.1))
    assert follow(tracker, [BLANK] * 10)[-1].ids.tolist() == [0, 1]
    detector.centres = [(345, 200)]  # nearer to the one in the dark
    seen = follow(tracker, [half_dark] * 10, start=10)
    assert all(faces.ids.tolist() == [0] for faces in seen)


def test_a_face_is_forgotten_after_a_while() -> None:
    tracker, _, _ = tracker_of((300, 200), memory=0.5)
    seen = follow(tracker, [BLANK] * 10 + [DARK] * 30 + [BLANK] * 5)
    assert seen[-1].ids.tolist() == [1]


def test_two_detections_of_one_face_are_one_face() -> None:
    tracker, _, _ = tracker_of((300, 200), (304, 202))
    assert [len(faces) for faces in follow(tracker, [BLANK] * 20)] == [1] * 20
    assert len(tracker.detect(BLANK)) == 1


def test_what_the_network_does_not_take_for_a_face_is_none() -> None:
    tracker, _, _ = tracker_of((300, 200))
    assert all(len(faces) == 0 for faces in follow(tracker, [DARK] * 5))
    assert len(tracker.detect(DARK)) == 0


def test_pictures_are_unrelated_to_each_other_and_to_the_stream() -> None:
    tracker, detector, _ = tracker_of((300, 200))
    follow(tracker, [BLANK] * 3)
    before = detector.calls
    seen = [tracker.update(Frame(BLANK, i, i / 30, name=f"{i}.png")).ids.tolist() for i in range(3)]
    assert seen == [[1], [2], [3]]
    assert detector.calls == before + 3
    assert follow(tracker, [BLANK], start=3)[0].ids.tolist() == [0]


def test_there_are_at_most_so_many_faces() -> None:
    tracker, _, _ = tracker_of((100, 100), (300, 100), (500, 300), max_faces=2)
    assert max(len(faces) for faces in follow(tracker, [BLANK] * 20)) == 2
    assert len(tracker.detect(BLANK)) == 2


def bright_at(*places: tuple[int, int]) -> np.ndarray:
    image = DARK.copy()
    for place in places:
        cv2.circle(image, place, 80, (200, 200, 200), -1)
    return image


def test_what_is_no_face_takes_no_face_its_place() -> None:
    tracker, _, _ = tracker_of((100, 100), (500, 300), max_faces=1)
    seen = follow(tracker, [bright_at((500, 300))] * 3)
    assert [faces.points[0, :2, 0].mean() for faces in seen] == pytest.approx([500] * 3, abs=1)


def test_a_newcomer_takes_the_place_of_the_face_that_was_lost_longest_ago() -> None:
    tracker, detector, _ = tracker_of((100, 100), (300, 300), max_faces=2)
    follow(tracker, [bright_at((100, 100), (300, 300))] * 5)
    follow(tracker, [bright_at((300, 300))] * 5, start=5)
    detector.centres.append((500, 100))
    assert follow(tracker, [bright_at((500, 100))] * 10, start=10)[-1].ids.tolist() == [2]
    seen = follow(tracker, [bright_at((300, 300), (500, 100))] * 10, start=20)
    assert seen[-1].ids.tolist() == [1, 2]


def test_ids_of_images_are_their_own() -> None:
    tracker, _, _ = tracker_of((100, 100), (300, 100))
    assert [tracker.detect(BLANK).ids.tolist() for _ in range(2)] == [[0, 1], [2, 3]]


def test_reset_forgets_faces_but_not_ids() -> None:
    tracker, _, _ = tracker_of((300, 200))
    follow(tracker, [BLANK] * 5)
    tracker.reset()
    assert follow(tracker, [BLANK])[0].ids.tolist() == [1]


@pytest.mark.parametrize("times", [[0.0] * 10, [5.0, 4.0, 3.0, 2.0, 1.0], [0.0, 1e6, 1e6 + 0.03]])
def test_a_clock_that_stands_still_or_jumps_does_no_harm(times: list[float]) -> None:
    tracker, _, _ = tracker_of((300, 200))
    for index, time in enumerate(times):
        faces = tracker.update(Frame(BLANK, index, time))
        assert len(faces) == 1
        assert np.isfinite(faces.points).all()


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4, 3), float),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros(4, np.uint8),
        None,
    ],
)
def test_what_is_no_image_is_refused(image: object) -> None:
    tracker, _, _ = tracker_of()
    with pytest.raises(InputError, match="image"):
        tracker.update(Frame(image))  # type: ignore[arg-type]


def test_a_closed_tracker_closed_its_detector() -> None:
    tracker, detector, _ = tracker_of()
    with tracker:
        pass
    assert detector.closed
    image = np.zeros((48, 64, 3), np.uint8)
    for use in (lambda: tracker.detect(image), lambda: tracker.update(Frame(image))):
        with pytest.raises(InputError, match="closed"):
            use()


def test_what_is_no_stream_of_frames_is_refused() -> None:
    tracker, _, _ = tracker_of()
    with pytest.raises(InputError, match="Frame"):
        tracker.update(np.zeros((48, 64, 3), np.uint8))  # type: ignore[arg-type]
    for source in ("clip.mp4", [np.zeros((48, 64, 3), np.uint8)]):
        with pytest.raises(InputError, match="open_source"):
            next(iter(tracker.track(source)))  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"smooth": "silk"}, {"detector": "eagle"}, {"engine": "abacus"}])
def test_an_unknown_option_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(InputError, match=next(iter(options.values()))):
        Tracker(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["colour", "gray", "alpha", "not contiguous", "read only"])
def test_the_portrait_is_found_in_every_kind_of_image(kind: str) -> None:
    portrait = cv2.imread(str(PORTRAIT))
    image = {
        "colour": portrait,
        "gray": cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY),
        "alpha": cv2.cvtColor(portrait, cv2.COLOR_BGR2BGRA),
        "not contiguous": np.asfortranarray(portrait),
        "read only": np.frombuffer(portrait.tobytes(), np.uint8).reshape(portrait.shape),
    }[kind]
    with Tracker() as tracker:
        faces = tracker.detect(image)
    assert len(faces) == 1
    assert faces.points[0, :2] == pytest.approx(np.array([[246, 106], [204, 103]]), abs=5)
    assert faces.scores[0] > 0.8
    mouth = faces.points[0, 11:]
    assert mouth[0, 0] > mouth[1, 0]  # the subject's left is on the right
    assert mouth[2, 1] < mouth[3, 1]


@pytest.mark.parametrize("size", [200, 480, 900])
def test_a_face_that_fills_the_image_is_found(size: int) -> None:
    left, top, side = 184, 85, 80
    close = cv2.resize(cv2.imread(str(PORTRAIT))[top : top + side, left : left + side], (size, size))
    with Tracker() as tracker:
        assert len(tracker.detector.detect(close)) == 0  # not without a border around it
        (points,) = tracker.detect(close).points
    places = (np.array([[246, 106], [204, 103]]) - [left, top]) * size / side
    assert points[:2] == pytest.approx(places, abs=5 * size / side)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (16, 16), (2000, 3), (33, 47)])
def test_odd_sizes_do_no_harm(shape: tuple[int, int]) -> None:
    with Tracker() as tracker:
        assert len(tracker.detect(np.full((*shape, 3), 200, np.uint8))) == 0


def test_upright_points_are_inside_the_crop() -> None:
    assert (upright_points() > 0).all()
    assert (upright_points() < 96).all()
