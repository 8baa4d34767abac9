import os
from pathlib import Path

import pytest

from tracker.batch.inputs import find_inputs
from tracker.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Videos in two folders of one folder, pictures, and what is neither."""
    for name in ("a.mp4", "one/b.MOV", "one/c.mkv", "two/b.mov", "two/x.png", "two/y.jpg", "notes.txt", ".hidden.mp4"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "in"


def names(*words: str | Path, **more: object) -> list[str]:
    return [input.name for input in find_inputs(map(str, words), **more)]  # type: ignore[arg-type]


def test_a_folder_stands_for_its_videos_and_each_folder_of_pictures(folder: Path) -> None:
    assert names(folder) == ["a.mp4", "one/b.MOV", "one/c.mkv", "two/pictures", "two/b.mov"]
    assert [input.address for input in find_inputs([str(folder)])][3] == str(folder / "two")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("*.mp4", ["a.mp4"]), ("*/b.*", ["one/b.MOV", "two/b.mov"]), ("**/*.m[ok]v", ["one/c.mkv", "two/b.mov"])],
)
def test_wildcards_are_names_below_what_is_fixed(folder: Path, pattern: str, found: list[str]) -> None:
    assert names(folder / pattern) == found


def test_lists_are_words_by_lines(folder: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"# two of them\n{folder}/a.mp4\n\n{folder}/one/*\n", encoding="utf-8")
    assert names(f"@{listed}") == names(lists=[listed]) == ["a.mp4", "b.MOV", "c.mkv"]
    listed.write_bytes(b"\xef\xbb\xbf" + f"{folder}/a.mp4\r\n".encode())  # as editors on Windows write it
    assert names(f"@{listed}") == ["a.mp4"]


def test_a_list_may_begin_as_windows_begins_texts(folder: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"{folder}/a.mp4\r\n", encoding="utf-8-sig")
    assert names(f"@{listed}") == ["a.mp4"]
    assert Path(find_inputs([], [listed])[0].address).is_file()


def test_an_input_counts_once(folder: Path) -> None:
    assert names(folder / "a.mp4", folder, folder / "a.mp4").count("a.mp4") == 1


def test_equal_names_get_folders_in_front(folder: Path) -> None:
    assert names(folder / "one" / "b.MOV", folder / "two" / "b.mov") == ["one/b.MOV", "two/b.mov"]
    other = folder.parent / "other" / "one" / "b.MOV"
    other.parent.mkdir(parents=True)
    other.touch()
    assert names(folder / "one" / "b.MOV", other, folder / "a.mp4") == ["in/one/b.MOV", "other/one/b.MOV", "a.mp4"]


def test_pictures_of_two_folders_are_two_results(folder: Path) -> None:
    (folder / "one" / "z.png").write_bytes(b"z")
    assert names(folder / "one", folder / "two").count("pictures") == 0
    assert len({name.casefold() for name in names(folder / "one", folder / "two")}) == 5


def test_what_a_file_system_forbids_is_in_no_name(tmp_path: Path) -> None:
    for name in ("a?b.mp4", "a*b.mp4"):
        (tmp_path / name).touch()
    found = names(tmp_path)
    assert len(set(found)) == 2
    assert not any(sign in name for name in found for sign in "?*")


def test_a_mark_changes_with_size_and_time(folder: Path) -> None:
    path = folder / "a.mp4"
    (before,) = find_inputs([str(path)])
    assert find_inputs([str(path)]) == [before]
    os.utime(path, (1, 1))
    (touched,) = find_inputs([str(path)])
    path.write_bytes(b"longer than before")
    (longer,) = find_inputs([str(path)])
    assert len({before.mark, touched.mark, longer.mark}) == 3
    assert longer.size == 18


def test_a_folder_of_pictures_is_marked_by_all_of_them(folder: Path) -> None:
    before = find_inputs([str(folder / "two")])[0]
    (folder / "two" / "new.png").write_bytes(b"new")
    assert find_inputs([str(folder / "two")])[0].mark != before.mark


def test_a_file_that_is_not_there_is_an_input_all_the_same(tmp_path: Path) -> None:
    assert names(tmp_path / "gone.mp4") == ["gone.mp4"]


def test_the_folder_of_results_is_no_input(folder: Path) -> None:
    assert names(folder, without=folder / "one") == ["a.mp4", "two/pictures", "two/b.mov"]
    assert "one/b.MOV" not in names(folder / "**/*", without=folder / "one")
    with pytest.raises(InputError, match="in the folder of the results"):
        names(folder / "*.mp4", without=folder)


def test_addresses_are_listed_by_their_file_system() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for name in ("/set/a.mp4", "/set/deep/b.mov", "/set/notes.txt"):
        memory.pipe(name, name.encode())
    assert names("memory://set/a.mp4") == ["a.mp4"]
    assert names("memory://set") == names("memory://set/") == ["a.mp4", "deep/b.mov"]
    assert names("memory://set/*.mp4") == ["a.mp4"]
    (one,) = find_inputs(["memory://set/a.mp4"])
    assert one.size == 10
    memory.pipe("/set/a.mp4", b"another")
    assert find_inputs(["memory://set/a.mp4"])[0].mark != one.mark


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no inputs"),
        (["nothing*.mp4"], "like nothing"),
        (["@missing.txt"], "missing.txt cannot be read"),
        (["empty"], "neither videos nor pictures"),
        (["nosuch://a.mp4/*"], "nosuch"),
    ],
)
def test_words_for_nothing_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=said):
        find_inputs(words)


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not text"):
        find_inputs([], [tmp_path / "list"])
