"""`fkd train download`, with a client that answers as Kaggle's does, without a network."""

import errno
import importlib.util
import inspect
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import requests

from tests.training.competition_files import write_competition
from tracker.errors import FkdError, InputError, OutputError
from training.cli.download import download as command
from training.download import CLIENT, COMPETITION, download

LOADED = ["IdLookupTable.csv", "SampleSubmission.csv", "test.zip", "training.zip"]
"""What the competition's archive holds."""


class UnauthenticatedError(Exception):
    def __init__(self, message: str = "User is not authenticated") -> None:
        super().__init__(message)


class DataCorruptionError(Exception):
    pass


class KaggleApiHTTPError(requests.HTTPError):
    def __init__(self, message: str, response: requests.Response | None = None) -> None:
        super().__init__(message, response=response)


class FakeClient(ModuleType):
    """Writes the archive's files into the output folder, or fails at it, as loudly as the real one."""

    def __init__(self, archive: Path) -> None:
        super().__init__(CLIENT)
        self.archive = archive
        self.failure: BaseException | None = None
        self.begun = False
        self.mounted: Path | None = None
        self.calls: list[str] = []
        self.exceptions = SimpleNamespace(
            UnauthenticatedError=UnauthenticatedError,
            DataCorruptionError=DataCorruptionError,
            KaggleApiHTTPError=KaggleApiHTTPError,
        )

    def competition_download(
        self,
        handle: str,
        path: str | None = None,
        *,
        force_download: bool | None = False,
        output_dir: str | None = None,
    ) -> str:
        assert path is None
        assert output_dir is not None
        print("Downloading ...")
        sys.stderr.write("50%|#####     |\n")
        self.calls.append(handle)
        if self.mounted is not None:
            return str(self.mounted)
        if self.begun or self.failure is None:
            if Path(output_dir).exists() and force_download:
                shutil.rmtree(output_dir)
            Path(output_dir, ".complete").mkdir(parents=True)
            Path(output_dir, f"{COMPETITION}.archive").write_bytes(b"half")
        if self.failure is not None:
            raise self.failure
        Path(output_dir, f"{COMPETITION}.archive").unlink()
        shutil.copytree(self.archive, output_dir, dirs_exist_ok=True)
        return output_dir


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(write_competition(tmp_path_factory.mktemp("archive"), first=3, second=2, test=2))


def pack(folder: Path) -> Path:
    """Packs the two large tables, as the competition does; returns the folder."""
    for stem in ("training", "test"):
        with zipfile.ZipFile(folder / f"{stem}.zip", "w") as packed:
            packed.write(folder / f"{stem}.csv", f"{stem}.csv")
        (folder / f"{stem}.csv").unlink()
    (folder / "SampleSubmission.csv").write_text("RowId,Location\n1,0\n", encoding="utf-8")
    return folder


@pytest.fixture
def client(archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeClient:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path / "cache"))
    made = FakeClient(archive)
    monkeypatch.setitem(sys.modules, CLIENT, made)
    return made


def answer(status: int) -> KaggleApiHTTPError:
    response = requests.Response()
    response.status_code = status
    return KaggleApiHTTPError(f"{status} Client Error:\n\nyou don't have permission", response=response)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_files_are_fetched_read_and_put_where_they_belong(client: FakeClient, tmp_path: Path) -> None:
    dataset, files = download(tmp_path / "a" / "data")
    assert client.calls == [COMPETITION]
    assert names(tmp_path / "a" / "data") == LOADED == [file.name for file in files]
    assert all(file.read_bytes() == (client.archive / file.name).read_bytes() for file in files)
    assert (len(dataset.training), len(dataset.test)) == (5, 2)
    assert dataset.asked is not None
    assert dataset.source == (tmp_path / "a" / "data").resolve()


