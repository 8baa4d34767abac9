from pathlib import Path

import cv2
import pytest

from tests.browser import chromium, visit
from tests.cli.test_video import one_sentence
from tests.conftest import Run


def test_a_plot_of_what_the_tracker_wrote(run: Run, clip: Path, tmp_path: Path) -> None:
    assert run("fkd", "video", clip, "--points", "points.parquet", "--measures").returncode == 0
    result = run("fkd", "plot", "points.parquet")
    assert result.returncode == 0, result.stderr
    assert "60 faces under 1 id, in 60 frames." in result.stdout
    assert cv2.imread(str(tmp_path / "points.png")).std() > 5
    assert "--overwrite" in one_sentence(run("fkd", "plot", "points.parquet"))
    assert run("fkd", "plot", "points.parquet", "--out", "page.html").returncode == 0
    with chromium() as browser:
        for width, dark in ((1200, False), (390, True)):
            with visit(browser, tmp_path / "page.html", width=width, dark=dark) as seen:
                assert seen.page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
                assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
                assert seen.complaints == []


@pytest.mark.parametrize("words", [["missing.csv"], ["points.docx"], ["coco.json"]])
def test_what_cannot_be_read_is_said(run: Run, tmp_path: Path, words: list[str]) -> None:
    assert words[0] in one_sentence(run("fkd", "plot", *words))
    assert list(tmp_path.glob("*.png")) == []


def test_a_plot_of_another_kind_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("", encoding="utf-8")
    assert "a.svg" in one_sentence(run("fkd", "plot", "a.csv", "--out", "a.svg"))
    assert not (tmp_path / "a.svg").exists()
