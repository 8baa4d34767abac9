"""What a file from a stranger may reach: nothing but itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tracker.faults.canary import Canary, RawServer
from tests.tracker.test_sources import write_video
from tracker import CameraError, InputError, open_source
from tracker.sources import container
from tracker.sources.camera import Camera

SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
MPD = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" codecs="avc1"><BaseURL>{}'
    "</BaseURL></Representation></AdaptationSet></Period></MPD>"
)
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{}\n#EXT-X-ENDLIST\n"
PLAYLISTS = {
    "HLS": HLS,
    "HLS with a key": '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-KEY:METHOD=AES-128,URI="{0}"\n#EXTINF:5,\n{0}\n',
    "HLS of HLS": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n",
    "ffconcat": "ffconcat version 1.0\nfile '{}'\n",
    "SDP": SDP,
    "DASH": MPD,
    "ASX": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
    "PLS": "[playlist]\nFile1={}\nNumberOfEntries=1\n",
    "a name": "{}",
}
SUFFIXES = (".mp4", ".m3u8", ".ts", ".mkv", ".txt")


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    with Canary() as server:
        yield server


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_is_refused_and_reaches_nothing(tmp_path: Path, canary: Canary, kind: str, suffix: str) -> None:
    path = tmp_path / f"list{suffix}"
    for address in (
        f"http://{canary.address}/a.ts",
        f"concat:http://{canary.address}/a.ts|http://{canary.address}/b.ts",
    ):
        path.write_text(PLAYLISTS[kind].replace("{}", address).replace("{0}", address), encoding="utf-8")
        with pytest.raises(InputError, match=r"cannot be read as a video|of no kind"):
            open_source(path)
    assert canary.asked == []


@pytest.mark.parametrize("kind", ["HLS", "HLS of HLS", "ffconcat"])
def test_a_playlist_that_were_read_would_still_reach_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Canary, kind: str
) -> None:
    monkeypatch.setattr(container, "FORMATS", "hls,concat")
    path = tmp_path / "list.m3u8"
    path.write_text(PLAYLISTS[kind].replace("{}", f"http://{canary.address}/a.ts"), encoding="utf-8")
    with pytest.raises(InputError):
        open_source(path)
    assert canary.asked == []


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("form", ["{}", "file:{}", "concat:{}", "subfile,,start,0,end,0,,:{}"])
def test_a_playlist_shows_no_other_file(tmp_path: Path, kind: str, form: str) -> None:
    secret = tmp_path / "secret.ts"
    write_video(secret, [i / 30 for i in range(3)])
    path = tmp_path / "list.m3u8"
    name = form.replace("{}", str(secret))
    path.write_text(PLAYLISTS[kind].replace("{}", name).replace("{0}", name), encoding="utf-8")
    with pytest.raises(InputError):
        open_source(path)


@pytest.mark.parametrize("name", ["http:{}", "concat:clip.mp4|clip.mp4", "tcp:{}", "%03d.mp4", "pipe:0", "-i.mp4"])
def test_a_files_name_is_only_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Canary, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = name.replace("{}", f"//{canary.address}/a.mp4")
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_video(tmp_path / "clip.mp4", [i / 30 for i in range(5)])
    (tmp_path / "clip.mp4").replace(path)
    with open_source(path) as source:
        assert len(list(source)) == 5
    assert canary.asked == []


@pytest.mark.parametrize(
    "address", ["file://{}", "concat://{}", "concat:http://{}", "crypto+file://{}", "data://text/plain,x", "://{}"]
)
def test_what_is_no_address_of_the_network_is_no_stream(tmp_path: Path, address: str) -> None:
    path = tmp_path / "clip.ts"
    write_video(path, [0.0])
    for what in (open_source, Camera):
        with pytest.raises(CameraError, match="A stream cannot begin with"):
            what(address.replace("{}", str(path)))


@pytest.mark.parametrize("way", ["http", "tcp"])
@pytest.mark.parametrize(
    "form", ["file://{}", "file:{}", "{}", "concat:{}", "concat:file:{}", "subfile,,start,0,end,0,,:{}"]
)
def test_a_stream_reaches_no_file_of_this_machine(tmp_path: Path, form: str, way: str) -> None:
    secret = tmp_path / "secret.ts"
    write_video(secret, [i / 30 for i in range(30)])
    content = HLS.replace("{}", form.replace("{}", str(secret)))
    with Canary({"/list.m3u8": content.encode()}) as server, RawServer(content.encode()) as raw:
        address = f"http://{server.address}/list.m3u8" if way == "http" else f"tcp://{raw.address}/list.m3u8"
        with pytest.raises(CameraError, match="does not open"):
            Camera(address)
        assert "/list.m3u8" in server.asked or raw.asked


def test_a_stream_reaches_what_its_playlist_names_on_the_network(tmp_path: Path) -> None:
    clip = tmp_path / "clip.ts"
    write_video(clip, [i / 30 for i in range(30)])
    with (
        Canary({"/list.m3u8": HLS.replace("{}", "clip.ts").encode(), "/clip.ts": clip.read_bytes()}) as server,
        Camera(f"http://{server.address}/list.m3u8") as camera,
    ):
        assert next(iter(camera)).size == (160, 120)
    assert "OPENCV_FFMPEG_CAPTURE_OPTIONS" not in os.environ