def test_the_command_says_what_it_did_and_the_client_nothing(
    client: FakeClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(out=tmp_path / "data", overwrite=False)
    said = capsys.readouterr()
    *written, last = said.out.splitlines()
    assert written == [f"written: {tmp_path / 'data' / name}" for name in LOADED]
    assert last == "5 training rows, 2 test images, 34 values asked for"
    assert said.err == ""
    command(out=tmp_path / "data", overwrite=False)
    assert capsys.readouterr().out.splitlines() == [
        f"already there: {tmp_path / 'data'} (--overwrite fetches the files again)",
        last,
    ]
    assert len(client.calls) == 1


@pytest.mark.parametrize("packed", [True, False])
def test_files_that_are_there_are_read_without_a_client(
    client: FakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packed: bool
) -> None:
    folder = write_competition(tmp_path / "data", first=7, second=0)
    if packed:
        with zipfile.ZipFile(folder / f"{COMPETITION}.zip", "w") as outer:
            for file in list(folder.glob("*.csv")):
                outer.write(file, file.name)
                file.unlink()
    monkeypatch.setitem(sys.modules, CLIENT, None)
    before = names(folder)
    dataset, files = download(folder)
    assert (len(dataset.training), files, names(folder), client.calls) == (7, [], before, [])


def test_overwriting_leaves_no_old_table_that_a_reader_would_prefer(client: FakeClient, tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=7, second=0)
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    dataset, _ = download(folder, overwrite=True)
    assert len(dataset.training) == 5
    assert len(download(folder)[0].training) == 5
    assert names(folder) == [*LOADED[:2], "notes.txt", *LOADED[2:]]
    assert len(client.calls) == 1


def test_files_that_cannot_be_read_are_not_taken_for_being_there(client: FakeClient, tmp_path: Path) -> None:
    (tmp_path / "training.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"left_eye_center_x is missing.*; --overwrite fetches the files again\.$"):
        download(tmp_path)
    (tmp_path / "training.csv").rename(tmp_path / "test.csv")
    with pytest.raises(OutputError, match=r"test\.csv exists; --overwrite replaces it"):
        download(tmp_path)
    assert client.calls == []


def test_the_folder_of_a_face_set_is_refused(client: FakeClient, tmp_path: Path) -> None:
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "faces.csv").write_text("file\n", encoding="utf-8")
    with pytest.raises(OutputError, match="holds a face set"):
        download(tmp_path, overwrite=True)
    assert client.calls == []


def test_mounted_files_are_copied(client: FakeClient, tmp_path: Path) -> None:
    client.mounted = pack(write_competition(tmp_path / "input", first=4, second=0))
    dataset, _ = download(tmp_path / "data")
    assert len(dataset.training) == 4
    assert names(tmp_path / "data") == LOADED == names(client.mounted)


@pytest.mark.parametrize("how", ["without a client", "without credentials"])
def test_what_is_missing_is_said_with_the_way_by_hand(
    client: FakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str
) -> None:
    if how == "without a client":
        monkeypatch.setitem(sys.modules, CLIENT, None)
    client.failure = UnauthenticatedError()
    sentence = refusal(tmp_path / "data", InputError)
    assert ("is not installed" if how == "without a client" else "no Kaggle credentials") in sentence
    for word in (
        'pip install "fkd[kaggle]"',
        "https://www.kaggle.com/settings/api",
        "~/.kaggle/access_token",
        "KAGGLE_API_TOKEN",
        f"https://www.kaggle.com/c/{COMPETITION}/data (accept the rules)",
        "--data",
    ):
        assert word in sentence


REFUSED = [
    (answer(401), "does not accept the credentials"),
    (answer(403), f"accept the rules at https://www.kaggle.com/c/{COMPETITION}/rules"),
    (answer(429), "asked too often"),
    (answer(503), "status 503"),
    (answer(200), "Client Error: you don't have permission"),
    (KaggleApiHTTPError("no answer at all"), "no answer at all"),
    (requests.ConnectionError("Failed to resolve 'api.kaggle.com'"), "cannot be reached"),
    (requests.ConnectTimeout(), "cannot be reached"),
    (ValueError("Invalid Kaggle credentials file at kaggle.json"), "Invalid Kaggle credentials file at kaggle.json"),
    (OSError(errno.EACCES, "Permission denied", "/home/me/.kaggle/kaggle.json"), "failed (Permission denied)"),
    (RuntimeError(), "failed (RuntimeError)"),
    (SystemExit(1), "failed (1)"),
]


@pytest.mark.parametrize(("failure", "words"), REFUSED)
def test_a_refusal_is_one_sentence(client: FakeClient, tmp_path: Path, failure: BaseException, words: str) -> None:
    client.failure = failure
    assert words in refusal(tmp_path / "data", InputError)


BROKEN = [
    (requests.exceptions.ChunkedEncodingError("Connection broken"), InputError, "broke off and nothing was kept"),
    (requests.ConnectionError("Read timed out."), InputError, "broke off and nothing was kept"),
    (DataCorruptionError("MD5"), InputError, "damaged"),
    (zipfile.BadZipFile("File is not a zip file"), InputError, "damaged"),
    (OSError(errno.ENOSPC, "No space left on device"), OutputError, "is full; make room"),
]


@pytest.mark.parametrize(("failure", "kind", "words"), BROKEN)
def test_what_broke_off_leaves_nothing_half_written(
    client: FakeClient, tmp_path: Path, failure: BaseException, kind: type[FkdError], words: str
) -> None:
    client.failure, client.begun = failure, True
    assert words in refusal(tmp_path / "data", kind)
    folder = write_competition(tmp_path / "kept", first=7, second=0)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(kind):
        download(folder, overwrite=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_interruption_passes_and_leaves_nothing(client: FakeClient, tmp_path: Path) -> None:
    client.failure, client.begun = KeyboardInterrupt(), True
    with pytest.raises(KeyboardInterrupt):
        download(tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_what_a_killed_download_left_is_no_hindrance(client: FakeClient, tmp_path: Path) -> None:
    (tmp_path / ".part").mkdir()
    (tmp_path / ".part" / "training.csv").write_text("half", encoding="utf-8")
    assert len(download(tmp_path)[0].training) == 5
    assert ".part" not in names(tmp_path)
    assert len(client.calls) == 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "training.zip").unlink(), f"{COMPETITION} holds no training.csv"),
        (lambda folder: (folder / "training.zip").write_bytes(b"PK"), "training.zip is not a zip"),
        (lambda folder: (folder / "IdLookupTable.csv").write_text("RowId\n"), "the column ImageId is missing"),
    ],
)
def test_what_came_is_checked_before_it_replaces_anything(
    client: FakeClient, tmp_path: Path, spoil: Callable[[Path], object], words: str
) -> None:
    client.archive = Path(shutil.copytree(client.archive, tmp_path / "spoilt"))
    spoil(client.archive)
    sentence = refusal(tmp_path / "data", InputError)
    assert sentence.startswith("What came from Kaggle cannot be used: ")
    assert words in sentence
    assert ".part" not in sentence


def test_a_folder_that_cannot_be_written_is_named(client: FakeClient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert "file cannot be written" in refusal(tmp_path / "file", OutputError)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"
    assert len(client.calls) == 1


def refusal(folder: Path, kind: type[FkdError]) -> str:
    """What the download into a folder is refused with, after which nothing may be left of it."""
    with pytest.raises(kind) as caught:
        download(folder)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert ". " not in sentence
    assert not folder.is_dir()
    assert kind.exit_code == 2
    return sentence


def test_nothing_of_the_client_is_imported_before_it_is_needed() -> None:
    code = f"import sys, training.cli.download, training.download; print({{{CLIENT!r}, 'requests'}} & {{*sys.modules}})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "set()\n"


@pytest.mark.skipif(
    importlib.util.find_spec(CLIENT) is None and not os.environ.get("FKD_CI"),
    reason=f"{CLIENT} is not installed, so the fake client cannot be compared with it.",
)
def test_the_fake_client_is_like_the_real_one(archive: Path) -> None:
    real, fake = importlib.import_module(CLIENT), FakeClient(archive)
    assert inspect.signature(fake.competition_download) == inspect.signature(real.competition_download)
    for name, kind in vars(fake.exceptions).items():
        of_real = getattr(real.exceptions, name)
        assert kind.__bases__ == of_real.__bases__
        assert inspect.signature(kind.__init__) == inspect.signature(of_real.__init__)
    assert str(UnauthenticatedError()) == str(real.exceptions.UnauthenticatedError())
